package coordinator

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"os/exec"
	"strings"
)

// This file has hook tools as functions: run one, read its JSON, and refuse what Juju would never say.

// RunTool runs a hook tool with arguments and standard input, and gives its standard output. An error is a *[HookToolError].
type RunTool func(ctx context.Context, tool string, args []string, input string) (string, error)

func runTool(ctx context.Context, tool string, args []string, input string) (string, error) {
	command := exec.CommandContext(ctx, tool, args...)
	var stdout, stderr bytes.Buffer
	command.Stdout, command.Stderr = &stdout, &stderr
	if input != "" {
		command.Stdin = strings.NewReader(input)
	}
	err := command.Run()
	if err == nil {
		return stdout.String(), nil
	}
	failed := &HookToolError{Tool: tool, Args: args, ExitCode: -1, Stderr: stderr.String()}
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		failed.ExitCode = exit.ExitCode()
	}
	if failed.Stderr == "" {
		failed.Stderr = err.Error()
	}
	return "", failed
}

// tools are hook tools with their answers checked.
type tools struct{ run RunTool }

func (t tools) json(ctx context.Context, into any, expected, tool string, args ...string) error {
	output, err := t.run(ctx, tool, append([]string{"--format=json"}, args...), "")
	if err != nil {
		return err
	}
	if json.Unmarshal([]byte(output), into) != nil {
		return unexpected(tool, expected, output)
	}
	return nil
}

func (t tools) values(ctx context.Context, tool string, args ...string) (Values, error) {
	var found map[string]*string
	if err := t.json(ctx, &found, "strings by key", tool, args...); err != nil {
		return nil, err
	}
	values := Values{}
	for key, value := range found {
		if value == nil {
			return nil, unexpected(tool, "strings by key", "null for "+key)
		}
		values[key] = *value
	}
	return values, nil
}

func (t tools) strings(ctx context.Context, tool string, args ...string) ([]string, error) {
	var found []*string
	if err := t.json(ctx, &found, "a list of strings", tool, args...); err != nil {
		return nil, err
	}
	items := []string{}
	for _, item := range found {
		if item == nil {
			return nil, unexpected(tool, "a list of strings", "null")
		}
		items = append(items, *item)
	}
	return items, nil
}

// write gives false if the tool refused because this unit does not lead, which it says by one of these texts.
func (t tools) write(ctx context.Context, refusals []string, tool string, args []string, input string) (bool, error) {
	_, err := t.run(ctx, tool, args, input)
	var failed *HookToolError
	if errors.As(err, &failed) {
		for _, refusal := range refusals {
			if strings.Contains(failed.Stderr, refusal) {
				return false, nil
			}
		}
	}
	return err == nil, err
}

func (t tools) isLeader(ctx context.Context) (bool, error) {
	var leader *bool
	if err := t.json(ctx, &leader, "true or false", "is-leader"); err != nil {
		return false, err
	}
	if leader == nil {
		return false, unexpected("is-leader", "true or false", "null")
	}
	return *leader, nil
}

func unexpected(tool, expected, found string) error {
	return &HostError{"bad_output", tool + " gave " + beginning(found, 80) + "; expected " + expected}
}
