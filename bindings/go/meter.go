package coordinator

import (
	"context"
	_ "embed"
	"encoding/json"
	"fmt"
	"sync"

	"github.com/tetratelabs/wazero"
)

// This file prepares a module that is not trusted: the rewriter, meter.wasm, checks it and gives it fuel, so that it stops at the
// same instruction in every language.

// Missing? In a clone `npm run build`, in its root, builds the rewriter and copies it here.
//
//go:embed meter.wasm
var meter []byte

// contractPolicy is the number by which the rewriter is told what the module must keep.
const contractPolicy = 1

type preparer struct {
	runtime  wazero.Runtime
	compiled wazero.CompiledModule
}

// To compile it would take longer than to let it prepare a module of the usual size.
var loadMeter = sync.OnceValues(func() (preparer, error) {
	ctx := context.Background()
	runtime := wazero.NewRuntimeWithConfig(ctx, wazero.NewRuntimeConfigInterpreter())
	compiled, err := runtime.CompileModule(ctx, meter)
	return preparer{runtime, compiled}, err
})

// preparePolicy gives the module with fuel in it, to be compiled and run in its place. pages is the most that its memory may have;
// fuel is what one instance has for everything it does. An error is a *[ModuleError].
func preparePolicy(ctx context.Context, wasm []byte, pages int64, fuel int64) ([]byte, error) {
	loaded, err := loadMeter()
	if err != nil {
		return nil, fmt.Errorf("the rewriter that this package brings: %w", err)
	}
	config := wazero.NewModuleConfig().WithName("").WithStartFunctions()
	module, err := loaded.runtime.InstantiateModule(ctx, loaded.compiled, config)
	if err != nil {
		return nil, err
	}
	defer module.Close(ctx)
	given, err := module.ExportedFunction("meter_alloc").Call(ctx, uint64(len(wasm)))
	if err != nil {
		return nil, err
	}
	address := uint32(given[0])
	if !module.Memory().Write(address, wasm) {
		return nil, moduleError("too_big", "the file has %d bytes", len(wasm))
	}
	packed, err := module.ExportedFunction("meter_prepare").Call(ctx,
		uint64(address), uint64(len(wasm)), contractPolicy, uint64(pages), uint64(fuel))
	if err != nil {
		return nil, err
	}
	answer, _ := module.Memory().Read(uint32(packed[0]>>32), uint32(packed[0]))
	// No module begins with this, and JSON does.
	if len(answer) == 0 || answer[0] != '{' {
		return append([]byte(nil), answer...), nil
	}
	return nil, refusalOf(answer)
}

func refusalOf(answer []byte) error {
	var refusal struct {
		Error struct {
			Code, Reason, Message string
			At                    int
		}
	}
	if err := json.Unmarshal(answer, &refusal); err != nil {
		return fmt.Errorf("the rewriter answered no JSON: %w", err)
	}
	found := refusal.Error
	if found.Code != "not_wasm" {
		return moduleError(found.Code, "%s", found.Message)
	}
	return moduleError(found.Code, "%s (%s, byte %d)", found.Message, found.Reason, found.At)
}
