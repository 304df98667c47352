package main

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"time"
)

// serve is the server: dispatch serve VERSION PORT DIRECTORY WARM-UP answers VERSION on 127.0.0.1 after so many seconds. Port 0
// is any that is free.
func serve(args []string) error {
	if len(args) != 4 {
		return fmt.Errorf("serve takes VERSION PORT DIRECTORY WARM-UP, not %d arguments", len(args))
	}
	version, port, directory := args[0], args[1], args[2]
	warmUp, err := strconv.ParseFloat(args[3], 64)
	if err != nil {
		return err
	}
	if err := writeNumber(filepath.Join(directory, "server.pid"), os.Getpid()); err != nil {
		return err
	}
	time.Sleep(time.Duration(warmUp * float64(time.Second)))
	listener, err := net.Listen("tcp", "127.0.0.1:"+port)
	if err != nil {
		return err
	}
	taken := listener.Addr().(*net.TCPAddr).Port
	if err := writeNumber(filepath.Join(directory, "server.port"), taken); err != nil {
		return err
	}
	return http.Serve(listener, http.HandlerFunc(func(response http.ResponseWriter, _ *http.Request) {
		response.Header().Set("Connection", "close")
		_, _ = io.WriteString(response, version)
	}))
}

// writeNumber replaces the file as a whole: nobody reads half a number.
func writeNumber(file string, number int) error {
	unfinished := file + ".new"
	if err := os.WriteFile(unfinished, []byte(strconv.Itoa(number)), 0o644); err != nil {
		return err
	}
	return os.Rename(unfinished, file)
}
