package coordinator

import "context"

// This file has what a binding needs of Juju, and nothing more: leadership (and the grants it guards), relation data, flag
// callbacks and the hook itself. juju.go supplies it by hook tools, memory.go for tests, the package goops inside that
// framework. The end of the hook is no part of it: who runs the charm knows whether the hook has succeeded.

// Values are the raw values of a databag or of leader settings. Setting "" deletes a key, as in Juju.
type Values map[string]string

// Store is where the leader keeps the grants.
type Store string

// The stores: leader settings (Juju ≤ 3.6) or the application databag (Juju ≥ 4.0).
const (
	StoreSettings    Store = "settings"
	StoreApplication Store = "application"
)

// ContextKind is "action" when JUJU_ACTION_NAME is set, "exec" (juju-exec) when JUJU_HOOK_NAME is empty, else "hook".
type ContextKind string

// The kinds of contexts.
const (
	ContextHook   ContextKind = "hook"
	ContextAction ContextKind = "action"
	ContextExec   ContextKind = "exec"
)

// LogLevel is a level of Juju's log.
type LogLevel string

// The levels.
const (
	LevelDebug   LogLevel = "DEBUG"
	LevelInfo    LogLevel = "INFO"
	LevelWarning LogLevel = "WARNING"
	LevelError   LogLevel = "ERROR"
)

// Leadership is who leads, and the one place only a leader may write.
type Leadership interface {
	Store() Store
	// IsLeader asks Juju now. True is good for 30 seconds; false is final for this hook.
	IsLeader(ctx context.Context) (bool, error)
	// Read gives all values of leader settings, or of the peer relation's application databag.
	Read(ctx context.Context) (Values, error)
	// Write is leader-set, or relation-set --app. Leader settings change at once; the application databag with the hook's
	// commit, which Juju may still refuse as a whole.
	//
	// It gives false if Juju refused because this unit does not lead. That is no failure: the hook goes on. Any other failure
	// is a *[HostError]: at the end of a hook the hook must fail; before it the core is told, and goes on as a unit that does
	// not lead.
	Write(ctx context.Context, values Values) (bool, error)
}

// Peers is the peer relation.
type Peers interface {
	// Own gives this unit's databag; nil while there is no peer relation (in install, or none declared).
	Own(ctx context.Context) (Values, error)
	// Members gives the units of relation-list: those whose relation-joined this unit has run, itself left out.
	Members(ctx context.Context) ([]string, error)
	// Of gives the databag of another unit, member or not; nil if Juju refuses to show it.
	Of(ctx context.Context, unit string) (Values, error)
	// WriteOwn is relation-set: committed with the hook.
	WriteOwn(ctx context.Context, values Values) error
	// Planned gives the units of goal-state with their status. A dead unit is not among them.
	Planned(ctx context.Context) (map[string]string, error)
	// ReadSaved is state-get of one key; "" if it was never set. There requests wait while there is no peer relation.
	ReadSaved(ctx context.Context, key string) (string, error)
	// WriteSaved is state-set of one key: committed with the hook.
	WriteSaved(ctx context.Context, key, value string) error
}

// Flags are what the charm is told: flags as in charms.reactive ("coordinator.granted.restart").
type Flags interface {
	// Current gives the "coordinator.…" flags now set.
	Current() []string
	Set(flag string)
	Clear(flag string)
}

// Hook is the hook that is running.
type Hook interface {
	// Unit is this unit: "app/0".
	Unit() string
	Kind() ContextKind
	// Name is JUJU_HOOK_NAME: "config-changed"; "" in an action or juju-exec.
	Name() string
	// RemoteUnit is JUJU_REMOTE_UNIT in a hook of this peer relation; "" in any other, where it says nothing about a peer's
	// databag.
	RemoteUnit(ctx context.Context) (string, error)
	// DepartingUnit is JUJU_DEPARTING_UNIT in a hook of this peer relation; "" in any other.
	DepartingUnit(ctx context.Context) (string, error)
	// Subordinate is whether JUJU_PRINCIPAL_UNIT is not empty: goal-state then leaves out units beside other principals.
	Subordinate() bool
	// Now is UTC, microseconds: "2026-11-22 09:52:56.123456Z".
	Now() string
	// Monotonic is seconds on a clock that never goes back and counts suspension.
	Monotonic() float64
	Config(ctx context.Context) (map[string]any, error)
	// Resource is resource-get: the path of a charm resource's file; "" if none was attached.
	Resource(ctx context.Context, name string) (string, error)
	// Log writes a line to Juju's log. What cannot be written does not fail the hook.
	Log(ctx context.Context, level LogLevel, message string)
}

// Host is the four together.
type Host interface {
	Leadership() Leadership
	Peers() Peers
	Flags() Flags
	Hook() Hook
}
