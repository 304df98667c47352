# The server that the charm manages: a process that outlives the hook which started it. The files server.pid and server.port
# keep its process id and its port, which it has for life.

number_in() { # 0 if the file is not there
  cat "$1" 2>/dev/null || echo 0
}

server_version() { # what the server answers; nothing if there is none that answers
  local port line answer=
  port=$(number_in server.port)
  [ "$port" != 0 ] || return 0
  { exec 3<>"/dev/tcp/127.0.0.1/$port"; } 2>/dev/null || return 0
  {
    printf 'GET / HTTP/1.0\r\n\r\n' >&3
    while IFS= read -r line <&3 && [ "$line" != $'\r' ]; do :; done
    IFS= read -r answer <&3 || true # it does not end in a newline
  } 2>/dev/null
  exec 3>&-
  printf %s "$answer"
}

until_server_is() {
  local deadline=$((SECONDS + 60))
  while [ "$(server_version)" != "$1" ]; do
    if [ "$SECONDS" -gt "$deadline" ]; then
      echo "the server did not become '$1'" >&2
      return 1
    fi
    sleep 0.01
  done
}

start_server() { # unless it runs
  if [ -z "$(server_version)" ]; then
    setsid server serve "$1" "$(number_in server.port)" "$PWD" "$(config-get warm-up)" </dev/null >/dev/null 2>&1 &
  fi
  until_server_is "$1"
}

stop_server() {
  [ -n "$(server_version)" ] || return 0
  kill "$(number_in server.pid)"
  until_server_is ""
}
