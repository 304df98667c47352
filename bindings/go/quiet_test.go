package coordinator

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// A hook with nothing to decide does without the core, and the core would have said the same.

const (
	nothing     = `{"ok": {"granted": [], "requested": [], "leading": false, "flags": {"set": [], "clear": []}, "problems": [], "log": []}}`
	nothingToDo = `{"ok": {"effects": [], "released": [], "grants": [], "problems": [], "log": []}}`
	noon        = "2026-11-22 12:00:00.000000Z"
)

func bystander() *snapshot {
	return &snapshot{
		Op: "start", Unit: "app/1", Now: noon, Context: ContextHook, Hook: "update-status", Store: StoreSettings, Relation: true,
		Databags: map[string]Values{"app/1": {"coordinator": "{}", "coordinator-v1": `{"done": {}, "v": 1}`}},
		Members:  []string{}, Flags: []string{}, Key: "coordinator", SelfGrant: SelfGrantPublished, Allow: []Act{},
		Settings: Values{
			"coordinator":    `{"app/2": {"restart": "` + noon + `"}}`,
			"coordinator-v1": `{"generation": 1, "marks": {}, "released": {"restart": {"app/0": "2026-11-22 09:52:56.123456Z"}}, "v": 1}`,
		},
	}
}

// answers gives what the core says to this start, and to the end after it.
func answers(t *testing.T, taken *snapshot) [2]string {
	t.Helper()
	core, err := FreshCore(t.Context())
	succeed(t, err)
	defer core.Close(context.Background())
	var said [2]string
	for number, given := range []any{taken, input{"op": "end", "now": taken.Now}} {
		text, err := write(given)
		succeed(t, err)
		answer, err := core.Call(t.Context(), text)
		succeed(t, err)
		said[number] = string(answer)
	}
	return said
}

// failingCore says that it was asked, by failing.
type failingCore struct{ t *testing.T }

func (c failingCore) Call(context.Context, []byte) ([]byte, error) {
	c.t.Error("the core was asked")
	return nil, &ModuleError{Code: "trap"}
}

func TestABystanderDoesNotAskTheCore(t *testing.T) {
	application := NewMemoryApplication(3)
	application.Databags["app/1"] = bystander().Databags["app/1"]
	application.Settings = bystander().Settings
	succeed(t, inHook(t, application, "app/1", func(c *Coordinator) error {
		if c.Granted("restart") || c.Requested("restart") || len(c.Locks()) > 0 {
			t.Error("it holds or asks")
		}
		return nil
	}, WithCore(failingCore{t})))
}

func TestWhatTheCoreWouldActUponOrReportIsLeftToIt(t *testing.T) {
	own := func(requests, extra string) func(*snapshot) {
		return func(s *snapshot) {
			s.Databags["app/1"] = Values{"coordinator": requests, "coordinator-v1": extra}
		}
	}
	settings := func(grants, extra string) func(*snapshot) {
		return func(s *snapshot) { s.Settings = Values{"coordinator": grants, "coordinator-v1": extra} }
	}
	mine := `{"app/1": {"restart": "` + noon + `"}}`
	age := 1.0
	for name, change := range map[string]func(*snapshot){
		"it leads":      func(s *snapshot) { s.Leader, s.Age = true, &age },
		"a flag is set": func(s *snapshot) { s.Flags = []string{"coordinator.granted.restart"} },
		"it asks":       own(`{"restart": "`+noon+`"}`, ""),
		"a hook that failed had granted to itself": settings(mine, `{"marks": `+mine+`, "v": 1}`),
		"it has not done with its grant":           settings(mine, ""),
		"it has done with an earlier one": func(s *snapshot) {
			own("{}", `{"done": {"restart": "2026-11-22 11:59:59.999999Z"}, "v": 1}`)(s)
			settings(mine, "")(s)
		},
		"grants are wrong":       settings(`{"app/2": 1}`, ""),
		"a key is there twice":   settings(`{"a": {}, "a": {}}`, ""),
		"grants are newer":       settings("", `{"v": 2}`),
		"own key is there twice": own("{}", `{"done": {}, "v": 1, "v": 1}`),
		"own data is wrong":      own("{}", `{"done": {"a": "x"}, "v": 1}`),
		"own data is newer":      own("{}", `{"done": {}, "v": 2}`),
		"requests may be saved": func(s *snapshot) {
			own("{}", "")(s)
			s.Hook = "config-changed"
		},
	} {
		t.Run(name, func(t *testing.T) {
			taken := bystander()
			if !isQuiet(taken) {
				t.Fatal("not even the bystander is recognised")
			}
			change(taken)
			if isQuiet(taken) {
				t.Error("it is called quiet")
			}
			if answers(t, taken) == [2]string{nothing, nothingToDo} {
				t.Error("the core has nothing to say to it")
			}
		})
	}
}

func TestAGrantThatItHasDoneWithWakesNobody(t *testing.T) {
	mine := `{"app/1": {"restart": "` + noon + `"}}`
	for store, settings := range map[Store]Values{
		StoreSettings:    {"coordinator": mine},
		StoreApplication: {"coordinator-r1": `{"generation": 1, "grants": ` + mine + `, "v": 1, "writer": "app/0"}`},
	} {
		taken := bystander()
		taken.Databags["app/1"]["coordinator-v1"] = `{"done": {"restart": "` + noon + `"}, "v": 1}`
		taken.Store, taken.Settings = store, settings
		if !isQuiet(taken) {
			t.Errorf("%s: it is not called quiet", store)
		}
	}
}

// chance makes what the core itself writes, and now and then something else: only what is nearly right can show where
// recognising stops too late.
type chance struct{ *rand.Rand }

func (c chance) rare() bool { return c.IntN(12) == 0 }

func one[T any](c chance, of ...T) T { return of[c.IntN(len(of))] }

func (c chance) junk() any {
	return one[any](c, nil, true, 0, -1, 1.5, "", "x", "é", []any{}, []any{1}, map[string]any{}, map[string]any{"a": nil})
}

func (c chance) mostly(usual any) any {
	if c.rare() {
		return c.junk()
	}
	return usual
}

func (c chance) time() string {
	if !c.rare() {
		return one(c, noon, "2026-11-22 12:00:00.000001Z")
	}
	return one(c, "2026-02-28 12:00:00.000000Z", "2024-02-29 12:00:00.000000Z", "2026-02-29 12:00:00.000000Z",
		"2026-02-30 12:00:00.000000Z", "2026-04-31 12:00:00.000000Z", "2026-01-30 23:59:59.999999Z",
		"2026-12-31 24:00:00.000000Z", "0000-01-01 00:00:00.000000Z", "0001-01-01 00:00:00.000000Z",
		"9999-12-31 23:59:59.999999Z", "2026-11-22T12:00:00.000000Z", "2026-11-22 12:00:00Z", "٢026-11-22 12:00:00.000000Z")
}

func (c chance) ids() any {
	ids := map[string]any{}
	for range c.IntN(3) {
		lock := "restart"
		if c.rare() {
			lock = one(c, "a b", "", strings.Repeat("x", 256), strings.Repeat("x", 257), "é", `"`, `\`)
		}
		ids[lock] = c.mostly(c.time())
	}
	return c.mostly(ids)
}

func (c chance) idsByUnit() any {
	ids := map[string]any{}
	for range c.IntN(3) {
		ids[one(c, "app/0", "app/1", "app/2")] = c.ids()
	}
	return c.mostly(ids)
}

func (c chance) version() any {
	if c.rare() {
		return one[any](c, 0, json.Number("1.0"), 2, true, "1", nil, json.Number("10000000000000000"), json.Number("-0.0"))
	}
	return 1
}

func (c chance) leadersDocument() map[string]any {
	document := map[string]any{"v": c.version()}
	fields := map[string]func() any{
		"generation": func() any { return one[any](c, 0, 3, -1, json.Number("1e3"), json.Number("1234567890123456")) },
		"marks":      c.idsByUnit,
		"released":   c.idsByUnit,
		"order":      func() any { return []any{c.mostly([]any{"app/0", "restart", noon})} },
		"policy":     func() any { return c.mostly(map[string]any{"name": "serial"}) },
	}
	// In the order of names, so that a seed gives the same each time.
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		if c.IntN(2) == 0 {
			document[name] = c.mostly(fields[name]())
		}
	}
	return document
}

func (c chance) reign() any {
	document := c.leadersDocument()
	document["grants"], document["writer"] = c.idsByUnit(), c.mostly("app/2")
	return document
}

func (c chance) unitsDocument() any {
	document := map[string]any{"v": c.version(), "done": c.ids()}
	if c.rare() {
		document["data"] = c.junk()
	}
	return document
}

// text is mostly the text itself; else it is cut, doubled, or has something put in.
func (c chance) text(value any) string {
	if c.rare() {
		return ""
	}
	written, err := json.Marshal(value)
	if err != nil {
		panic(err)
	}
	text := string(written)
	at := c.IntN(len(text) + 1)
	switch c.IntN(60) {
	case 0:
		return text[:at]
	case 1, 2, 3, 4:
		return text[:at] + one(c, "-", "0", " ", "\x00", `\u0061`, "\ufeff", "}", `"v": 1, `, "\u00a0") + text[at:]
	default:
		return text
	}
}

func (c chance) values(of map[string]func() any) Values {
	values := Values{}
	for _, name := range slices.Sorted(maps.Keys(of)) {
		if c.IntN(4) > 0 {
			values[name] = c.text(of[name]())
		}
	}
	return values
}

func (c chance) snapshot() *snapshot {
	taken := bystander()
	taken.Context = one(c, ContextHook, ContextHook, ContextAction, ContextExec)
	taken.Hook = one(c, "update-status", "config-changed", "coordinator-relation-created")
	taken.Relation = !c.rare()
	taken.Store = one(c, StoreSettings, StoreApplication)
	ids := func() any { return c.mostly(map[string]any{}) }
	taken.Databags = map[string]Values{
		"app/1": c.values(map[string]func() any{"coordinator": ids, "coordinator-v1": c.unitsDocument}),
	}
	taken.Settings = c.values(map[string]func() any{
		"coordinator": c.idsByUnit, "coordinator-v1": func() any { return c.leadersDocument() },
	})
	if taken.Store == StoreApplication {
		taken.Settings = c.values(map[string]func() any{
			"coordinator-r1": c.reign, "coordinator-r3": c.reign, "coordinator-r07": c.reign,
			"coordinator-r9007199254740991": c.reign,
		})
	}
	saved := ""
	if c.rare() {
		saved = c.text(c.unitsDocument())
	}
	taken.Saved = &saved
	if c.rare() {
		taken.Flags = []string{"coordinator.granted.restart"}
	}
	taken.Policy = c.mostly("serial")
	if c.IntN(2) == 0 {
		taken.Allow = []Act{ActAcquire, ActWithdraw, ActRelease, ActDecide}
	}
	return taken
}

func TestWhateverIsCalledQuietTheCoreAnswersWithNothing(t *testing.T) {
	quiet := 0
	for seed := range uint64(4000) {
		taken := chance{rand.New(rand.NewPCG(seed, 0))}.snapshot()
		if !isQuiet(taken) {
			continue
		}
		quiet++
		if found := answers(t, taken); found != [2]string{nothing, nothingToDo} {
			text, _ := write(taken)
			t.Fatalf("seed %d: %s\nis answered with %s", seed, text, found)
		}
	}
	if quiet < 400 {
		t.Errorf("only %d of them were quiet: nothing is shown", quiet)
	}
}

// steadyHost has a clock that goes by hooks and not by looks, of which there are fewer in a quiet one.
type steadyHost struct {
	*MemoryHost
	now string
}

func (h steadyHost) Hook() Hook { return steadyHook{h.MemoryHost.Hook(), h.now} }

type steadyHook struct {
	Hook
	now string
}

func (h steadyHook) Now() string { return h.now }

func (h steadyHook) Monotonic() float64 { return 0 }

// loudHost lets a hook look as if a flag were set that the core does not know: it is then never quiet, and the core clears nothing.
type loudHost struct{ steadyHost }

func (h loudHost) Flags() Flags { return loudFlags{} }

type loudFlags struct{}

func (loudFlags) Current() []string { return []string{"coordinator.other"} }
func (loudFlags) Set(string)        {}
func (loudFlags) Clear(string)      {}

func TestAHistoryIsTheSameWhetherTheCoreIsAskedOrNot(t *testing.T) {
	for seed := range uint64(60) {
		for _, store := range []Store{StoreSettings, StoreApplication} {
			quiet := history(t, seed, store, func(host steadyHost) Host { return host })
			loud := history(t, seed, store, func(host steadyHost) Host { return loudHost{host} })
			if quiet != loud {
				t.Fatalf("seed %d, %s:\nquiet %s\nloud  %s", seed, store, quiet, loud)
			}
		}
	}
}

func history(t *testing.T, seed uint64, store Store, hostOf func(steadyHost) Host) string {
	c := chance{rand.New(rand.NewPCG(seed, 1))}
	application := NewMemoryApplication(3)
	application.Store = store
	told := []string{}
	for number := range 20 {
		host := application.Hook(one(c, application.units...), one(c, "update-status", "config-changed"))
		lock := one(c, "", "", "restart", "migrate")
		run := func(ctx context.Context, c *Coordinator) error {
			if lock != "" {
				if _, err := c.Acquire(ctx, lock); err != nil {
					return err
				}
			}
			told = append(told, fmt.Sprint(c.Locks()))
			return nil
		}
		steady := steadyHost{host, fmt.Sprintf("2026-01-01 00:00:%02d.000000Z", number)}
		succeed(t, Run(t.Context(), hostOf(steady), run, WithPolicy("serial")))
		if c.IntN(4) > 0 {
			succeed(t, host.Commit())
		}
		told = append(told, fmt.Sprint(application.Databags, application.Settings))
	}
	return strings.Join(append(told, fmt.Sprint(application.Log)), "\n")
}
