// Command hookcost is a charm of a few lines that writes what it cost: processor time of its own process in seconds, without
// that of its hook tools, into the file that its argument names.
package main

import (
	"context"
	"fmt"
	"os"
	"syscall"

	coordinator "github.com/charm-coordinator/charm-coordinator/bindings/go"
)

func main() {
	err := hook(context.Background())
	if err == nil {
		err = os.WriteFile(os.Args[1], []byte(fmt.Sprint(processTime())), 0o600)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func hook(ctx context.Context) error {
	host, err := coordinator.NewJujuHost(coordinator.WithRelation("coordinator"))
	if err != nil {
		return err
	}
	charm := func(ctx context.Context, c *coordinator.Coordinator) error {
		if os.Getenv("BENCH_ROLE") != "requester" {
			return nil
		}
		_, err := c.Acquire(ctx, "restart")
		return err
	}
	return coordinator.Run(ctx, host, charm, coordinator.WithPolicy("serial"))
}

func processTime() float64 {
	var usage syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &usage) != nil {
		return 0
	}
	nanoseconds := usage.Utime.Nano() + usage.Stime.Nano()
	return float64(nanoseconds) / 1e9
}
