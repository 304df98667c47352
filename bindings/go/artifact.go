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

// This file keeps machine code from hook to hook, that of the core, of the rewriter and of policies: compiling takes longer than all
// else. Beside a policy's machine code is what the rewriter made of its file.
//
// Machine code runs with all that this process may do, and wazero believes what it finds. So it is kept only in a folder that
// belongs to this user alone. Where there is no such folder, or it cannot be made, the core is interpreted: a hook among a few
// units then takes 8 ms instead of 45, though one among thousands takes longer.

const (
	// mostFiles is how many stay: charms on one machine may carry different cores and engines.
	mostFiles = 8
	// mostPolicies is how many policies stay, the last that were used.
	mostPolicies = 8
)

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

// compileIn compiles with the machine code that is in the folder, or puts it there. "" is no folder.
func compileIn(
	ctx context.Context, folder string, prepared []byte, given moduleOptions,
) (wazero.Runtime, wazero.CompiledModule, error) {
	if folder != "" && !given.interpreter {
		if cache, err := wazero.NewCompilationCacheWithDir(folder); err == nil {
			kept := given
			kept.cache = cache
			if runtime, compiled, err := compile(ctx, prepared, kept); err == nil {
				return runtime, compiled, nil
			}
			// It may be damaged, and it may be that this is no module at all.
			_ = os.RemoveAll(folder)
		}
	}
	return compile(ctx, prepared, given)
}

// policyFolder gives the folder for what is made of a policy's file by this rewriter; "" if there is none.
func policyFolder(sha256 string) string {
	folder := privateFolder()
	if folder == "" {
		return ""
	}
	policies := filepath.Join(folder, "policies")
	own := filepath.Join(policies, sha256[:32]+"-"+sha256Of(meter)[:16])
	if os.MkdirAll(own, 0o700) != nil {
		return ""
	}
	now := time.Now()
	_ = os.Chtimes(own, now, now)
	removeOldest(agedIn(policies), mostPolicies)
	return own
}

const preparedFile = "prepared.wasm"

// preparedIn gives what was made of a policy's file before; nil if nothing is there.
func preparedIn(folder string) []byte {
	if folder == "" {
		return nil
	}
	prepared, err := os.ReadFile(filepath.Join(folder, preparedFile))
	if err != nil {
		return nil
	}
	return prepared
}

// keepPrepared: what fails here costs time and nothing else.
func keepPrepared(folder string, prepared []byte) {
	if folder != "" && os.MkdirAll(folder, 0o700) == nil {
		_ = replaceFile(filepath.Join(folder, preparedFile), prepared)
	}
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

// prune removes the oldest files of machine code.
func prune(folder string) {
	var files []aged
	_ = filepath.WalkDir(folder, func(path string, entry os.DirEntry, err error) error {
		if err != nil {
			return nil
		}
		if !entry.IsDir() {
			files = appendAged(files, path, entry)
		} else if path == filepath.Join(folder, "policies") {
			return filepath.SkipDir
		}
		return nil
	})
	removeOldest(files, mostFiles)
}

// aged is a file or a folder, and how long ago it was changed.
type aged struct {
	path string
	age  time.Duration
}

func agedIn(folder string) []aged {
	var found []aged
	entries, _ := os.ReadDir(folder)
	for _, entry := range entries {
		found = appendAged(found, filepath.Join(folder, entry.Name()), entry)
	}
	return found
}

func appendAged(found []aged, path string, entry os.DirEntry) []aged {
	if about, err := entry.Info(); err == nil {
		found = append(found, aged{path, time.Since(about.ModTime())})
	}
	return found
}

// removeOldest leaves so many. What fails here costs disk and nothing else.
func removeOldest(found []aged, most int) {
	slices.SortFunc(found, func(a, b aged) int {
		if a.age != b.age {
			return int(min(max(a.age-b.age, -1), 1))
		}
		return strings.Compare(a.path, b.path)
	})
	for _, old := range found[min(len(found), most):] {
		_ = os.RemoveAll(old.path)
	}
}
