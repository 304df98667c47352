// Package goops is the host of a charm on the framework github.com/gruyaume/goops: its hook tools are run by that framework's
// command runner, in the forms of arguments that the framework itself uses. So a charm's tests with goopstest see the locks, too.
//
// It imports nothing of the framework; a charm hands over what it has:
//
//	import (
//		"github.com/gruyaume/goops"
//
//		coordinator "github.com/charm-coordinator/charm-coordinator/bindings/go"
//		locks "github.com/charm-coordinator/charm-coordinator/bindings/go/goops"
//	)
//
//	func Configure() error {
//		host, err := locks.NewHost(goops.GetCommandRunner(), goops.GetEnvGetter(), "coordinator")
//		if err != nil {
//			return err
//		}
//		return coordinator.Run(context.Background(), host, func(ctx context.Context, c *coordinator.Coordinator) error {
//			if goops.ReadEnv().HookName == "config-changed" {
//				if _, err := c.Acquire(ctx, "restart"); err != nil {
//					return err
//				}
//			}
//			if c.Granted("restart") {
//				return restart(ctx)
//			}
//			return nil
//		}, coordinator.WithPolicy("serial"))
//	}
//
// Call it last: what it writes is the end of the hook. Values are written as arguments, since the framework's runner gives no
// standard input, and so none may have more than 131,071 bytes.
package goops

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"os/exec"
	"slices"
	"strings"

	coordinator "github.com/charm-coordinator/charm-coordinator/bindings/go"
)

// CommandRunner is goops.CommandRunner.
type CommandRunner interface {
	Run(name string, args ...string) ([]byte, error)
}

// EnvironmentGetter is the part of goops.EnvironmentGetter that is needed.
type EnvironmentGetter interface {
	Get(name string) string
}

// NewHost gives the host of the hook that runs now. Grants are kept in the application databag, since the framework knows no
// leader settings: units in other languages on Juju 3.6 must be told to keep them there, too.
//
// relation names the peer relation. Outside a hook the error is a *[coordinator.HostError] "no_hook".
func NewHost(runner CommandRunner, env EnvironmentGetter, relation string) (*coordinator.JujuHost, error) {
	return coordinator.NewJujuHost(
		coordinator.WithRelation(relation),
		coordinator.WithStore(coordinator.StoreApplication),
		coordinator.WithEnvironment(env.Get),
		coordinator.WithRunTool(func(_ context.Context, tool string, args []string, input string) (string, error) {
			return run(runner, tool, args, input)
		}),
	)
}

func run(runner CommandRunner, tool string, args []string, input string) (string, error) {
	given, err := translate(tool, args, input)
	if err != nil {
		return "", err
	}
	output, err := runner.Run(tool, given...)
	if err != nil {
		return "", failure(tool, args, err)
	}
	return string(output), nil
}

// translate puts arguments as the framework does: -r=ID, key=value in place of standard input, the format last.
func translate(tool string, args []string, input string) ([]string, error) {
	if tool == "juju-log" {
		// Of "-l LEVEL -- MESSAGE".
		return []string{"--log-level=" + args[1], args[3]}, nil
	}
	var given, last []string
	for at := 0; at < len(args); at++ {
		switch {
		case args[at] == "-r":
			at++
			given = append(given, "-r="+args[at])
		case args[at] == "--format=json":
			last = []string{args[at]}
		case args[at] == "--file":
			at++
		default:
			given = append(given, args[at])
		}
	}
	if input != "" {
		var values map[string]string
		if err := json.Unmarshal([]byte(input), &values); err != nil {
			return nil, &coordinator.HookToolError{Tool: tool, Args: args, ExitCode: -1, Stderr: err.Error()}
		}
		for _, key := range slices.Sorted(maps.Keys(values)) {
			given = append(given, key+"="+values[key])
		}
	}
	return append(given, last...), nil
}

// failure keeps the exit code; a runner for tests has none to give, and says what Juju's tool would say.
func failure(tool string, args []string, err error) error {
	failed := &coordinator.HookToolError{Tool: tool, Args: args, ExitCode: -1, Stderr: err.Error()}
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		failed.ExitCode = exit.ExitCode()
	} else if strings.Contains(err.Error(), "ERROR ") {
		failed.ExitCode = 1
	}
	return failed
}
