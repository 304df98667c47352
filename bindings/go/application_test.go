package coordinator

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// This file has an application in memory, as small as a script of the conformance kit needs it: the brother of
// tests/conformance/application.ts. The core is the real one; every hook has a fresh instance.

// bag is a databag, or leader settings, in the order in which its keys were first set: scripts print it so.
type bag struct {
	names  []string
	values Values
}

func newBag() *bag { return &bag{values: Values{}} }

func (b *bag) set(name, value string) {
	if _, found := b.values[name]; !found {
		b.names = append(b.names, name)
	}
	b.values[name] = value
}

func (b *bag) delete(name string) {
	b.names = slices.DeleteFunc(b.names, func(other string) bool { return other == name })
	delete(b.values, name)
}

func (b *bag) clone() *bag { return &bag{slices.Clone(b.names), maps.Clone(b.values)} }

func (b *bag) MarshalJSON() ([]byte, error) { return json.Marshal(b.values) }

// UnmarshalJSON reads an object of strings.
func (b *bag) UnmarshalJSON(text []byte) error {
	*b = bag{values: Values{}}
	decoder := json.NewDecoder(bytes.NewReader(text))
	if _, err := decoder.Token(); err != nil {
		return err
	}
	for decoder.More() {
		name, err := decoder.Token()
		if err != nil {
			return err
		}
		var value string
		if err := decoder.Decode(&value); err != nil {
			return err
		}
		b.set(name.(string), value)
	}
	return nil
}

type scriptUnit struct {
	databag *bag
	saved   string
	flags   []string
	// unmet are units whose joined hook has not run yet.
	unmet map[string]bool
	// stale is what Juju's cache still says of other units, where it is old.
	stale    map[string]*bag
	hook     *scriptHook
	isMember bool
	isAlive  bool
}

// scriptHook is one hook that runs. Nothing of it but leader settings is seen by others before it ends.
type scriptHook struct {
	core        Callable
	led         *int
	application *bag
}

type scriptApplication struct {
	t           *testing.T
	names       []string
	units       map[string]*scriptUnit
	leader      string
	seconds     int
	settings    *bag
	application *bag
	options     map[string]string
	lines       []string
}

func newScriptApplication(t *testing.T) *scriptApplication {
	return &scriptApplication{t: t, units: map[string]*scriptUnit{}, settings: newBag(), application: newBag()}
}

// run carries out one command; the lines that tell what came of it.
func (a *scriptApplication) run(command string, args []string, options []option) []string {
	a.lines = nil
	name := first(args)
	switch command {
	case "units":
		a.create(a.number(name), options)
	case "leader":
		a.leader = name
	case "clock":
		a.seconds += a.number(name)
	case "hook", "exec":
		a.runHook(command, args, options)
	case "begin":
		a.begin("hook", args, options)
	case "acquire", "withdraw":
		a.ask(command, name, args[1])
	case "end":
		a.end(name)
	case "status":
		a.status(name)
	case "databag":
		a.change(a.unit(name).databag, options)
	case "settings":
		a.change(a.grants(), options)
	case "set":
		maps.Copy(a.options, mapOf(options))
	case "unmet":
		a.unit(name).unmet[args[1]] = true
	case "stale":
		a.unit(name).stale[args[1]] = a.unit(args[1]).databag.clone()
	case "departs":
		a.unit(name).isMember = false
	case "dies":
		a.unit(name).isMember, a.unit(name).isAlive = false, false
	default:
		a.t.Fatalf("unknown command: %s", command)
	}
	return a.lines
}

type option struct{ name, value string }

func mapOf(options []option) map[string]string {
	values := map[string]string{}
	for _, each := range options {
		values[each.name] = each.value
	}
	return values
}

func first(args []string) string {
	if len(args) == 0 {
		return ""
	}
	return args[0]
}

func (a *scriptApplication) number(text string) int {
	number, err := strconv.Atoi(text)
	if err != nil {
		a.t.Fatal(err)
	}
	return number
}

var idOfMorning = regexp.MustCompile(`2026-11-22 (\d\d:\d\d:\d\d)(\.\d{6})Z`)

// say: ids are long; all are of one morning.
func (a *scriptApplication) say(format string, args ...any) {
	line := idOfMorning.ReplaceAllString(fmt.Sprintf(format, args...), "$1$2")
	a.lines = append(a.lines, strings.ReplaceAll(line, ".000000", ""))
}

func (a *scriptApplication) create(count int, options []option) {
	for number := range count {
		name := fmt.Sprintf("app/%d", number)
		a.names = append(a.names, name)
		a.units[name] = &scriptUnit{
			databag: newBag(), unmet: map[string]bool{}, stale: map[string]*bag{}, isMember: true, isAlive: true,
		}
	}
	a.options = mapOf(options)
	a.leader = orElse(a.options["leader"], "app/0")
	delete(a.options, "leader")
}

func (a *scriptApplication) unit(name string) *scriptUnit {
	unit := a.units[name]
	if unit == nil {
		a.t.Fatalf("no such unit: %s", name)
	}
	return unit
}

func (a *scriptApplication) isInSettings() bool { return a.options["store"] != "application" }

func (a *scriptApplication) grants() *bag {
	if a.isInSettings() {
		return a.settings
	}
	return a.application
}

func (a *scriptApplication) change(values *bag, options []option) {
	for _, each := range options {
		values.set(each.name, each.value)
	}
	for _, name := range values.names {
		a.say("%s = %s", name, values.values[name])
	}
}

// runHook is a hook in one line: begin, acquire, and end unless it fails.
func (a *scriptApplication) runHook(kind string, args []string, options []option) {
	name, given := args[0], mapOf(options)
	a.begin(kind, args, options)
	if lock, found := given["withdraw"]; found {
		a.ask("withdraw", name, lock)
	}
	if locks, found := given["acquire"]; found {
		for _, lock := range strings.Split(locks, ",") {
			a.ask("acquire", name, lock)
		}
	}
	if takes, found := given["takes"]; found {
		a.seconds += a.number(takes)
	}
	if !slices.Contains(args, "fails") {
		a.end(name)
		return
	}
	a.unit(name).hook = nil
	a.say("fails: what it had not written at once is lost")
}

func (a *scriptApplication) begin(kind string, args []string, options []option) {
	name, given := args[0], mapOf(options)
	unit := a.unit(name)
	a.seconds++
	delete(unit.stale, given["remote"])
	core, err := FreshCore(context.Background())
	if err != nil {
		a.t.Fatal(err)
	}
	unit.hook = &scriptHook{core: core, application: a.application.clone()}
	if a.leader == name {
		unit.hook.led = a.now()
	}
	text := a.snapshot(name, given)
	text["context"], text["hook"] = "hook", strings.Join(args[1:min(len(args), 2)], "")
	if kind != "hook" {
		text["context"], text["hook"], text["allow"] = "exec", "", []string{}
		if allow, found := given["allow"]; found {
			text["allow"] = strings.Split(allow, ",")
		}
	}
	a.view(unit, a.exchange(name, text))
}

func (a *scriptApplication) now() *int {
	now := a.seconds
	return &now
}

func (a *scriptApplication) snapshot(name string, given map[string]string) input {
	unit, isLeader := a.unit(name), a.leader == name
	members := []string{}
	for _, other := range a.names {
		if isLeader && other != name && a.unit(other).isMember && !unit.unmet[other] {
			members = append(members, other)
		}
	}
	databags := map[string]*bag{name: unit.databag}
	for _, other := range members {
		databags[other] = a.unit(other).databag
		if stale, found := unit.stale[other]; found {
			databags[other] = stale
		}
	}
	text := input{
		"op": "start", "unit": name, "leader": isLeader, "relation": true, "databags": databags, "members": members,
		"store": "settings", "settings": a.settings, "flags": append([]string{}, unit.flags...),
		"remote_unit": orNothing(given["remote"]), "departing_unit": orNothing(given["departing"]),
	}
	if !a.isInSettings() {
		text["store"], text["settings"] = "application", unit.hook.application
	}
	for _, option := range []string{"policy", "self_grant"} {
		if value, found := a.options[option]; found {
			text[option] = value
		}
	}
	return text
}

func orNothing(text string) any {
	if text == "" {
		return nil
	}
	return text
}

func (a *scriptApplication) ask(op, name, lock string) {
	a.view(a.unit(name), a.exchange(name, input{"op": op, "lock": lock}))
}

func (a *scriptApplication) end(name string) {
	text := a.exchange(name, input{"op": "end"})
	if text == nil {
		return
	}
	var said struct {
		Effects  []scriptEffect
		Log      []logLine
		Released []string
	}
	a.read(text, &said)
	a.log(said.Log)
	for _, lock := range said.Released {
		a.say("releases %s", lock)
	}
	for _, each := range said.Effects {
		a.carryOut(name, each)
	}
	a.unit(name).hook = nil
}

type scriptEffect struct {
	Do     string
	Values *bag
	Value  string
	flagChanges
}

func (a *scriptApplication) carryOut(name string, each scriptEffect) {
	unit := a.unit(name)
	switch {
	case each.Do == "flags":
		unit.changeFlags(each.flagChanges)
	case each.Do == "databag":
		a.write("relation-set", unit.databag, each.Values)
	case each.Do == "saved":
		unit.saved = each.Value
	case each.Do == "application":
		a.write("relation-set --app", unit.hook.application, each.Values)
		// All that this hook knows of is committed, changed or not; only what it deleted goes away.
		for _, key := range each.Values.names {
			a.application.delete(key)
		}
		for _, key := range unit.hook.application.names {
			a.application.set(key, unit.hook.application.values[key])
		}
	case a.leader == name:
		a.write("leader-set", a.settings, each.Values)
	default:
		a.say("leader-set is refused: this unit does not lead")
	}
}

func (a *scriptApplication) write(tool string, target, values *bag) {
	for _, key := range values.names {
		a.say("%s %s=%s", tool, key, values.values[key])
		if values.values[key] == "" {
			target.delete(key)
		} else {
			target.set(key, values.values[key])
		}
	}
}

// What the core is given and what it says.

func (a *scriptApplication) timed(name string, text input) input {
	text["now"] = fmt.Sprintf("2026-11-22 %02d:%02d:%02d.000000Z", 9+a.seconds/3600, a.seconds/60%60, a.seconds%60)
	if led := a.unit(name).hook.led; led != nil {
		text["age"] = a.seconds - *led
	}
	return text
}

// exchange is one operation and everything the core asks for on the way; nil if it is refused.
func (a *scriptApplication) exchange(name string, text input) json.RawMessage {
	core := a.unit(name).hook.core
	said, err := exchange(context.Background(), core, a.timed(name, text))
	for err == nil && said.ask != nil {
		var asked scriptAsk
		a.read(said.ask, &asked)
		reply := input{"op": "answer", "what": asked.What}
		maps.Copy(reply, a.obtain(name, asked))
		said, err = exchange(context.Background(), core, a.timed(name, reply))
	}
	if err != nil {
		a.t.Fatal(err)
	}
	if said.err != nil {
		a.say("refused: %s: %s", said.err.Code, said.err.Message)
	}
	return said.ok
}

type scriptAsk struct {
	What   string
	Units  []string
	Values *bag
}

func (a *scriptApplication) obtain(name string, asked scriptAsk) input {
	hook, leads := a.unit(name).hook, a.leader == name
	switch {
	case asked.What == "saved":
		return input{"result": a.unit(name).saved}
	case asked.What == "units":
		return input{"result": a.databagsOf(asked.Units)}
	case asked.What == "planned":
		return input{"result": a.planned()}
	case asked.What == "leader":
		a.say("is-leader: %s", map[bool]string{true: "True", false: "False"}[leads])
		if leads {
			hook.led = a.now()
		}
		return input{"result": leads}
	case !leads:
		a.say("leader-set is refused: this unit does not lead")
		return input{"failure": "refused"}
	}
	a.write("leader-set", a.settings, asked.Values)
	hook.led = a.now()
	if asked.What == "publish" {
		return input{"result": true}
	}
	a.say("leader-get")
	return input{"result": a.settings}
}

func (a *scriptApplication) databagsOf(names []string) map[string]*bag {
	a.say("relation-get of %s", strings.Join(names, ", "))
	found := map[string]*bag{}
	for _, name := range names {
		if unit := a.units[name]; unit != nil && unit.isAlive {
			found[name] = unit.databag
		}
	}
	return found
}

func (a *scriptApplication) planned() map[string]string {
	planned, shown := map[string]string{}, []string{}
	for _, name := range a.names {
		if !a.unit(name).isAlive {
			continue
		}
		planned[name] = "dying"
		if a.unit(name).isMember {
			planned[name] = "active"
		}
		shown = append(shown, name+" "+planned[name])
	}
	a.say("goal-state: %s", strings.Join(shown, ", "))
	return planned
}

func (a *scriptApplication) read(text json.RawMessage, into any) {
	if err := json.Unmarshal(text, into); err != nil {
		a.t.Fatal(err)
	}
}

func (a *scriptApplication) view(unit *scriptUnit, text json.RawMessage) {
	if text == nil {
		return
	}
	var seen view
	a.read(text, &seen)
	a.log(seen.Log)
	unit.changeFlags(seen.Flags)
	if len(seen.Granted) > 0 {
		a.say("holds %s", strings.Join(seen.Granted, ", "))
	}
	if len(seen.Requested) > 0 {
		a.say("waits for %s", strings.Join(seen.Requested, ", "))
	}
}

// changeFlags: flags show in what is held and waited for; scripts do not print them.
func (u *scriptUnit) changeFlags(changes flagChanges) {
	u.flags = slices.DeleteFunc(append(u.flags, changes.Set...), func(flag string) bool {
		return slices.Contains(changes.Clear, flag)
	})
}

func (a *scriptApplication) log(lines []logLine) {
	for _, line := range lines {
		a.say("%s %s", line.Level, line.Message)
	}
}

func (a *scriptApplication) status(name string) {
	isRunning := a.unit(name).hook != nil
	if !isRunning {
		a.begin("exec", []string{name}, nil)
	}
	var status Status
	a.read(a.exchange(name, input{"op": "status"}), &status)
	if !isRunning {
		a.unit(name).hook = nil
	}
	if status.Hold != "" {
		a.say("nothing can be decided: %s", status.Hold)
	}
	for _, one := range status.Holders {
		a.say("%s holds %s %s", one.Unit, one.Lock, one.ID)
	}
	for _, one := range status.Queue {
		a.say("%d. %s %s %s: %s: %s", one.Position, one.Unit, one.Lock, one.ID, one.Rule, one.Reason)
	}
	if status.Awaits != "" {
		a.say("awaits: %s", status.Awaits)
	}
}
