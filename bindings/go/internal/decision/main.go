// Command decision decides in the core on wazero, as tests/bench/decision/program.ts tells it to. Its argument is the core's file.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	coordinator "github.com/charm-coordinator/charm-coordinator/bindings/go"
)

type task struct {
	// Inputs are files with what the core is given in one hook, in order.
	Inputs       []string `json:"inputs"`
	Milliseconds float64  `json:"milliseconds"`
}

type result struct {
	Milliseconds []float64 `json:"milliseconds"`
	Granted      []string  `json:"granted"`
}

func main() {
	if err := serve(context.Background()); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func serve(ctx context.Context) error {
	wasm, err := os.ReadFile(os.Args[1])
	if err != nil {
		return err
	}
	core, err := coordinator.LoadModule(ctx, wasm, coordinator.KindCore)
	if err != nil {
		return err
	}
	defer core.Close(ctx)
	tasks, results := json.NewDecoder(os.Stdin), json.NewEncoder(os.Stdout)
	for {
		var given task
		if err := tasks.Decode(&given); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
		found, err := given.run(ctx, core)
		if err != nil {
			return err
		}
		if err := results.Encode(found); err != nil {
			return err
		}
	}
}

func (t task) run(ctx context.Context, core *coordinator.Module) (result, error) {
	var inputs [][]byte
	for _, name := range t.Inputs {
		text, err := os.ReadFile(name)
		if err != nil {
			return result{}, err
		}
		inputs = append(inputs, text)
	}
	var found result
	end := time.Now().Add(time.Duration(t.Milliseconds * float64(time.Millisecond)))
	for len(found.Milliseconds) == 0 || time.Now().Before(end) {
		took, answer, err := decide(ctx, core, inputs)
		if err != nil {
			return result{}, err
		}
		found.Milliseconds = append(found.Milliseconds, float64(took)/float64(time.Millisecond))
		if found.Granted, err = granted(answer); err != nil {
			return result{}, err
		}
	}
	return found, nil
}

// decide has an instance of its own, as each hook has; the making of it is not counted.
func decide(ctx context.Context, core *coordinator.Module, inputs [][]byte) (took time.Duration, answer []byte, err error) {
	instance, err := core.Instantiate(ctx)
	if err != nil {
		return 0, nil, err
	}
	defer instance.Close(ctx)
	began := time.Now()
	for _, text := range inputs {
		if answer, err = instance.Call(ctx, text); err != nil {
			return 0, nil, err
		}
	}
	return time.Since(began), answer, nil
}

func granted(answer []byte) ([]string, error) {
	var said struct {
		OK struct {
			Grants []coordinator.Grant `json:"grants"`
		} `json:"ok"`
	}
	if err := json.Unmarshal(answer, &said); err != nil {
		return nil, err
	}
	units := []string{}
	for _, grant := range said.OK.Grants {
		units = append(units, grant.Unit)
	}
	return units, nil
}
