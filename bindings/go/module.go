package coordinator

import (
	"context"
	"fmt"
	"runtime"
	"time"

	"github.com/tetratelabs/wazero"
)

// This file loads a WebAssembly file and checks that it keeps the contract of host/abi.md, before anything depends on it.

// ABI is the version of the contract that this binding speaks.
const ABI = 1

// ModuleKind says for what a module is used, and so what it may use.
type ModuleKind string

// The kinds of modules.
const (
	KindCore   ModuleKind = "core"
	KindPolicy ModuleKind = "policy"
)

const (
	mib = 1 << 20
	// In bytes of a file. A command brings the runtime of its language along; the rewriter knows which of the two it has.
	mostBytes   = mib
	mostCommand = 4 * mib
)

var mostPages = map[ModuleKind]int64{KindCore: 1024, KindPolicy: 256}

var limitsOf = map[ModuleKind]limits{
	KindCore:   {text: 64 * mib},
	KindPolicy: {text: mib, time: 2 * time.Second, fuel: 100_000_000},
}

// The order is that of host/abi.md.
var requiredExports = []struct{ name, functionType string }{
	{"coordinator_abi", "() -> i32"},
	{"coordinator_alloc", "(i32) -> i32"},
	{"coordinator_call", "(i32, i32) -> i64"},
}

const initializeType = "() -> ()"

// Module is a module that keeps the contract. Compiled once; each use takes a fresh instance. It may be used concurrently.
type Module struct {
	runtime  wazero.Runtime
	compiled wazero.CompiledModule
	limits   limits
}

// ModuleOption is an option of [LoadModule] and [LoadPolicy].
type ModuleOption func(*moduleOptions)

type moduleOptions struct {
	limits      limits
	interpreter bool
	cache       wazero.CompilationCache
	// Those of a policy.
	config any
	name   string
	log    func(line string)
}

// WithTimeLimit sets how long one instance may run, if its fuel lasts. Default: 2 s for a policy, no limit for the core.
func WithTimeLimit(limit time.Duration) ModuleOption {
	return func(options *moduleOptions) { options.limits.time = limit }
}

// WithInterpreter lets wazero interpret the module where it could compile it. Compiling takes longer than a small decision;
// interpreting takes some twenty times as long to decide.
func WithInterpreter() ModuleOption {
	return func(options *moduleOptions) { options.interpreter = true }
}

func withCache(cache wazero.CompilationCache) ModuleOption {
	return func(options *moduleOptions) { options.cache = cache }
}

func newModuleOptions(kind ModuleKind, options []ModuleOption) moduleOptions {
	given := moduleOptions{limits: limitsOf[kind]}
	for _, option := range options {
		option(&given)
	}
	if given.interpreter || !canCompile {
		return given.interpreted()
	}
	given.limits.interrupted = given.limits.time > 0 && given.limits.fuel == 0
	return given
}

// interpreted: there the clock can be looked at in each loop.
func (o moduleOptions) interpreted() moduleOptions {
	o.interpreter = true
	o.limits.interrupted = o.limits.time > 0
	return o
}

// canCompile is where wazero has a compiler.
const canCompile = runtime.GOARCH == "amd64" || runtime.GOARCH == "arm64"

// LoadModule checks a file and compiles it. What runs at the module's start runs here once, within the limits. An error is a
// *[ModuleError] with the code of the first check that fails, in the order of host/abi.md.
func LoadModule(ctx context.Context, wasm []byte, kind ModuleKind, options ...ModuleOption) (*Module, error) {
	if len(wasm) > mostBytes {
		return nil, tooBig(len(wasm), mostBytes)
	}
	prepared, err := checked(ctx, wasm, kind)
	if err != nil {
		return nil, err
	}
	given := newModuleOptions(kind, options)
	runtime, compiled, err := compile(ctx, prepared, given)
	if err != nil {
		return nil, err
	}
	return newModule(ctx, runtime, compiled, given.limits)
}

// compile compiles what has been checked, in a runtime of its own.
func compile(ctx context.Context, prepared []byte, given moduleOptions) (wazero.Runtime, wazero.CompiledModule, error) {
	config := wazero.NewRuntimeConfig()
	if given.interpreter {
		config = wazero.NewRuntimeConfigInterpreter()
	}
	if given.cache != nil {
		config = config.WithCompilationCache(given.cache)
	}
	runtime := wazero.NewRuntimeWithConfig(ctx, config.WithCloseOnContextDone(given.limits.interrupted))
	compiled, err := runtime.CompileModule(ctx, prepared)
	if err != nil {
		runtime.Close(ctx)
		return nil, nil, moduleError("not_wasm", "it is no valid WebAssembly module: %v", err)
	}
	return runtime, compiled, nil
}

// newModule takes a compiled module if it keeps this version of the contract; else it closes its runtime.
func newModule(ctx context.Context, runtime wazero.Runtime, compiled wazero.CompiledModule, given limits) (*Module, error) {
	module := &Module{runtime, compiled, given}
	if err := module.checkVersion(ctx); err != nil {
		module.Close(ctx)
		return nil, err
	}
	return module, nil
}

func (m *Module) checkVersion(ctx context.Context) error {
	instance, err := m.Instantiate(ctx)
	if err != nil {
		return err
	}
	defer instance.Close(ctx)
	version, err := instance.abi(ctx)
	if err != nil {
		return err
	}
	if version != ABI {
		return moduleError("wrong_abi", "it keeps version %d of the contract; this host knows version %d", version, ABI)
	}
	return nil
}

func checked(ctx context.Context, wasm []byte, kind ModuleKind) ([]byte, error) {
	if kind == KindPolicy {
		return preparePolicy(ctx, wasm, contractPolicy)
	}
	return checkCore(wasm)
}

func preparePolicy(ctx context.Context, wasm []byte, contract int64) ([]byte, error) {
	return prepare(ctx, wasm, contract, mostPages[KindPolicy], limitsOf[KindPolicy].fuel)
}

func tooBig(size, most int) error {
	return moduleError("too_big", "the file has %d bytes; at most %d", size, most)
}

// checkCore: the core is trusted with its time, so it is run as it is, but for custom sections.
func checkCore(wasm []byte) ([]byte, error) {
	file, err := readFile(wasm)
	if err != nil {
		return nil, moduleError("not_wasm", "it is no WebAssembly module that is known here: %v", err)
	}
	if file.imported != "" {
		return nil, moduleError("has_import", "it imports %s; a module imports nothing", file.imported)
	}
	if err := checkMemory(file.exports); err != nil {
		return nil, err
	}
	return file.bytes, checkFunctions(file.exports)
}

// Instantiate makes a fresh instance. An error is a *[ModuleError] "trap" or "timeout", from code that runs at the start.
func (m *Module) Instantiate(ctx context.Context) (*Instance, error) {
	// The first is the start function of a module with fuel.
	return newInstance(ctx, m.runtime, m.compiled, m.limits, "coordinator_start", "_initialize")
}

// Close ends all instances and gives back what the module uses.
func (m *Module) Close(ctx context.Context) error { return m.runtime.Close(ctx) }

func checkMemory(exports map[string]export) error {
	memory, found := exports["memory"]
	if memory.kind != "memory" {
		what := "nothing"
		if found {
			what = "a " + memory.kind
		}
		return moduleError("no_memory", `it exports %s as "memory"; expected its memory`, what)
	}
	most, declared := mostPages[KindCore], memory.mostPages
	if declared < 0 {
		return moduleError("no_max", "its memory declares no maximum; expected at most %d", most)
	}
	if declared > most {
		return moduleError("no_max", "its memory declares a maximum of %d pages; expected at most %d", declared, most)
	}
	return nil
}

func checkFunctions(exports map[string]export) error {
	for _, required := range requiredExports {
		if _, found := exports[required.name]; !found {
			return moduleError("missing_export", "it does not export %s: %s", required.name, required.functionType)
		}
	}
	for _, required := range requiredExports {
		if err := checkType(required.name, exports[required.name], required.functionType); err != nil {
			return err
		}
	}
	if initialize, found := exports["_initialize"]; found {
		return checkType("_initialize", initialize, initializeType)
	}
	return nil
}

func checkType(name string, found export, expected string) error {
	actual := found.functionType
	if found.kind != "function" {
		actual = "a " + found.kind
	}
	if actual == expected {
		return nil
	}
	return moduleError("wrong_type", "%s is %s; expected %s", name, actual, expected)
}

func moduleError(code, format string, args ...any) error {
	return newModuleError(code, format, args...)
}

func newModuleError(code, format string, args ...any) *ModuleError {
	return &ModuleError{Code: code, Message: fmt.Sprintf(format, args...)}
}
