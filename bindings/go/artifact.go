package coordinator

import (
	"context"
	"os"
	"os/user"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/tetratelabs/wazero"
)

// This file keeps the core's machine code from hook to hook: compiling takes longer than all else.
//
// Machine code runs with all that this process may do, and wazero believes what it finds. So it is kept only in a folder that
// belongs to this user alone. Where there is no such folder, or it cannot be made, the core is interpreted: a hook among a few
// units then takes 8 ms instead of 45, though one among thousands takes longer.

// mostFiles is how many stay: charms on one machine may carry different cores and engines.
const mostFiles = 8

func loadCore(ctx context.Context, wasm []byte) (*Module, error) {
	if folder := privateFolder(); folder != "" {
		if cache, err := wazero.NewCompilationCacheWithDir(folder); err == nil {
			if module, err := LoadModule(ctx, wasm, KindCore, withCache(cache)); err == nil {
				prune(folder)
				return module, nil
			}
			// A damaged file would stand in the way of every hook; a full disk is no reason to fail.
			_ = os.RemoveAll(folder)
		}
	}
	return LoadModule(ctx, wasm, KindCore, WithInterpreter())
}

// privateFolder makes sure that there is a folder which nobody but this user can read or write; "" if there is none.
func privateFolder() string {
	folder := os.Getenv("XDG_CACHE_HOME")
	if folder == "" {
		folder = filepath.Join(homeFolder(), ".cache")
	}
	folder = filepath.Join(folder, "charm-coordinator-go")
	if !filepath.IsAbs(folder) || os.MkdirAll(folder, 0o700) != nil {
		return ""
	}
	if about, err := os.Lstat(folder); err != nil || !about.IsDir() || about.Mode().Perm()&0o077 != 0 || !isOurs(about) {
		return ""
	}
	return folder
}

// homeFolder asks the list of users where HOME is not set, as in hooks on a machine.
func homeFolder() string {
	if home := os.Getenv("HOME"); home != "" {
		return home
	}
	if current, err := user.Current(); err == nil {
		return current.HomeDir
	}
	return ""
}

// prune removes the oldest files. What fails here costs disk and nothing else.
func prune(folder string) {
	type file struct {
		path string
		age  time.Duration
	}
	var files []file
	_ = filepath.WalkDir(folder, func(path string, entry os.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return nil
		}
		if about, err := entry.Info(); err == nil {
			files = append(files, file{path, time.Since(about.ModTime())})
		}
		return nil
	})
	slices.SortFunc(files, func(a, b file) int {
		if a.age != b.age {
			return int(min(max(a.age-b.age, -1), 1))
		}
		return strings.Compare(a.path, b.path)
	})
	for _, old := range files[min(len(files), mostFiles):] {
		_ = os.Remove(old.path)
	}
}
