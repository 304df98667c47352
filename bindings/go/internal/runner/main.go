// Command runner runs subjects in wazero's compiler or its interpreter: a line of JSON for each, and a line with what came of it.
// The lines are those of tests/equivalence/engines.ts.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"time"

	coordinator "github.com/charm-coordinator/charm-coordinator/bindings/go"
)

type subject struct {
	Module string                 `json:"module"`
	Kind   coordinator.ModuleKind `json:"kind"`
	Inputs [][]byte               `json:"inputs"`
}

type runner struct {
	options []coordinator.ModuleOption
	modules map[string]*coordinator.Module
}

func main() {
	given := &runner{modules: map[string]*coordinator.Module{}}
	if len(os.Args) > 1 && os.Args[1] == "interpreter" {
		given.options = append(given.options, coordinator.WithInterpreter())
	}
	if err := given.serve(context.Background()); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func (r *runner) serve(ctx context.Context) error {
	lines := bufio.NewReader(os.Stdin)
	decoder, encoder := json.NewDecoder(lines), json.NewEncoder(os.Stdout)
	for {
		var given subject
		if err := decoder.Decode(&given); err != nil {
			return nil
		}
		answers, err := r.run(ctx, given)
		failure := &coordinator.ModuleError{}
		if err != nil && !errors.As(err, &failure) {
			return err
		}
		if err := encoder.Encode([]any{answers, failure.Code, failure.Trap}); err != nil {
			return err
		}
	}
}

func (r *runner) run(ctx context.Context, given subject) ([][]byte, error) {
	answers := [][]byte{}
	module, err := r.load(ctx, given)
	if err != nil {
		return answers, err
	}
	instance, err := module.Instantiate(ctx)
	if err != nil {
		return answers, err
	}
	defer instance.Close(ctx)
	for _, input := range given.Inputs {
		answer, err := instance.Call(ctx, input)
		if err != nil {
			return answers, err
		}
		answers = append(answers, answer)
		if err := coordinator.CheckAnswer(answer); err != nil {
			return answers, err
		}
	}
	return answers, nil
}

func (r *runner) load(ctx context.Context, given subject) (*coordinator.Module, error) {
	if known := r.modules[given.Module]; known != nil {
		return known, nil
	}
	wasm, err := os.ReadFile(given.Module)
	if err != nil {
		return nil, err
	}
	options := r.options
	if given.Kind == coordinator.KindPolicy {
		// Nothing here is slow on purpose, and on a loaded machine anything may be.
		options = append(options[:len(options):len(options)], coordinator.WithTimeLimit(time.Minute))
	}
	module, err := coordinator.LoadModule(ctx, wasm, given.Kind, options...)
	if err == nil {
		r.modules[given.Module] = module
	}
	return module, err
}
