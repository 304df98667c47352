package coordinator_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	coordinator "github.com/charm-coordinator/charm-coordinator/bindings/go"
)

var ctx = context.Background()

// The test of a charm, without Juju: three units restart, one after another.
func Example() {
	var restarted []string
	charm := func(hook coordinator.Hook) func(context.Context, *coordinator.Coordinator) error {
		return func(ctx context.Context, c *coordinator.Coordinator) error {
			if hook.Name() == "config-changed" {
				if _, err := c.Acquire(ctx, "restart"); err != nil { // held now, or in a later hook
					return err
				}
			}
			if c.Granted("restart") {
				restarted = append(restarted, hook.Unit()) // may run twice, never beside another unit's
			}
			return nil
		}
	}

	application := coordinator.NewMemoryApplication(3)
	for _, event := range []string{"config-changed", "update-status", "update-status"} {
		for _, unit := range application.Units() {
			host := application.Hook(unit, event)
			if err := coordinator.Run(ctx, host, charm(host.Hook()), coordinator.WithPolicy("serial")); err != nil {
				fmt.Println(err)
			}
			if err := host.Commit(); err != nil {
				fmt.Println(err)
			}
		}
	}
	fmt.Println(restarted)
	// Output: [app/0 app/1 app/2]
}

func restart(context.Context) error { return nil }

// A whole charm: Juju runs this program for every event.
func ExampleRun() {
	charm := func(ctx context.Context, c *coordinator.Coordinator) error {
		if filepath.Base(os.Getenv("JUJU_DISPATCH_PATH")) == "config-changed" {
			if _, err := c.Acquire(ctx, "restart"); err != nil {
				return err
			}
		}
		if c.Granted("restart") {
			return restart(ctx)
		}
		return nil
	}

	host, err := coordinator.NewJujuHost()
	if err == nil {
		err = coordinator.Run(ctx, host, charm, coordinator.WithPolicy("serial"))
	}
	if err != nil {
		fmt.Println(err) // and then os.Exit(1): the hook fails
	}
	// Output: no_hook: JUJU_UNIT_NAME is not set: this must run in a hook of Juju
}

// A charm with a framework of its own starts and ends by itself.
func ExampleNew() {
	host := coordinator.NewMemoryApplication(1).Hook("app/0", "config-changed")
	c, err := coordinator.New(host, coordinator.WithPolicy("serial"))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(c.Start(ctx))
	held, err := c.Acquire(ctx, "restart")
	fmt.Println(held, err, c.Locks())
	fmt.Println(c.End(ctx), c.Granted("restart"))
	// Output:
	// <nil>
	// true <nil> [restart]
	// <nil> false
}

// inHook runs a hook of one unit, which succeeds.
func inHook(
	application *coordinator.MemoryApplication, unit string, run func(*coordinator.Coordinator), options ...coordinator.Option,
) {
	host := application.Hook(unit, "update-status")
	charm := func(_ context.Context, c *coordinator.Coordinator) error {
		run(c)
		return nil
	}
	if err := errors.Join(coordinator.Run(ctx, host, charm, options...), host.Commit()); err != nil {
		fmt.Println(err)
	}
}

func ExampleCoordinator_Acquire() {
	application := coordinator.NewMemoryApplication(2)
	inHook(application, "app/1", func(c *coordinator.Coordinator) {
		held, err := c.Acquire(ctx, "restart", coordinator.WithData(map[string]any{"priority": 1}))
		fmt.Println(held, err, c.Requested("restart")) // app/0 leads, and has granted nothing yet
	})
	// Output: false <nil> true
}

func ExampleCoordinator_WhenGranted() {
	inHook(coordinator.NewMemoryApplication(1), "app/0", func(c *coordinator.Coordinator) {
		err := c.WhenGranted(ctx, "restart", func(context.Context) error {
			fmt.Println("restarts")
			return nil
		})
		fmt.Println("asks", err)
		if _, err := c.Acquire(ctx, "restart"); err != nil {
			fmt.Println(err)
		}
	})
	// Output:
	// asks <nil>
	// restarts
}

func ExampleCoordinator_Withdraw() {
	inHook(coordinator.NewMemoryApplication(2), "app/1", func(c *coordinator.Coordinator) {
		_, err := c.Acquire(ctx, "restart")
		fmt.Println(err, c.Withdraw(ctx, "restart"), c.Requested("restart"))
	})
	// Output: <nil> <nil> false
}

func ExampleCoordinator_Status() {
	application := coordinator.NewMemoryApplication(3)
	for _, unit := range []string{"app/1", "app/2", "app/0"} {
		inHook(application, unit, func(c *coordinator.Coordinator) {
			if unit != "app/0" {
				_, _ = c.Acquire(ctx, "restart")
			}
		}, coordinator.WithPolicy("serial"))
	}
	inHook(application, "app/0", func(c *coordinator.Coordinator) {
		status, err := c.Status(ctx)
		if err != nil {
			fmt.Println(err)
		}
		for _, one := range status.Queue {
			fmt.Printf("%s waits for %s: %s\n", one.Unit, one.Lock, one.Reason)
		}
	}, coordinator.WithPolicy("serial"))
	// Output: app/2 waits for restart: app/1 holds restart
}

func ExampleWithPolicy() {
	host := coordinator.NewMemoryApplication(1).Hook("app/0", "start")
	idle := func(context.Context, *coordinator.Coordinator) error { return nil }
	policy := coordinator.Policy{Rules: []any{"parallel:25%", coordinator.Rule{"rule": "gate", "option": "go"}}, Limit: 2}
	fmt.Println(coordinator.Run(ctx, host, idle, coordinator.WithPolicy(policy)))
	// The rules are checked when the core is first asked, at the latest by the leader.
	fmt.Println(coordinator.CodeOf(coordinator.Run(ctx, host, idle, coordinator.WithPolicy("paralel:2"))))
	// Output:
	// <nil>
	// bad_policy
}

func ExampleWithPolicyFunc() {
	newestFirst := func(state coordinator.PolicyState) (coordinator.PolicyDecision, error) {
		if len(state.Holders) > 0 || len(state.Queue) == 0 {
			return coordinator.PolicyDecision{}, nil
		}
		last := state.Queue[len(state.Queue)-1]
		return coordinator.PolicyDecision{Grant: []coordinator.Grant{{Unit: last.Unit, Lock: last.Lock}}}, nil
	}
	application := coordinator.NewMemoryApplication(3)
	for _, unit := range []string{"app/1", "app/2", "app/0", "app/1", "app/2"} {
		inHook(application, unit, func(c *coordinator.Coordinator) {
			if c.Granted("restart") {
				fmt.Println(unit, "restarts")
			} else if unit != "app/0" {
				_, _ = c.Acquire(ctx, "restart")
			}
		}, coordinator.WithPolicyFunc("newest-first", newestFirst))
	}
	// Output: app/2 restarts
}

// A policy that the charm brings with it, as a WebAssembly module.
func ExampleLoadPolicy() {
	wasm, err := os.ReadFile("../../build/policies/serial.wasm")
	if err != nil {
		fmt.Println(err)
		return
	}
	policy, err := coordinator.LoadPolicy(ctx, wasm)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer policy.Close(ctx)
	fmt.Println(policy.Kind(), policy.Name(), policy.Needs())

	decision, err := policy.Decide(ctx, coordinator.PolicyState{
		Now:    "2026-11-22 10:00:00.000000Z",
		Leader: "app/0",
		N:      2,
		Units:  []string{"app/0", "app/1"},
		Queue: []coordinator.Queued{
			{Unit: "app/1", Lock: "restart", ID: "2026-11-22 09:00:00.000000Z"},
			{Unit: "app/0", Lock: "restart", ID: "2026-11-22 09:00:01.000000Z"},
		},
	}, nil)
	fmt.Println(decision.Grant, decision.Wait, err)
	// In a charm: coordinator.Run(ctx, host, charm, coordinator.WithPolicyModule(policy))
	// Output:
	// module serial {[] false []}
	// [{app/1 restart  map[]}] [{app/0 restart app/1 holds restart}] <nil>
}

// An operator's policy goes before the charm's own.
func ExampleWithSwap() {
	folder, err := os.MkdirTemp("", "example-")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(folder)
	application := coordinator.NewMemoryApplication(1)
	application.Config["coordinator-policy"] = "parallel:2" // juju config APP coordinator-policy="parallel:2"
	host := application.Hook("app/0", "config-changed")
	swap := coordinator.WithSwap(coordinator.NewPolicySource(coordinator.KeptIn(folder)))
	charm := func(ctx context.Context, c *coordinator.Coordinator) error {
		status, err := c.Status(ctx)
		fmt.Println(status.Policy)
		return err
	}
	fmt.Println(coordinator.Run(ctx, host, charm, coordinator.WithPolicy("serial"), swap))
	fmt.Println(application.Log[0].Message)
	// Output:
	// parallel
	// <nil>
	// the policy is now "parallel:2", from the option
}

func ExampleWithOperatorPolicy() {
	application := coordinator.NewMemoryApplication(1)
	inHook(application, "app/0", func(c *coordinator.Coordinator) {
		held, _ := c.Acquire(ctx, "restart")
		fmt.Println(held)
	}, coordinator.WithPolicy("serial"), coordinator.WithOperatorPolicy("pause"))
	// Output: false
}

func ExampleMemoryApplication() {
	application := coordinator.NewMemoryApplication(2)
	host := application.Hook("app/1", "config-changed")
	acquire := func(ctx context.Context, c *coordinator.Coordinator) error {
		_, err := c.Acquire(ctx, "restart")
		return err
	}
	fmt.Println(coordinator.Run(ctx, host, acquire), host.Commit())
	fmt.Println(application.Databags["app/1"]["coordinator"])
	// Output:
	// <nil> <nil>
	// {"restart": "2026-01-01 00:00:00.000003Z"}
}

// Errors are told apart by type and code.
func ExampleCoreError() {
	inHook(coordinator.NewMemoryApplication(1), "app/0", func(c *coordinator.Coordinator) {
		_, err := c.Acquire(ctx, "")
		fmt.Println(errors.Is(err, &coordinator.CoreError{Code: "bad_lock"}))
		var refused *coordinator.CoreError
		fmt.Println(errors.As(err, &refused), coordinator.CodeOf(err))
	})
	// Output:
	// true
	// true bad_lock
}

// A hook can go on in another process; the command coordinator does so with every verb.
func ExampleResume() {
	host := coordinator.NewMemoryApplication(1).Hook("app/0", "config-changed")
	c, err := coordinator.New(host)
	fmt.Println(err, c.Start(ctx))
	state, err := c.Suspend()
	fmt.Println(err)

	c, err = coordinator.Resume(host, state)
	fmt.Println(err)
	fmt.Println(c.Acquire(ctx, "restart"))
	fmt.Println(c.End(ctx))
	// Output:
	// <nil> <nil>
	// <nil>
	// <nil>
	// true <nil>
	// <nil>
}

func ExampleLoadModule() {
	module, err := coordinator.LoadModule(ctx, coordinator.CoreBytes(), coordinator.KindCore)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer module.Close(ctx)
	instance, err := module.Instantiate(ctx)
	if err != nil {
		fmt.Println(err)
		return
	}
	answer, err := instance.Call(ctx, []byte(`{"op":"check","policy":"serial"}`))
	fmt.Printf("%s %v\n", answer, err)

	_, err = coordinator.LoadModule(ctx, []byte("hello"), coordinator.KindPolicy)
	fmt.Println(coordinator.CodeOf(err))
	// Output:
	// {"ok": {"policy": "serial"}} <nil>
	// not_wasm
}
