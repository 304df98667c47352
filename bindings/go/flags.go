package coordinator

import (
	"slices"
	"strings"
)

// MemoryFlags keeps flags in memory: for hosts whose charm has no flag store of its own, which then begins each hook with none
// set. The zero value has none.
type MemoryFlags struct{ set map[string]bool }

// Current gives the "coordinator.…" flags now set, sorted.
func (f *MemoryFlags) Current() []string {
	flags := []string{}
	for flag := range f.set {
		if strings.HasPrefix(flag, "coordinator.") {
			flags = append(flags, flag)
		}
	}
	slices.Sort(flags)
	return flags
}

// Set sets a flag.
func (f *MemoryFlags) Set(flag string) {
	if f.set == nil {
		f.set = map[string]bool{}
	}
	f.set[flag] = true
}

// Clear clears a flag.
func (f *MemoryFlags) Clear(flag string) { delete(f.set, flag) }
