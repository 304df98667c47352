package coordinator

import (
	"context"
	"errors"
	"os"

	"github.com/tetratelabs/wazero"
)

// This file has what runs a policy's operations, be it a module or a command: each in a fresh instance, with the whole fuel.

// program is a policy's file, compiled.
type program interface {
	kind() PolicyKind
	// run gives a fresh instance one input. log takes the lines that it writes on standard error; it may be nil.
	run(ctx context.Context, input []byte, log func(line string)) (result, error)
	Close(ctx context.Context) error
}

// result is the answer to one operation, and the fuel that it took; isCounted says whether that is known.
type result struct {
	answer    []byte
	fuelUsed  int64
	isCounted bool
}

// runner loads a program when it is first asked.
type runner struct {
	load   func(ctx context.Context) (program, error)
	loaded program
	last   result
}

// call runs one operation. An error's message names it, unless the program cannot be loaded.
func (r *runner) call(ctx context.Context, operation string, input []byte, log func(line string)) (answer, error) {
	r.last = result{}
	if r.loaded == nil {
		loaded, err := r.load(ctx)
		if err != nil {
			return answer{}, err
		}
		r.loaded = loaded
	}
	said, err := r.exchange(ctx, input, log)
	var failed *ModuleError
	if errors.As(err, &failed) {
		return answer{}, &ModuleError{failed.Code, operation + ": " + failed.Message, failed.Trap}
	}
	return said, err
}

func (r *runner) exchange(ctx context.Context, input []byte, log func(line string)) (said answer, err error) {
	if r.last, err = r.loaded.run(ctx, input, log); err != nil {
		return answer{}, err
	}
	if isTooDeep(r.last.answer) {
		return answer{}, moduleError("not_json", "the answer is nested deeper than %d", mostDepth)
	}
	return parseAnswer(r.last.answer)
}

// Close gives back what is loaded; it is loaded anew if it is asked again.
func (r *runner) Close(ctx context.Context) error {
	if r.loaded == nil {
		return nil
	}
	loaded := r.loaded
	r.loaded = nil
	return loaded.Close(ctx)
}

// loadProgram finds out by itself whether a file is a module or a command. What it makes of the file is kept, by its sha256; where it
// cannot be kept it is interpreted, as the core is.
func loadProgram(ctx context.Context, wasm []byte, sha256 string, given moduleOptions) (program, error) {
	folder := policyFolder(sha256)
	if folder == "" {
		given = given.interpreted()
	}
	runtime, compiled, err := compilePolicy(ctx, wasm, folder, given)
	if err != nil {
		return nil, err
	}
	if isCommand(compiled) {
		return newCommand(ctx, runtime, compiled, given.limits)
	}
	module, err := newModule(ctx, runtime, compiled, given.limits)
	if err != nil {
		return nil, err
	}
	return module, nil
}

// compilePolicy compiles what the rewriter makes of the file, or has made of it before.
func compilePolicy(
	ctx context.Context, wasm []byte, folder string, given moduleOptions,
) (wazero.Runtime, wazero.CompiledModule, error) {
	if prepared := preparedIn(folder); prepared != nil {
		if runtime, compiled, err := compileIn(ctx, folder, prepared, given); err == nil {
			return runtime, compiled, nil
		}
		// It was good when it was put there.
		_ = os.RemoveAll(folder)
	}
	prepared, err := preparePolicy(ctx, wasm, contractEither)
	if err != nil {
		return nil, nil, err
	}
	keepPrepared(folder, prepared)
	return compileIn(ctx, folder, prepared, given)
}

func (m *Module) kind() PolicyKind { return PolicyKindModule }

func (m *Module) run(ctx context.Context, input []byte, _ func(line string)) (result, error) {
	instance, err := m.Instantiate(ctx)
	if err != nil {
		return result{}, err
	}
	defer instance.Close(ctx)
	said, err := instance.Call(ctx, input)
	used, isCounted := instance.FuelUsed()
	return result{said, used, isCounted}, err
}
