package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os/exec"
)

// This file has the two hook tools that the charm uses itself.

// options are those of config.yaml.
type options struct {
	Version string  `json:"version"`
	Policy  string  `json:"policy"`
	WarmUp  float64 `json:"warm-up"`
}

func readOptions(ctx context.Context) (options, error) {
	var given options
	text, err := exec.CommandContext(ctx, "config-get", "--format=json").Output()
	if err == nil {
		err = json.Unmarshal(text, &given)
	}
	if err != nil {
		err = fmt.Errorf("config-get: %w", err)
	}
	return given, err
}

// setStatus sets what `juju status` shows of this unit.
func setStatus(ctx context.Context, status, message string) error {
	if err := exec.CommandContext(ctx, "status-set", status, message).Run(); err != nil {
		return fmt.Errorf("status-set: %w", err)
	}
	return nil
}
