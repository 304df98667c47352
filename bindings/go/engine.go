package coordinator

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
	"github.com/tetratelabs/wazero/sys"
)

// This file runs a module: one instance, bytes in, bytes out, and every way in which that can go wrong has a code.

// Callable takes JSON and answers JSON, both UTF-8. An error is a *[ModuleError].
type Callable interface {
	Call(ctx context.Context, input []byte) ([]byte, error)
}

// limits is what a module may use. Those of a policy and of the core are in module.go.
type limits struct {
	// text is in bytes of one input or answer.
	text int
	// time is of wall clock for everything one instance does; 0 for no limit.
	time time.Duration
	// interrupted says that wazero itself stops it then.
	interrupted bool
	// fuel is what was put into the module by meter.go for everything one instance does; 0 if nothing was.
	fuel int64
}

// traps has wazero's words for a trap. They may change with wazero, which has no codes to show; what is not found here is
// "unknown".
var traps = map[string]string{
	"unreachable":                   "unreachable",
	"out of bounds memory access":   "out_of_bounds",
	"integer divide by zero":        "divide_by_zero",
	"integer overflow":              "integer_overflow",
	"invalid conversion to integer": "bad_conversion",
	"invalid table access":          "bad_indirect_call",
	"indirect call type mismatch":   "bad_indirect_call",
	"stack overflow":                "stack_overflow",
}

func trapCode(err error) string {
	firstLine, _, _ := strings.Cut(err.Error(), "\n")
	words := firstLine
	if _, after, found := strings.Cut(firstLine, "wasm error: "); found {
		words = after
	}
	if code, ok := traps[words]; ok {
		return code
	}
	return "unknown"
}

// Instance is one instance of a module that has been checked by [LoadModule]. It serves one hook (the core) or one decision (a
// policy), and nothing after its first error. It is not safe for concurrent use; other instances of its module are.
type Instance struct {
	module   api.Module
	limits   limits
	timeLeft time.Duration
	failure  *ModuleError
}

// newInstance calls, in this order, those of the starts that the module exports.
func newInstance(
	ctx context.Context, runtime wazero.Runtime, compiled wazero.CompiledModule, given limits, starts ...string,
) (*Instance, error) {
	instance := &Instance{limits: given, timeLeft: given.time}
	// Without a name, so that there can be many; what is called _start is not called by the engine.
	config := wazero.NewModuleConfig().WithName("").WithStartFunctions()
	err := instance.guard(ctx, func(ctx context.Context) error {
		module, err := runtime.InstantiateModule(ctx, compiled, config)
		instance.module = module
		return err
	})
	if err != nil {
		return nil, err
	}
	for _, name := range starts {
		if instance.module.ExportedFunction(name) == nil {
			continue
		}
		if _, err := instance.run(ctx, name); err != nil {
			return nil, errors.Join(err, instance.Close(ctx))
		}
	}
	return instance, nil
}

// Close gives back the instance's memory.
func (i *Instance) Close(ctx context.Context) error { return i.module.Close(ctx) }

// FuelUsed says how much fuel it has used so far, the same on every machine and in every language; false if it was given none.
func (i *Instance) FuelUsed() (int64, bool) {
	return i.limits.fuel - i.left("coordinator_fuel"), i.limits.fuel > 0
}

// left gives what is left of the fuel or the stack that was put into a module; 0 in one that has none.
func (i *Instance) left(name string) int64 {
	if i.limits.fuel == 0 || i.module == nil {
		return 0
	}
	global := i.module.ExportedGlobal(name)
	if global.Type() == api.ValueTypeI32 {
		return int64(int32(uint32(global.Get())))
	}
	return int64(global.Get())
}

// abi gives the version of the contract that the module keeps.
func (i *Instance) abi(ctx context.Context) (int32, error) {
	version, err := i.run(ctx, "coordinator_abi")
	return int32(uint32(version)), err
}

// Call gives the module one input and takes its answer. An error is a *[ModuleError], with one of the codes of host/abi.md.
func (i *Instance) Call(ctx context.Context, input []byte) ([]byte, error) {
	if len(input) > i.limits.text {
		return nil, i.fail("too_long", "the input has %d bytes; the limit is %d", len(input), i.limits.text)
	}
	given, err := i.run(ctx, "coordinator_alloc", uint64(len(input)))
	if err != nil {
		return nil, err
	}
	address := uint32(given)
	if address == 0 {
		return nil, i.fail("no_alloc", "coordinator_alloc(%d) refused", len(input))
	}
	place, err := i.part(address, uint32(len(input)), "coordinator_alloc")
	if err != nil {
		return nil, err
	}
	copy(place, input)

	packed, err := i.run(ctx, "coordinator_call", uint64(address), uint64(len(input)))
	if err != nil {
		return nil, err
	}
	answer, err := i.part(uint32(packed>>32), uint32(packed), "coordinator_call")
	if err != nil {
		return nil, err
	}
	if err := i.checkAnswer(answer); err != nil {
		return nil, err
	}
	return append([]byte{}, answer...), nil
}

func (i *Instance) checkAnswer(answer []byte) error {
	if len(answer) > i.limits.text {
		return i.fail("too_long", "the answer has %d bytes; the limit is %d", len(answer), i.limits.text)
	}
	if !utf8.Valid(answer) {
		return i.fail("not_utf8", "the answer of %d bytes is not UTF-8", len(answer))
	}
	return nil
}

// part is a view of the module's memory; good until the module runs again, since growing may move it.
func (i *Instance) part(address, length uint32, who string) ([]byte, error) {
	memory := i.module.ExportedMemory("memory")
	if part, ok := memory.Read(address, length); ok {
		return part, nil
	}
	return nil, i.fail("out_of_range", "%s answered %d bytes at %d; the memory has %d", who, length, address, memory.Size())
}

// run calls an export; its result, 0 if it has none.
func (i *Instance) run(ctx context.Context, name string, args ...uint64) (uint64, error) {
	var result uint64
	err := i.guard(ctx, func(ctx context.Context) error {
		results, err := i.module.ExportedFunction(name).Call(ctx, args...)
		if len(results) == 1 {
			result = results[0]
		}
		return err
	})
	return result, err
}

// guard runs the module's code within what is left of its time, and gives traps their code.
//
// wazero can stop compiled code at a time, but then leaves it at each turn of each loop to look at the clock, and takes up to forty
// times as long. Fuel ends it anyway, so there the clock is looked at afterwards, and by what a command imports. See [limits].
func (i *Instance) guard(ctx context.Context, run func(context.Context) error) error {
	if i.failure != nil {
		return i.failure
	}
	if i.limits.interrupted {
		limited, cancel := context.WithTimeout(ctx, max(i.timeLeft, time.Millisecond))
		defer cancel()
		ctx = limited
	}
	started := time.Now()
	err := run(ctx)
	i.timeLeft -= time.Since(started)
	var exit *sys.ExitError
	if errors.As(err, &exit) || i.limits.time > 0 && i.timeLeft < 0 {
		return i.fail("timeout", "it ran longer than %v", i.limits.time)
	}
	if err == nil {
		return nil
	}
	return i.trapped(err)
}

// trapped: what is added to a module traps as the module itself might; only what it leaves behind tells.
func (i *Instance) trapped(err error) error {
	if i.left("coordinator_fuel") < 0 {
		return i.fail("timeout", "it used more than %d fuel", i.limits.fuel)
	}
	code := trapCode(err)
	if i.left("coordinator_stack") < 0 {
		code = "stack_overflow"
	}
	// What is no trap is instantiation without enough memory and the like: there is no way to go on either.
	message := code
	if code == "unknown" {
		message, _, _ = strings.Cut(err.Error(), "\n")
	}
	failure := i.fail("trap", "it trapped: %s", message)
	failure.Trap = code
	return failure
}

func (i *Instance) fail(code, format string, args ...any) *ModuleError {
	i.failure = &ModuleError{Code: code, Message: fmt.Sprintf(format, args...)}
	return i.failure
}
