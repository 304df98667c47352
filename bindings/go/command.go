package coordinator

import (
	"context"
	"strings"
	"time"

	"github.com/tetratelabs/wazero"
)

// This file runs a command: a program that speaks WASI, as Go's own compiler and Rust's make it. It reads its input from standard
// input and writes its answer to standard output; there is nothing else for it in the world. What it imports is in wasi.go.

// mostErrors is how many bytes of standard error one run may have logged; the rest is lost.
const mostErrors = 4096

// command is a command that keeps the contract. Compiled once; each operation is a run of a fresh instance.
type command struct {
	runtime  wazero.Runtime
	compiled wazero.CompiledModule
	limits   limits
}

func newCommand(ctx context.Context, runtime wazero.Runtime, compiled wazero.CompiledModule, given limits) (*command, error) {
	return &command{runtime, compiled, given}, exportWASI(ctx, runtime)
}

// isCommand: the rewriter has seen to it that a module imports nothing, and a command no more than it may.
func isCommand(compiled wazero.CompiledModule) bool { return len(compiled.ImportedFunctions()) > 0 }

func (c *command) kind() PolicyKind { return PolicyKindCommand }

// Close gives back what the command uses.
func (c *command) Close(ctx context.Context) error { return c.runtime.Close(ctx) }

// run is one run: its streams, and how it ended.
type run struct {
	// input is what is left to be read.
	input    []byte
	output   []byte
	errors   []byte
	isClosed [3]bool
	limits   limits
	begun    time.Time
	// exit is its exit code, if it gave one.
	exit *uint32
	// failure is what went wrong in a function that it imports.
	failure *ModuleError
}

type runKey struct{}

func (c *command) run(ctx context.Context, input []byte, log func(line string)) (result, error) {
	if len(input) > c.limits.text {
		return result{}, moduleError("too_long", "the input has %d bytes; the limit is %d", len(input), c.limits.text)
	}
	going := &run{input: input, limits: c.limits, begun: time.Now()}
	ctx = context.WithValue(ctx, runKey{}, going)
	instance, err := newInstance(ctx, c.runtime, c.compiled, c.limits, "coordinator_start")
	if err != nil {
		return result{}, going.ended(err)
	}
	defer instance.Close(ctx)
	_, err = instance.run(ctx, "_start")
	if log != nil {
		going.logErrors(log)
	}
	if err = going.ended(err); err == nil {
		err = instance.checkAnswer(going.output)
	}
	used, isCounted := instance.FuelUsed()
	return result{going.output, used, isCounted}, err
}

// ended says how it ended; err is what the engine says, which takes each end by what is imported for a trap.
func (r *run) ended(err error) error {
	switch {
	case r.failure != nil:
		return r.failure
	case r.exit == nil || CodeOf(err) == "timeout":
		return err
	case *r.exit != 0:
		return moduleError("exit", "it ended with exit code %d", *r.exit)
	default:
		return nil
	}
}

// take takes what was written to one of the streams.
func (r *run) take(stream uint32, text []byte) {
	if stream == standardError {
		r.errors = append(r.errors, text[:min(len(text), mostErrors-len(r.errors))]...)
		return
	}
	if len(r.output)+len(text) > r.limits.text {
		r.stop("too_long", "the answer has more than %d bytes, which is the limit", r.limits.text)
	}
	r.output = append(r.output, text...)
}

// lookAtClock: compiled code cannot be stopped but here, and by its fuel.
func (r *run) lookAtClock() {
	if r.limits.time > 0 && time.Since(r.begun) > r.limits.time {
		r.stop("timeout", "it ran longer than %v", r.limits.time)
	}
}

// stop ends the run from inside a function that it imports: the engine unwinds it.
func (r *run) stop(code, format string, args ...any) {
	r.failure = newModuleError(code, format, args...)
	panic(r.failure)
}

func (r *run) logErrors(log func(line string)) {
	for line := range strings.Lines(strings.ToValidUTF8(string(r.errors), "\ufffd")) {
		if line = strings.TrimRight(line, "\r\n"); strings.TrimSpace(line) != "" {
			log(line)
		}
	}
}
