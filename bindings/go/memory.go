package coordinator

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"
)

// This file has an application in memory, for the tests of a charm: units, databags and leader settings. There is no Juju and
// none of its events: the test says which unit runs a hook when.

// LogEntry is a line that a unit logged.
type LogEntry struct {
	Unit    string
	Level   LogLevel
	Message string
}

// MemoryApplication is an application in memory, whose units are called app/0, app/1 and so on.
type MemoryApplication struct {
	// Leader is the unit that leads; set it to move leadership. At first it is app/0.
	Leader string
	// Store says where the grants are kept; at first leader settings.
	Store Store
	// Config is what config-get answers.
	Config map[string]any
	// Resources is what resource-get answers: paths by name.
	Resources map[string]string
	// Log is what was logged, oldest first.
	Log []LogEntry
	// Databags has the committed databag of each unit.
	Databags map[string]Values
	// Settings is the grants' store: leader settings, or the application databag.
	Settings Values

	units        []string
	saved        map[string]Values
	microseconds int
}

// NewMemoryApplication makes an application of so many units; with fewer than one it panics.
func NewMemoryApplication(units int) *MemoryApplication {
	if units < 1 {
		panic(badType("units must be at least 1, not %d", units))
	}
	a := &MemoryApplication{
		Leader:    "app/0",
		Store:     StoreSettings,
		Config:    map[string]any{},
		Resources: map[string]string{},
		Databags:  map[string]Values{},
		Settings:  Values{},
		saved:     map[string]Values{},
	}
	for number := range units {
		unit := fmt.Sprintf("app/%d", number)
		a.units = append(a.units, unit)
		a.Databags[unit] = Values{}
	}
	return a
}

// Units gives the names of all units.
func (a *MemoryApplication) Units() []string { return slices.Clone(a.units) }

// Hook begins a hook of one unit.
func (a *MemoryApplication) Hook(unit, name string) *MemoryHost {
	return &MemoryHost{application: a, unit: unit, name: name, databag: Values{}, settings: Values{}, saved: Values{}}
}

// MemoryHost is a host whose hook ends when the test says so.
type MemoryHost struct {
	application *MemoryApplication
	unit        string
	name        string
	flags       MemoryFlags
	isOver      bool
	// What is pending until the hook is committed.
	databag  Values
	settings Values
	saved    Values
}

// Leadership gives who leads.
func (h *MemoryHost) Leadership() Leadership { return memoryLeadership{h} }

// Peers gives the peer relation.
func (h *MemoryHost) Peers() Peers { return memoryPeers{h} }

// Flags gives flags that no later hook will see.
func (h *MemoryHost) Flags() Flags { return &h.flags }

// Hook gives the hook.
func (h *MemoryHost) Hook() Hook { return memoryHook{h} }

// Commit says that the hook succeeded: what was written is kept. A *[UsageError] is "bad_order" if it has ended before, or
// "refused" if Juju would refuse the commit.
func (h *MemoryHost) Commit() error {
	if err := h.end(); err != nil {
		return err
	}
	if len(h.settings) > 0 {
		if !h.isLeader() {
			return &UsageError{"refused", "Juju refuses the commit: not the leader"}
		}
		h.application.Settings = merge(h.application.Settings, h.settings)
	}
	h.application.Databags[h.unit] = merge(h.application.Databags[h.unit], h.databag)
	h.application.saved[h.unit] = merge(h.application.saved[h.unit], h.saved)
	return nil
}

// Fail says that the hook failed: what was written is dropped, but not leader settings, which Juju writes at once.
func (h *MemoryHost) Fail() error { return h.end() }

func (h *MemoryHost) end() error {
	if h.isOver {
		return &UsageError{"bad_order", "this hook has ended"}
	}
	h.isOver = true
	return nil
}

func (h *MemoryHost) isLeader() bool { return h.application.Leader == h.unit }

type memoryLeadership struct{ *MemoryHost }

func (l memoryLeadership) Store() Store { return l.application.Store }

func (l memoryLeadership) IsLeader(context.Context) (bool, error) { return l.isLeader(), nil }

func (l memoryLeadership) Read(context.Context) (Values, error) {
	if !l.isLeader() {
		return maps.Clone(l.application.Settings), nil
	}
	return merge(l.application.Settings, l.settings), nil
}

func (l memoryLeadership) Write(_ context.Context, values Values) (bool, error) {
	if !l.isLeader() {
		return false, nil
	}
	if l.application.Store == StoreSettings {
		l.application.Settings = merge(l.application.Settings, values)
	} else {
		maps.Copy(l.settings, values)
	}
	return true, nil
}

type memoryPeers struct{ *MemoryHost }

func (p memoryPeers) Own(context.Context) (Values, error) {
	return merge(p.application.Databags[p.unit], p.databag), nil
}

func (p memoryPeers) Members(context.Context) ([]string, error) {
	return slices.DeleteFunc(p.application.Units(), func(unit string) bool { return unit == p.unit }), nil
}

func (p memoryPeers) Of(_ context.Context, unit string) (Values, error) {
	return p.application.Databags[unit], nil
}

func (p memoryPeers) WriteOwn(_ context.Context, values Values) error {
	maps.Copy(p.databag, values)
	return nil
}

func (p memoryPeers) Planned(context.Context) (map[string]string, error) {
	planned := map[string]string{}
	for _, unit := range p.application.units {
		planned[unit] = "active"
	}
	return planned, nil
}

func (p memoryPeers) ReadSaved(_ context.Context, key string) (string, error) {
	return merge(p.application.saved[p.unit], p.saved)[key], nil
}

func (p memoryPeers) WriteSaved(_ context.Context, key, value string) error {
	p.saved[key] = value
	return nil
}

type memoryHook struct{ *MemoryHost }

func (h memoryHook) Unit() string                                  { return h.unit }
func (h memoryHook) Kind() ContextKind                             { return ContextHook }
func (h memoryHook) Name() string                                  { return h.name }
func (h memoryHook) RemoteUnit(context.Context) (string, error)    { return "", nil }
func (h memoryHook) DepartingUnit(context.Context) (string, error) { return "", nil }
func (h memoryHook) Subordinate() bool                             { return false }

// Now is a microsecond later at each look, so that a test gives the same history each time.
func (h memoryHook) Now() string {
	h.application.microseconds++
	begun := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	return timeText(begun.Add(time.Duration(h.application.microseconds) * time.Microsecond))
}

func (h memoryHook) Monotonic() float64 { return float64(h.application.microseconds) / 1e6 }

func (h memoryHook) Config(context.Context) (map[string]any, error) {
	return maps.Clone(h.application.Config), nil
}

func (h memoryHook) Resource(_ context.Context, name string) (string, error) {
	return h.application.Resources[name], nil
}

func (h memoryHook) Log(_ context.Context, level LogLevel, message string) {
	h.application.Log = append(h.application.Log, LogEntry{h.unit, level, message})
}

// merge is Juju's way with a map: an empty value deletes its key.
func merge(values, changes Values) Values {
	merged := Values{}
	maps.Copy(merged, values)
	maps.Copy(merged, changes)
	maps.DeleteFunc(merged, func(_, value string) bool { return value == "" })
	return merged
}
