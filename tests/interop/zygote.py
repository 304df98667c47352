"""Runs hooks of Python units, each in a fork of this process, in which everything is imported already.

``zygote.py PORT``: a job is a line of JSON on standard input. Its fork connects to 127.0.0.1:PORT,
says which job it is, and from then on every hook tool is a line there and back.
"""

import gc
import json
import os
import signal
import socket
import sys
import traceback

import rolling

sys.dont_write_bytecode = True


class Juju:
    """The local Juju's side of one hook."""

    def __init__(self, port: int, job: str):
        self._stream = socket.create_connection(('127.0.0.1', port)).makefile('rw')
        self._say({'job': job})

    def call(self, name: str, arguments: list[str]) -> tuple[int, str, str]:
        """Runs a hook tool: exit code, standard output, standard error."""
        self._say({'tool': name, 'arguments': arguments})
        line = self._stream.readline()
        if not line:
            os._exit(1)
        answer = json.loads(line)
        return answer['exitCode'], answer['stdout'], answer['stderr']

    def end(self, exit_code: int, error: str) -> None:
        """The hook is over."""
        self._say({'exit': exit_code, 'error': error})

    def _say(self, message: object) -> None:
        self._stream.write(json.dumps(message) + '\n')
        self._stream.flush()


def run(port: int, job: dict) -> None:
    """Runs one hook in a fork."""
    juju = Juju(port, job['job'])
    try:
        os.environ.clear()
        os.environ.update(job['environment'])
        os.chdir(os.environ['JUJU_CHARM_DIR'])
        # What a hook prints is Juju's log, and nobody reads it here.
        sys.stdout = sys.stderr = open(os.devnull, 'w')
        rolling.run(job['library'], job['policy'], job['serves'], juju.call)
        juju.end(0, '')
    except BaseException:
        juju.end(1, traceback.format_exc())


def main() -> None:
    """Forks for each job until there are no more."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    port = int(sys.argv[1])
    rolling.warm_up()
    # A fork lives for some milliseconds, and is to copy no more pages than it must.
    gc.freeze()
    gc.disable()
    print('ready', flush=True)
    for line in sys.stdin:
        if os.fork() == 0:
            sys.stdin.close()
            run(port, json.loads(line))
            os._exit(0)


if __name__ == '__main__':
    main()
