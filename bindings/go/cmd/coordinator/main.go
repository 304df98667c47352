// Command coordinator lets a charm in any language ask for locks: each verb is one run of it, and all runs in one hook go on
// with what the first, coordinator start, has begun.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	coordinator "github.com/charm-coordinator/charm-coordinator/bindings/go"
)

const usage = `usage: coordinator VERB [LOCK] [OPTIONS]

Locks for the units of a Juju application. In every hook, in this order:

  coordinator start [OPTIONS]    reads what Juju says; once, before all others
  coordinator acquire LOCK       asks for a lock; exit code 0: held now, 1: not yet
      --data JSON                an object for the policy
  coordinator granted LOCK       exit code 0: held until the end of this hook, 1: not
  coordinator requested LOCK     exit code 0: asked for and not held yet, 1: not
  coordinator withdraw LOCK      takes the request back, or gives up the lock
  coordinator status             who holds, who waits, and why, as one line of JSON
  coordinator end                gives back what was held, and writes; the last line of the hook

options of start:

  --policy RULES                 such as serial or parallel:2, or JSON; default simple
  --operator-policy RULES        the same from the operator, in place of --policy; '' for none
  --swap                         a module in the resource coordinator-policy and rules in the option of
                                 that name, as YAML, go before both, as soon as the operator gives them
  --swap-file FILE               --swap, and a module among the charm's files, for an empty resource
  --relation NAME                the peer relation; default as the metadata says
  --store settings|application   where grants are kept; default as Juju's version says
  --key KEY                      in relation data; default coordinator
  --self-grant WHEN              published (default), committed or unsafe
  --allow ACTS                   in an action or juju-exec: acquire,withdraw,release,decide

exit code: 0 yes or done, 1 no, 2 wrong use, 3 failed: the hook must fail. After a failure end fails, too.
A hook that does not come to end gives nothing back: its unit holds on and tries again.
`

// The exit codes.
const (
	exitYes = iota
	exitNo
	exitUsage
	exitFailed
)

func main() {
	os.Exit(run(context.Background(), os.Args[1:], os.Stdout, os.Stderr))
}

func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	call, err := readCall(args)
	if err == nil && call.verb == "help" {
		fmt.Fprint(stdout, usage)
		return exitYes
	}
	yes := false
	if err == nil {
		yes, err = call.run(ctx, stdout)
	}
	var wrong *wrongUse
	switch {
	case errors.As(err, &wrong):
		fmt.Fprintf(stderr, "coordinator: %v; see coordinator --help\n", err)
		return exitUsage
	case err != nil:
		fmt.Fprintf(stderr, "coordinator: %v\n", err)
		return exitFailed
	case yes:
		return exitYes
	default:
		return exitNo
	}
}

// run carries out one verb, and says yes or no.
func (c *call) run(ctx context.Context, stdout io.Writer) (bool, error) {
	if c.verb == "start" {
		return true, start(ctx, c.start)
	}
	running, err := resume()
	if err != nil {
		return false, err
	}
	yes, err := c.do(ctx, running.coordinator, stdout)
	if err != nil {
		return false, errors.Join(err, running.fail(err))
	}
	if c.verb == "granted" || c.verb == "requested" {
		return yes, nil
	}
	return yes, running.keep()
}

func (c *call) do(ctx context.Context, running *coordinator.Coordinator, stdout io.Writer) (bool, error) {
	switch c.verb {
	case "acquire":
		if c.data == nil {
			return running.Acquire(ctx, c.lock)
		}
		return running.Acquire(ctx, c.lock, coordinator.WithData(c.data))
	case "granted":
		return running.Granted(c.lock), nil
	case "requested":
		return running.Requested(c.lock), nil
	case "withdraw":
		return true, running.Withdraw(ctx, c.lock)
	case "status":
		return true, printStatus(ctx, running, stdout)
	default:
		return true, running.End(ctx)
	}
}
