// The sample charm in Go: an HTTP server in each unit, restarted for a new version only while its unit holds the lock restart.
//
// It is one static binary, which Juju runs as dispatch for every event; with the argument serve it is the server.
package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	coordinator "github.com/charm-coordinator/charm-coordinator/bindings/go"
)

func main() {
	run := dispatch
	if len(os.Args) > 1 && os.Args[1] == "serve" {
		run = func(context.Context) error { return serve(os.Args[2:]) }
	}
	if err := run(context.Background()); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func dispatch(ctx context.Context) error {
	options, err := readOptions(ctx)
	if err != nil {
		return err
	}
	host, err := coordinator.NewJujuHost()
	if err != nil {
		return err
	}
	charm := &charm{
		event:   filepath.Base(os.Getenv("JUJU_DISPATCH_PATH")),
		version: options.Version,
		service: service{directory: os.Getenv("JUJU_CHARM_DIR"), warmUp: options.WarmUp},
	}
	// What the operator attaches or configures under the name coordinator-policy goes before the option policy.
	swap := coordinator.WithSwap(coordinator.NewPolicySource())
	return coordinator.Run(ctx, host, charm.run, coordinator.WithOperatorPolicy(options.Policy), swap)
}

type charm struct {
	event   string
	version string
	service service
}

func (c *charm) run(ctx context.Context, locks *coordinator.Coordinator) error {
	if err := c.handle(ctx, locks); err != nil {
		return err
	}
	return locks.WhenGranted(ctx, "restart", c.restart)
}

func (c *charm) handle(ctx context.Context, locks *coordinator.Coordinator) error {
	switch c.event {
	case "start":
		// The first start takes nothing away from anybody, so it needs no lock.
		if err := c.service.start(ctx, c.version); err != nil {
			return err
		}
		return setStatus(ctx, "active", "serves version "+c.version)
	case "config-changed":
		if serves := c.service.version(ctx); serves == "" || serves == c.version {
			return nil
		}
		held, err := locks.Acquire(ctx, "restart")
		if held || err != nil {
			return err
		}
		return setStatus(ctx, "waiting", "waits for restart to version "+c.version)
	case "stop":
		return c.service.stop(ctx)
	default:
		return nil
	}
}

// restart runs in the hook in which the lock is held: perhaps that of config-changed, perhaps a later one. If it fails, or is
// killed, the unit keeps the lock and tries again, so it must be able to run twice.
func (c *charm) restart(ctx context.Context) error {
	if c.service.version(ctx) != c.version {
		if err := setStatus(ctx, "maintenance", "restart: to version "+c.version); err != nil {
			return err
		}
		if err := c.service.stop(ctx); err != nil {
			return err
		}
		if err := c.service.start(ctx, c.version); err != nil {
			return err
		}
	}
	return setStatus(ctx, "active", "serves version "+c.version)
}
