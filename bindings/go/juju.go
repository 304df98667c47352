package coordinator

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
)

// This file has the host of a real charm: Juju's hook tools, run one after another. Each takes 20 to 50 ms, so none is run that
// need not be.

// longestArgument is in bytes: Linux takes no longer one, NUL included.
const longestArgument = 131_071

var (
	refusesSettings = []string{"not the leader", "cannot write leadership settings"}
	refusesDatabag  = []string{"not the leader", "cannot write relation settings"}
)

// JujuOption is an option of [NewJujuHost].
type JujuOption func(*jujuOptions)

type jujuOptions struct {
	relation string
	store    Store
	env      func(string) string
	run      RunTool
}

// WithRelation names the peer relation. Default: "coordinator" if the charm's metadata has it, else its first peer relation by
// name.
func WithRelation(name string) JujuOption {
	return func(options *jujuOptions) { options.relation = name }
}

// WithStore says where the grants are kept. Default: the application databag on Juju 4 and later, else leader settings.
func WithStore(store Store) JujuOption {
	return func(options *jujuOptions) { options.store = store }
}

// WithEnvironment says where the hook's variables are looked up. Default: [os.Getenv].
func WithEnvironment(env func(name string) string) JujuOption {
	return func(options *jujuOptions) { options.env = env }
}

// WithRunTool says how a hook tool is run. Default: the program of its name on PATH.
func WithRunTool(run RunTool) JujuOption {
	return func(options *jujuOptions) { options.run = run }
}

// JujuHost is the host of the hook that runs now.
type JujuHost struct {
	leadership Leadership
	peers      *peerRelation
	flags      MemoryFlags
	hook       *jujuHook
}

// Leadership gives is-leader, and leader settings or the application databag.
func (h *JujuHost) Leadership() Leadership { return h.leadership }

// Peers gives the peer relation.
func (h *JujuHost) Peers() Peers { return h.peers }

// Flags gives flags that no later hook will see.
func (h *JujuHost) Flags() Flags { return &h.flags }

// Hook gives the hook.
func (h *JujuHost) Hook() Hook { return h.hook }

// NewJujuHost gives the host of the hook that runs now. Outside a hook the error is a *[HostError] "no_hook".
func NewJujuHost(options ...JujuOption) (*JujuHost, error) {
	given := jujuOptions{env: os.Getenv, run: runTool}
	for _, option := range options {
		option(&given)
	}
	unit := given.env("JUJU_UNIT_NAME")
	if unit == "" {
		return nil, &HostError{"no_hook", "JUJU_UNIT_NAME is not set: this must run in a hook of Juju"}
	}
	if given.store == "" {
		given.store = StoreSettings
		if majorVersion(given.env("JUJU_VERSION")) >= 4 {
			given.store = StoreApplication
		}
	}
	tools := tools{given.run}
	application, _, _ := strings.Cut(unit, "/")
	peers := &peerRelation{tools: tools, unit: unit, application: application, given: given}
	host := &JujuHost{peers: peers, hook: newJujuHook(tools, peers, unit, given.env)}
	switch given.store {
	case StoreSettings:
		host.leadership = leaderSettings{tools}
	case StoreApplication:
		host.leadership = applicationDatabag{tools, peers}
	default:
		return nil, badType("a store is settings or application, not %q", given.store)
	}
	return host, nil
}

func majorVersion(version string) int {
	major, _, _ := strings.Cut(version, ".")
	number, _ := strconv.Atoi(major)
	return number
}

// leaderSettings is for Juju ≤ 3.6. leader-set takes no file, so each value must fit into one argument.
type leaderSettings struct{ tools tools }

func (l leaderSettings) Store() Store { return StoreSettings }

func (l leaderSettings) IsLeader(ctx context.Context) (bool, error) { return l.tools.isLeader(ctx) }

func (l leaderSettings) Read(ctx context.Context) (Values, error) {
	return l.tools.values(ctx, "leader-get", "-")
}

func (l leaderSettings) Write(ctx context.Context, values Values) (bool, error) {
	args := []string{}
	for key, value := range values {
		args = append(args, key+"="+value)
	}
	slices.Sort(args)
	return l.tools.write(ctx, refusesSettings, "leader-set", args, "")
}

// applicationDatabag is for Juju ≥ 4.0, or by choice.
type applicationDatabag struct {
	tools tools
	peers *peerRelation
}

func (a applicationDatabag) Store() Store { return StoreApplication }

func (a applicationDatabag) IsLeader(ctx context.Context) (bool, error) { return a.tools.isLeader(ctx) }

func (a applicationDatabag) Read(ctx context.Context) (Values, error) {
	id, err := a.peers.id(ctx)
	if id == "" || err != nil {
		return Values{}, err
	}
	return a.tools.values(ctx, "relation-get", "-r", id, "--app", "-", a.peers.application)
}

func (a applicationDatabag) Write(ctx context.Context, values Values) (bool, error) {
	id, err := a.peers.existing(ctx)
	if err != nil {
		return false, err
	}
	text, err := write(values)
	if err != nil {
		return false, err
	}
	return a.tools.write(ctx, refusesDatabag, "relation-set", []string{"-r", id, "--app", "--file", "-"}, string(text))
}

// peerRelation is the peer relation, by hook tools.
type peerRelation struct {
	tools       tools
	unit        string
	application string
	given       jujuOptions
	// ids has the relation's id, once that was asked for; it is empty if there is none.
	ids []string
}

// id gives the relation's id, asked for once; "" if there is none.
func (p *peerRelation) id(ctx context.Context) (string, error) {
	if p.ids == nil {
		ids, err := p.ask(ctx)
		if err != nil {
			return "", err
		}
		slices.Sort(ids)
		p.ids = ids[:min(len(ids), 1)]
	}
	if len(p.ids) == 0 {
		return "", nil
	}
	return p.ids[0], nil
}

func (p *peerRelation) ask(ctx context.Context) ([]string, error) {
	name := p.given.relation
	if name == "" {
		found, err := peerRelationName(p.given.env)
		if err != nil || found == "" {
			return []string{}, err
		}
		name = found
	}
	return p.tools.strings(ctx, "relation-ids", name)
}

func (p *peerRelation) existing(ctx context.Context) (string, error) {
	id, err := p.id(ctx)
	if id == "" && err == nil {
		return "", &HostError{"no_relation", "there is no peer relation yet"}
	}
	return id, err
}

func (p *peerRelation) Own(ctx context.Context) (Values, error) {
	id, err := p.id(ctx)
	if id == "" || err != nil {
		return nil, err
	}
	return p.read(ctx, id, p.unit)
}

func (p *peerRelation) Members(ctx context.Context) ([]string, error) {
	id, err := p.id(ctx)
	if id == "" || err != nil {
		return []string{}, err
	}
	return p.tools.strings(ctx, "relation-list", "-r", id)
}

func (p *peerRelation) Of(ctx context.Context, unit string) (Values, error) {
	id, err := p.id(ctx)
	// The names come out of data that any unit may write: nothing that a hook tool could take for an option.
	if id == "" || err != nil || !isUnitName(unit) {
		return nil, err
	}
	values, err := p.read(ctx, id, unit)
	var failed *HookToolError
	if errors.As(err, &failed) && failed.ExitCode >= 0 {
		return nil, nil
	}
	return values, err
}

func (p *peerRelation) WriteOwn(ctx context.Context, values Values) error {
	id, err := p.existing(ctx)
	if err != nil {
		return err
	}
	return p.write(ctx, "relation-set", []string{"-r", id, "--file", "-"}, values)
}

func (p *peerRelation) Planned(ctx context.Context) (map[string]string, error) {
	var state struct {
		Units map[string]json.RawMessage `json:"units"`
	}
	if err := p.tools.json(ctx, &state, "units", "goal-state"); err != nil {
		return nil, err
	}
	if state.Units == nil {
		return nil, unexpected("goal-state", "units", "none")
	}
	planned := map[string]string{}
	for unit, about := range state.Units {
		planned[unit] = orEmpty(textOf(object(about)["status"]))
	}
	return planned, nil
}

func (p *peerRelation) ReadSaved(ctx context.Context, key string) (string, error) {
	var value *string
	err := p.tools.json(ctx, &value, "a string", "state-get", key)
	return orEmpty(value), err
}

func (p *peerRelation) WriteSaved(ctx context.Context, key, value string) error {
	return p.write(ctx, "state-set", []string{"--file", "-"}, Values{key: value})
}

func (p *peerRelation) read(ctx context.Context, id, unit string) (Values, error) {
	return p.tools.values(ctx, "relation-get", "-r", id, "-", unit)
}

func (p *peerRelation) write(ctx context.Context, tool string, args []string, values Values) error {
	text, err := write(values)
	if err != nil {
		return err
	}
	_, err = p.tools.run(ctx, tool, args, string(text))
	return err
}

// isUnitName takes what Juju takes: letters, digits and hyphens, a slash, a number.
func isUnitName(unit string) bool {
	application, number, found := strings.Cut(unit, "/")
	if !found || application == "" || application[0] == '-' || !isNumber(number) {
		return false
	}
	return strings.Trim(application, "abcdefghijklmnopqrstuvwxyz0123456789-") == ""
}

// jujuHook is the hook, by the environment that Juju gives it.
type jujuHook struct {
	tools tools
	peers *peerRelation
	unit  string
	env   func(string) string
	clock clock
}

func newJujuHook(tools tools, peers *peerRelation, unit string, env func(string) string) *jujuHook {
	return &jujuHook{tools: tools, peers: peers, unit: unit, env: env, clock: clock{last: time.Now()}}
}

func (h *jujuHook) Unit() string { return h.unit }

func (h *jujuHook) Name() string { return h.env("JUJU_HOOK_NAME") }

func (h *jujuHook) Kind() ContextKind {
	switch {
	case h.env("JUJU_ACTION_NAME") != "":
		return ContextAction
	case h.Name() == "":
		return ContextExec
	default:
		return ContextHook
	}
}

func (h *jujuHook) RemoteUnit(ctx context.Context) (string, error) {
	return h.ofThisRelation(ctx, "JUJU_REMOTE_UNIT")
}

func (h *jujuHook) DepartingUnit(ctx context.Context) (string, error) {
	return h.ofThisRelation(ctx, "JUJU_DEPARTING_UNIT")
}

// ofThisRelation: a second peer relation has the same units in it, but in its hooks Juju has not read this one's databags anew.
func (h *jujuHook) ofThisRelation(ctx context.Context, variable string) (string, error) {
	unit := h.env(variable)
	if unit == "" {
		return "", nil
	}
	id, err := h.peers.id(ctx)
	if err != nil || id == "" || h.env("JUJU_RELATION_ID") != id {
		return "", err
	}
	return unit, nil
}

func (h *jujuHook) Subordinate() bool { return h.env("JUJU_PRINCIPAL_UNIT") != "" }

func (h *jujuHook) Now() string { return timeText(time.Now()) }

func (h *jujuHook) Monotonic() float64 { return h.clock.seconds() }

func (h *jujuHook) Config(ctx context.Context) (map[string]any, error) {
	var options map[string]any
	if err := h.tools.json(ctx, &options, "options", "config-get"); err != nil {
		return nil, err
	}
	if options == nil {
		return nil, unexpected("config-get", "options", "null")
	}
	return options, nil
}

func (h *jujuHook) Resource(ctx context.Context, name string) (string, error) {
	path, err := h.tools.run(ctx, "resource-get", []string{name}, "")
	var failed *HookToolError
	if errors.As(err, &failed) && failed.ExitCode == 1 && strings.Contains(failed.Stderr, "not found") {
		return "", nil
	}
	return strings.TrimSuffix(path, "\n"), err
}

// Log: what a hook prints is logged by Juju at DEBUG, without the price of a hook tool. Messages quote what other units wrote,
// so no control character is passed on. A line that cannot be logged goes to standard error and does not fail the hook.
func (h *jujuHook) Log(ctx context.Context, level LogLevel, message string) {
	line := strings.Map(func(letter rune) rune {
		if unicode.IsControl(letter) {
			return ' '
		}
		return letter
	}, message)
	if level == LevelDebug || level == LevelInfo {
		fmt.Printf("%s %s\n", level, line)
		return
	}
	args := []string{"-l", string(level), "--", beginning(line, longestArgument)}
	if _, err := h.tools.run(ctx, "juju-log", args, ""); err != nil {
		fmt.Fprintf(os.Stderr, "%s %s\n", level, line)
	}
}

// timeText is a time as the core reads it.
func timeText(now time.Time) string { return now.UTC().Format("2006-01-02 15:04:05.000000Z") }

// clock gives seconds that never go back and never stand still while the machine sleeps: of the time that the monotonic clock
// and the wall clock say has passed since the last look, the longer one counts. Too long is the safe side: it only makes a
// leader ask again.
type clock struct {
	elapsed time.Duration
	last    time.Time
}

func (c *clock) seconds() float64 {
	now := time.Now()
	// Round strips the monotonic reading.
	c.elapsed += max(now.Sub(c.last), now.Round(0).Sub(c.last.Round(0)))
	c.last = now
	return c.elapsed.Seconds()
}
