package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// This file has the server that the charm manages: a process that outlives the hook which started it.

const patience = time.Minute

// service is the server of one unit; directory keeps its process id and its port, which it has for life, warmUp is in seconds.
type service struct {
	directory string
	warmUp    float64
}

// Not the default client: it would ask a proxy for what is on this machine.
var client = &http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: 5 * time.Second}

// version is what the server answers; "" if there is none that answers.
func (s service) version(ctx context.Context) string {
	port := s.read("server.port")
	if port == 0 {
		return ""
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, fmt.Sprintf("http://127.0.0.1:%d/", port), nil)
	if err != nil {
		return ""
	}
	response, err := client.Do(request)
	if err != nil {
		return ""
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		return ""
	}
	return string(text)
}

// start starts the server unless it runs, and waits until it answers this version.
func (s service) start(ctx context.Context, version string) error {
	if s.version(ctx) == "" {
		program, err := os.Executable()
		if err != nil {
			return err
		}
		port, warmUp := strconv.Itoa(s.read("server.port")), strconv.FormatFloat(s.warmUp, 'f', -1, 64)
		server := exec.Command(program, "serve", version, port, s.directory, warmUp)
		server.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
		if err := server.Start(); err != nil {
			return err
		}
	}
	return s.until(ctx, version)
}

// stop stops the server and waits until nothing listens any more.
func (s service) stop(ctx context.Context) error {
	pid := s.read("server.pid")
	if pid == 0 || s.version(ctx) == "" {
		return nil
	}
	if err := syscall.Kill(pid, syscall.SIGTERM); err != nil {
		return err
	}
	return s.until(ctx, "")
}

func (s service) until(ctx context.Context, version string) error {
	deadline := time.Now().Add(patience)
	for s.version(ctx) != version {
		if time.Now().After(deadline) {
			return fmt.Errorf("the server did not become %q", version)
		}
		time.Sleep(10 * time.Millisecond)
	}
	return nil
}

// read gives a number in a file; 0 if it is not there.
func (s service) read(name string) int {
	text, err := os.ReadFile(filepath.Join(s.directory, name))
	if err != nil {
		return 0
	}
	number, _ := strconv.Atoi(strings.TrimSpace(string(text)))
	return number
}
