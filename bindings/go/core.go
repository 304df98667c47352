package coordinator

import (
	"context"
	_ "embed"
	"sync"
)

// This file has the core that this package brings with it, loaded once in a process.

// Missing? In a clone `npm run build`, in its root, builds the core and copies it here.
//
//go:embed coordinator.wasm
var core []byte

var loadOnce = sync.OnceValues(func() (*Module, error) { return loadCore(context.Background(), core) })

// FreshCore gives a fresh instance of the core, for one hook.
func FreshCore(ctx context.Context) (*Instance, error) {
	module, err := loadOnce()
	if err != nil {
		return nil, err
	}
	return module.Instantiate(ctx)
}

// CoreBytes gives a copy of the core's file: the same bytes in every binding.
func CoreBytes() []byte { return append([]byte(nil), core...) }
