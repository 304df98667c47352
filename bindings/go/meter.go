package coordinator

import (
	"context"
	_ "embed"
	"encoding/json"
	"fmt"
	"sync"

	"github.com/tetratelabs/wazero"
)

// This file prepares a module that is not trusted: the rewriter (meter.wasm) checks it and gives it fuel, so that it stops at the
// same instruction in every language.

// Missing? In a clone `npm run build`, in its root, builds it and copies it here.
//
//go:embed meter.wasm
var meter []byte

// What a file must keep, in the numbers of host/abi.md.
const (
	contractPolicy = 1
	contractEither = 3
)

type compiledMeter struct {
	runtime  wazero.Runtime
	compiled wazero.CompiledModule
}

var loadMeter = sync.OnceValues(func() (compiledMeter, error) {
	runtime, compiled, err := compileIn(context.Background(), privateFolder(), meter, moduleOptions{})
	return compiledMeter{runtime, compiled}, err
})

// prepare gives the module with fuel in it, to be compiled and run in its place. An error is a *[ModuleError] with the code of what
// is wrong; the message names the place, as a byte of the file.
func prepare(ctx context.Context, wasm []byte, contract, pages, fuel int64) ([]byte, error) {
	loaded, err := loadMeter()
	if err != nil {
		return nil, err
	}
	config := wazero.NewModuleConfig().WithName("").WithStartFunctions()
	instance, err := loaded.runtime.InstantiateModule(ctx, loaded.compiled, config)
	if err != nil {
		return nil, err
	}
	defer instance.Close(ctx)
	memory, length := instance.ExportedMemory("memory"), uint64(len(wasm))
	given, err := instance.ExportedFunction("meter_alloc").Call(ctx, length)
	if err != nil {
		return nil, err
	}
	address := uint32(given[0])
	if address == 0 {
		return nil, tooBig(len(wasm), mostCommand)
	}
	if !memory.Write(address, wasm) {
		return nil, moduleError("out_of_range", "meter_alloc answered %d", address)
	}
	said, err := instance.ExportedFunction("meter_prepare").
		Call(ctx, uint64(address), length, uint64(contract), uint64(pages), uint64(fuel))
	if err != nil {
		return nil, err
	}
	answer, ok := memory.Read(uint32(said[0]>>32), uint32(said[0]))
	if !ok || len(answer) == 0 {
		return nil, moduleError("out_of_range", "meter_prepare answered %#x", said[0])
	}
	// No module begins with a brace, and JSON does.
	if answer[0] == '{' {
		return nil, prepareError(answer)
	}
	return append([]byte{}, answer...), nil
}

func prepareError(answer []byte) error {
	var said struct {
		Error struct {
			Code    string `json:"code"`
			Message string `json:"message"`
			At      int    `json:"at"`
		} `json:"error"`
	}
	if err := json.Unmarshal(answer, &said); err != nil {
		return moduleError("bad_answer", "the rewriter answered %s", beginning(string(answer), 80))
	}
	message := said.Error.Message
	if said.Error.Code == "not_wasm" {
		message = fmt.Sprintf("it is no module of WebAssembly 1 with bulk memory and sign extension: %s (byte %d)", message, said.Error.At)
	}
	return &ModuleError{Code: said.Error.Code, Message: message}
}
