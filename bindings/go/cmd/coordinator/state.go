package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	coordinator "github.com/charm-coordinator/charm-coordinator/bindings/go"
)

// This file keeps what the runs in one hook have in common: in a file in the charm's directory, which belongs to the hook whose
// JUJU_CONTEXT_ID it names, and is overwritten by the next one.

const fileName = ".coordinator-hook"

// state is the content of the file.
type state struct {
	Context string          `json:"context"`
	Options startOptions    `json:"options"`
	Hook    json.RawMessage `json:"hook,omitempty"`
	// Failure is what went wrong in this hook; nothing goes on after it.
	Failure string `json:"failure,omitempty"`
}

// running is the hook that goes on.
type running struct {
	coordinator *coordinator.Coordinator
	options     startOptions
}

func start(ctx context.Context, options startOptions) error {
	host, err := coordinator.NewJujuHost(options.jujuOptions()...)
	if err != nil {
		return err
	}
	started, err := coordinator.New(host, options.options()...)
	if err != nil {
		return err
	}
	begun := &running{started, options}
	if err := started.Start(ctx); err != nil {
		return errors.Join(err, begun.fail(err))
	}
	return begun.keep()
}

func resume() (*running, error) {
	var kept state
	text, err := os.ReadFile(file())
	if errors.Is(err, fs.ErrNotExist) || err == nil && (json.Unmarshal(text, &kept) != nil || kept.Context != contextID()) {
		return nil, &coordinator.UsageError{Code: "bad_order", Message: "coordinator start was not called in this hook"}
	}
	if err != nil {
		return nil, fmt.Errorf("%s cannot be read: %w", fileName, err)
	}
	if kept.Failure != "" {
		return nil, fmt.Errorf("it failed before in this hook: %s", kept.Failure)
	}
	host, err := coordinator.NewJujuHost(kept.Options.jujuOptions()...)
	if err != nil {
		return nil, err
	}
	resumed, err := coordinator.Resume(host, kept.Hook)
	if err != nil {
		return nil, err
	}
	return &running{resumed, kept.Options}, nil
}

// keep lets the next run go on.
func (r *running) keep() error {
	hook, err := r.coordinator.Suspend()
	if err != nil {
		return err
	}
	return r.write(state{Hook: hook})
}

// fail lets every later run in this hook fail: a script may not have looked at the exit code.
func (r *running) fail(reason error) error { return r.write(state{Failure: reason.Error()}) }

// write replaces the file as a whole: a run that is killed leaves no half of it.
func (r *running) write(kept state) error {
	kept.Context, kept.Options = contextID(), r.options
	text, err := json.Marshal(kept)
	if err != nil {
		return err
	}
	unfinished := file() + ".new"
	if err := os.WriteFile(unfinished, text, 0o600); err != nil {
		return fmt.Errorf("%s cannot be written: %w", fileName, err)
	}
	return os.Rename(unfinished, file())
}

func contextID() string { return os.Getenv("JUJU_CONTEXT_ID") }

func file() string {
	for _, name := range []string{"JUJU_CHARM_DIR", "CHARM_DIR"} {
		if directory := os.Getenv(name); directory != "" {
			return filepath.Join(directory, fileName)
		}
	}
	return fileName
}
