package coordinator

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// kept gives the files of machine code below a folder.
func kept(t *testing.T, folder string) []string {
	t.Helper()
	files := []string{}
	err := filepath.WalkDir(folder, func(path string, entry os.DirEntry, err error) error {
		if err == nil && !entry.IsDir() {
			files = append(files, path)
		}
		return nil
	})
	succeed(t, err)
	return files
}

func load(t *testing.T) {
	t.Helper()
	module, err := loadCore(t.Context(), core)
	succeed(t, err)
	defer module.Close(t.Context())
	instance, err := module.Instantiate(t.Context())
	succeed(t, err)
	_, err = instance.Call(t.Context(), []byte(`{"op":"describe"}`))
	succeed(t, err)
}

func TestMachineCodeIsKeptInAFolderOfThisUserAlone(t *testing.T) {
	home := t.TempDir()
	t.Setenv("XDG_CACHE_HOME", home)
	load(t)
	about, err := os.Stat(filepath.Join(home, "charm-coordinator-go"))
	succeed(t, err)
	expect(t, about.Mode().Perm(), os.FileMode(0o700))
	load(t)
}

func TestAFolderThatOthersMayUseIsNotUsed(t *testing.T) {
	for name, make := range map[string]func(folder string) error{
		"others may write": func(folder string) error { return os.Mkdir(folder, 0o700) },
		"a link":           func(folder string) error { return os.Symlink(t.TempDir(), folder) },
		"a file":           func(folder string) error { return os.WriteFile(folder, nil, 0o600) },
	} {
		t.Run(name, func(t *testing.T) {
			home := t.TempDir()
			folder := filepath.Join(home, "charm-coordinator-go")
			succeed(t, make(folder))
			if name == "others may write" {
				succeed(t, os.Chmod(folder, 0o770))
			}
			t.Setenv("XDG_CACHE_HOME", home)
			expect(t, privateFolder(), "")
			load(t)
		})
	}
	t.Setenv("XDG_CACHE_HOME", "relative")
	expect(t, privateFolder(), "")
}

func TestDamagedMachineCodeIsMadeAnew(t *testing.T) {
	home := t.TempDir()
	t.Setenv("XDG_CACHE_HOME", home)
	load(t)
	for _, file := range kept(t, home) {
		succeed(t, os.WriteFile(file, []byte("damaged"), 0o600))
	}
	load(t)
	load(t)
	for _, file := range kept(t, home) {
		text, err := os.ReadFile(file)
		succeed(t, err)
		if string(text) == "damaged" {
			t.Error("the damage is still there")
		}
	}
}

func TestOnlySoManyFilesStay(t *testing.T) {
	folder := t.TempDir()
	for number := range mostFiles + 3 {
		file := filepath.Join(folder, fmt.Sprint(number))
		succeed(t, os.WriteFile(file, nil, 0o600))
		then := time.Now().Add(-time.Duration(number) * time.Hour)
		succeed(t, os.Chtimes(file, then, then))
	}
	prune(folder)
	expect(t, len(kept(t, folder)), mostFiles)
	if _, err := os.Stat(filepath.Join(folder, "0")); err != nil {
		t.Errorf("the newest is gone: %v", err)
	}
}

func TestWhatIsMadeOfAPolicyIsKeptAndMadeAnewIfItIsDamaged(t *testing.T) {
	home := t.TempDir()
	t.Setenv("XDG_CACHE_HOME", home)
	load := func() {
		policy, err := loadScripted(t, script{"decide": granting})
		succeed(t, err)
		_, err = policy.Decide(t.Context(), waitingState, nil)
		succeed(t, err)
	}
	made := func() map[string]string {
		files := map[string]string{}
		for _, file := range kept(t, filepath.Join(home, "charm-coordinator-go", "policies")) {
			text, err := os.ReadFile(file)
			succeed(t, err)
			files[file] = string(text)
		}
		return files
	}
	load()
	whole := made()
	// The rewriter's and the machine's.
	expect(t, len(whole), 2)
	for file := range whole {
		succeed(t, os.WriteFile(file, []byte("damaged"), 0o600))
		load()
		load()
		if !maps.Equal(made(), whole) {
			t.Errorf("%s was not made anew", file)
		}
	}
}

func TestOnlyThePoliciesThatWereUsedLastStay(t *testing.T) {
	home := t.TempDir()
	t.Setenv("XDG_CACHE_HOME", home)
	first := policyFolder(sha256Of(nil))
	for number := range mostPolicies + 2 {
		then := time.Now().Add(-time.Hour)
		other := policyFolder(sha256Of([]byte{byte(number)}))
		succeed(t, os.Chtimes(other, then, then))
		succeed(t, os.Chtimes(first, then.Add(-time.Hour), then.Add(-time.Hour)))
		policyFolder(sha256Of(nil))
	}
	entries, err := os.ReadDir(filepath.Join(home, "charm-coordinator-go", "policies"))
	succeed(t, err)
	expect(t, len(entries), mostPolicies)
	if _, err := os.Stat(first); err != nil {
		t.Errorf("the one that is used is gone: %v", err)
	}
	prune(filepath.Join(home, "charm-coordinator-go"))
	if _, err := os.Stat(first); err != nil {
		t.Errorf("a folder of a policy was taken for machine code of cores: %v", err)
	}
}
