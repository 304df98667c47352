package coordinator

import (
	"context"
	"encoding/json"
	"errors"
	"math"
	"slices"
	"strings"
	"testing"
)

// inHook runs a hook of one unit under the policy serial; it is committed if it succeeds.
func inHook(t *testing.T, application *MemoryApplication, unit string, run func(*Coordinator) error, options ...Option) error {
	t.Helper()
	host := application.Hook(unit, "update-status")
	charm := func(_ context.Context, c *Coordinator) error { return run(c) }
	if err := Run(t.Context(), host, charm, append([]Option{WithPolicy("serial")}, options...)...); err != nil {
		return errors.Join(err, host.Fail())
	}
	return host.Commit()
}

func idle(*Coordinator) error { return nil }

func acquire(c *Coordinator) error {
	_, err := c.Acquire(context.Background(), "restart")
	return err
}

func holds(t *testing.T, application *MemoryApplication, unit string) bool {
	t.Helper()
	held := false
	succeed(t, inHook(t, application, unit, func(c *Coordinator) error {
		held = c.Granted("restart")
		return nil
	}))
	return held
}

func succeed(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func expectCode(t *testing.T, err error, code string) {
	t.Helper()
	if CodeOf(err) != code {
		t.Errorf("expected %s, got %v", code, err)
	}
}

// Asked for, granted, held for one hook, given back.
func TestALockGoesRound(t *testing.T) {
	for _, store := range []Store{StoreSettings, StoreApplication} {
		application := NewMemoryApplication(3)
		application.Store = store
		succeed(t, inHook(t, application, "app/1", acquire))
		succeed(t, inHook(t, application, "app/2", acquire))
		if holds(t, application, "app/1") {
			t.Error("only the leader grants")
		}
		found := []bool{}
		for _, unit := range []string{"app/0", "app/2", "app/1", "app/1", "app/0", "app/1", "app/2"} {
			found = append(found, holds(t, application, unit))
		}
		if expected := []bool{false, false, true, false, false, false, true}; !slices.Equal(found, expected) {
			t.Errorf("%s: found %v, expected %v", store, found, expected)
		}
	}
}

func TestAHookThatFailsKeepsTheLock(t *testing.T) {
	broken := errors.New("the service does not start")
	operations := map[string]func(*Coordinator) error{
		"its charm fails": func(*Coordinator) error { return broken },
		"what ran when it was granted fails, and nobody looked": func(c *Coordinator) error {
			_ = c.WhenGranted(context.Background(), "restart", func(context.Context) error { return broken })
			return nil
		},
	}
	for name, operate := range operations {
		t.Run(name, func(t *testing.T) {
			application := NewMemoryApplication(2)
			succeed(t, inHook(t, application, "app/1", acquire))
			succeed(t, inHook(t, application, "app/0", idle))
			host := application.Hook("app/1", "update-status")
			charm := func(_ context.Context, c *Coordinator) error { return operate(c) }
			if err := Run(t.Context(), host, charm, WithPolicy("serial")); !errors.Is(err, broken) {
				t.Errorf("expected the charm's own error, got %v", err)
			}
			// Even if the hook is committed, against all rules, nothing was given back.
			succeed(t, host.Commit())
			if !holds(t, application, "app/1") {
				t.Error("the lock was given back")
			}
		})
	}
}

func TestWhatWaitsForALockRunsOnceAsSoonAsItIsHeld(t *testing.T) {
	var ran []string
	run := func(name string) func(context.Context) error {
		return func(context.Context) error {
			ran = append(ran, name)
			return nil
		}
	}
	succeed(t, inHook(t, NewMemoryApplication(1), "app/0", func(c *Coordinator) error {
		first := func(ctx context.Context) error {
			ran = append(ran, "first")
			return errors.Join(c.WhenGranted(ctx, "restart", run("from inside")), acquire(c))
		}
		err := errors.Join(c.WhenGranted(t.Context(), "restart", first), acquire(c))
		return errors.Join(err, c.WhenGranted(t.Context(), "restart", run("held already")),
			c.WhenGranted(t.Context(), "other", run("never")))
	}))
	if expected := []string{"first", "from inside", "held already"}; !slices.Equal(ran, expected) {
		t.Errorf("ran %v, expected %v", ran, expected)
	}
}

func TestWhatCannotBeToldIsRefused(t *testing.T) {
	host := NewMemoryApplication(1).Hook("app/0", "start")
	c, err := New(host)
	succeed(t, err)
	_, err = c.Acquire(t.Context(), "restart")
	expectCode(t, err, "bad_order")
	expectCode(t, c.End(t.Context()), "bad_order")
	succeed(t, c.Start(t.Context()))
	expectCode(t, c.Start(t.Context()), "bad_order")
	expectCode(t, c.WhenGranted(t.Context(), "restart", nil), "bad_type")
	_, err = c.Acquire(t.Context(), "restart", WithData(map[string]any{"priority": math.NaN()}))
	expectCode(t, err, "bad_type")
	_, err = c.Acquire(t.Context(), "restart", WithData(map[string]any{"text": strings.Repeat("x", 4096)}))
	expectCode(t, err, "bad_input")
	succeed(t, c.End(t.Context()))
	succeed(t, c.End(t.Context()))
	for _, options := range [][]Option{
		{WithKey("a b")}, {WithKey("-r")}, {WithKey("")}, {WithSelfGrant("at once")}, {WithAllow("everything")},
		{WithPolicy(make(chan int))},
	} {
		_, err := New(host, options...)
		expectCode(t, err, "bad_type")
	}
}

func TestAPolicyFunctionThatFailsGrantsNothing(t *testing.T) {
	functions := map[string]PolicyFunc{
		"it fails":  func(PolicyState) (PolicyDecision, error) { return PolicyDecision{}, errors.New("no idea") },
		"it panics": func(PolicyState) (PolicyDecision, error) { panic("no idea") },
	}
	for name, policy := range functions {
		t.Run(name, func(t *testing.T) {
			succeed(t, inHook(t, NewMemoryApplication(1), "app/0", func(c *Coordinator) error {
				if held, err := c.Acquire(t.Context(), "restart"); held || err != nil {
					t.Errorf("held %v, error %v", held, err)
				}
				status, err := c.Status(t.Context())
				if err != nil || len(status.Problems) != 1 || status.Problems[0].Code != "policy_failed" {
					t.Errorf("problems %v, error %v", status.Problems, err)
				}
				return nil
			}, WithPolicyFunc("mine", policy)))
		})
	}
}

// scriptedCore gives prepared answers, and remembers what it was given.
type scriptedCore struct {
	answers []string
	inputs  []map[string]any
}

func (s *scriptedCore) Call(_ context.Context, text []byte) ([]byte, error) {
	var given map[string]any
	if err := json.Unmarshal(text, &given); err != nil {
		return nil, err
	}
	s.inputs = append(s.inputs, given)
	if len(s.answers) == 0 {
		return nil, &ModuleError{Code: "trap", Message: "the script is over"}
	}
	said := s.answers[0]
	s.answers = s.answers[1:]
	return []byte(said), nil
}

const emptyView = `{"ok": {"granted": [], "requested": [], "flags": {"set": [], "clear": []}, "log": []}}`

// asked runs a start in which the core asks something, and gives the answer it got.
func asked(t *testing.T, host Host, question string, options ...Option) map[string]any {
	t.Helper()
	core := &scriptedCore{answers: []string{question, emptyView}}
	c, err := New(host, append(options, WithCore(core))...)
	succeed(t, err)
	succeed(t, c.Start(t.Context()))
	return core.inputs[1]
}

func TestWhatTheCoreAsksIsObtained(t *testing.T) {
	application := NewMemoryApplication(2)
	application.Config["go"] = true
	application.Databags["app/1"] = Values{"coordinator": "{}", "mine": "x"}
	leader := func() Host { return application.Hook("app/0", "update-status") }
	for _, each := range []struct{ name, question, field, expected string }{
		{"saved", `{"what": "saved"}`, "result", `""`},
		{"units", `{"what": "units", "units": ["app/1", "app/7"]}`, "result", `{"app/1":{"coordinator":"{}"}}`},
		{"planned", `{"what": "planned"}`, "result", `{"app/0":"active","app/1":"active"}`},
		{"config", `{"what": "config", "options": ["go", "other"]}`, "result", `{"go":true}`},
		{"no policy", `{"what": "policy", "input": {}}`, "failure", `"no_policy"`},
		{"publish", `{"what": "publish", "values": {"coordinator": "1"}}`, "result", `true`},
		{"reread", `{"what": "reread", "values": {"coordinator": "2"}}`, "result", `{"coordinator":"2"}`},
		{"leader", `{"what": "leader"}`, "result", `true`},
		{"something new", `{"what": "weather"}`, "failure", `"unknown_ask"`},
	} {
		t.Run(each.name, func(t *testing.T) {
			given := asked(t, leader(), `{"ask": `+each.question+`}`)
			found, err := json.Marshal(given[each.field])
			succeed(t, err)
			if string(found) != each.expected || given["op"] != "answer" {
				t.Errorf("found %v, expected %s %s", given, each.field, each.expected)
			}
		})
	}
}

// slowHost is a host whose clock goes on so many seconds with each look.
type slowHost struct {
	*MemoryHost
	seconds float64
	now     float64
}

func (h *slowHost) Hook() Hook { return slowHook{h.MemoryHost.Hook(), h} }

type slowHook struct {
	Hook
	host *slowHost
}

func (h slowHook) Monotonic() float64 {
	h.host.now += h.host.seconds
	return h.host.now
}

func TestALeaderThatIsLatePublishesNothing(t *testing.T) {
	application := NewMemoryApplication(2)
	host := &slowHost{MemoryHost: application.Hook("app/0", "update-status"), seconds: 31}
	given := asked(t, host, `{"ask": {"what": "publish", "values": {"coordinator": "1"}}}`)
	if given["failure"] != "refused" || len(application.Settings) != 0 {
		t.Errorf("answered %v, settings %v", given, application.Settings)
	}
}

func TestGrantsThatAreLateOrRefusedAreLoggedAndLeft(t *testing.T) {
	effects := `{"ok": {"effects": [{"do": "settings", "values": {"coordinator": "1"}}], "log": []}}`
	for name, seconds := range map[string]float64{"late": 31, "refused": 0} {
		t.Run(name, func(t *testing.T) {
			application := NewMemoryApplication(2)
			host := &slowHost{MemoryHost: application.Hook("app/0", "update-status"), seconds: seconds}
			c, err := New(host, WithCore(&scriptedCore{answers: []string{emptyView, effects}}))
			succeed(t, err)
			succeed(t, c.Start(t.Context()))
			if name == "refused" {
				application.Leader = "app/1"
			}
			succeed(t, c.End(t.Context()))
			if len(application.Settings) != 0 || len(application.Log) != 1 || application.Log[0].Level != LevelWarning {
				t.Errorf("settings %v, log %v", application.Settings, application.Log)
			}
		})
	}
}

func TestACoreThatAnswersNonsenseFailsTheHookBeforeAnythingIsWritten(t *testing.T) {
	for _, said := range []string{
		`{"ok": {"effects": [{"do": "databag", "values": {"a": "1"}}, {"do": "dance"}], "log": []}}`,
		`{"ok": {"effects": 1}}`, `[]`, `{"OK": {}}`, `{"ok": null}`, `{`, ``,
	} {
		application := NewMemoryApplication(1)
		host := application.Hook("app/0", "update-status")
		c, err := New(host, WithCore(&scriptedCore{answers: []string{emptyView, said}}))
		succeed(t, err)
		succeed(t, c.Start(t.Context()))
		var failure *ModuleError
		if err := c.End(t.Context()); !errors.As(err, &failure) {
			t.Errorf("%s: %v", said, err)
		}
		succeed(t, host.Commit())
		if len(application.Databags["app/0"]) != 0 {
			t.Errorf("%s: %v was written", said, application.Databags["app/0"])
		}
	}
}

func TestACoreThatAsksForEverIsGivenUp(t *testing.T) {
	core := &scriptedCore{}
	for range 200 {
		core.answers = append(core.answers, `{"ask": {"what": "leader"}}`)
	}
	c, err := New(NewMemoryApplication(1).Hook("app/0", "start"), WithCore(core))
	succeed(t, err)
	expectCode(t, c.Start(t.Context()), "bad_answer")
}

func TestAValueThatIsTooLongIsCutToShowThatItIs(t *testing.T) {
	application := NewMemoryApplication(2)
	application.Databags["app/1"] = Values{"coordinator": strings.Repeat("é", 40_000), "coordinator-v1": "a\xff"}
	given := asked(t, application.Hook("app/0", "start"), `{"ask": {"what": "units", "units": ["app/1"]}}`)
	databag := given["result"].(map[string]any)["app/1"].(map[string]any)
	if length := len(databag["coordinator"].(string)); length != 65_538 || databag["coordinator-v1"] != "a\ufffd" {
		t.Errorf("%d bytes, %q", length, databag["coordinator-v1"])
	}
}

func TestASuspendedHookGoesOnAsIfNothingHadBeen(t *testing.T) {
	for _, unit := range []string{"app/0", "app/1"} {
		whole, parts := NewMemoryApplication(2), NewMemoryApplication(2)
		steps := []func(*Coordinator) error{
			acquire,
			func(c *Coordinator) error { _, err := c.Status(t.Context()); return err },
			func(c *Coordinator) error { return c.Withdraw(t.Context(), "restart") },
			acquire,
			func(c *Coordinator) error { return c.End(t.Context()) },
			func(c *Coordinator) error { return c.End(t.Context()) },
		}
		playSteps(t, whole, unit, steps, func(_ Host, c *Coordinator) *Coordinator { return c })
		playSteps(t, parts, unit, steps, func(host Host, c *Coordinator) *Coordinator {
			state, err := c.Suspend()
			succeed(t, err)
			resumed, err := Resume(host, state)
			succeed(t, err)
			return resumed
		})
		found, err := json.Marshal([]any{parts.Databags, parts.Settings, parts.Log})
		succeed(t, err)
		expected, err := json.Marshal([]any{whole.Databags, whole.Settings, whole.Log})
		succeed(t, err)
		if string(found) != string(expected) {
			t.Errorf("found    %s\nexpected %s", found, expected)
		}
	}
	_, err := Resume(NewMemoryApplication(1).Hook("app/0", "start"), []byte(`{}`))
	expectCode(t, err, "bad_type")
}

func playSteps(
	t *testing.T, application *MemoryApplication, unit string, steps []func(*Coordinator) error,
	between func(Host, *Coordinator) *Coordinator,
) {
	t.Helper()
	host := application.Hook(unit, "update-status")
	c, err := New(host, WithPolicy("serial"))
	succeed(t, err)
	succeed(t, c.Start(t.Context()))
	for _, step := range steps {
		c = between(host, c)
		succeed(t, step(c))
	}
	succeed(t, host.Commit())
}

func TestDataGoesWithARequestToRulesAndFunctionsAndStatus(t *testing.T) {
	application := NewMemoryApplication(3)
	ask := func(unit string, data map[string]any) {
		succeed(t, inHook(t, application, unit, func(c *Coordinator) error {
			_, err := c.Acquire(t.Context(), "restart", WithData(data))
			return err
		}))
	}
	ask("app/1", map[string]any{"priority": 1})
	ask("app/2", map[string]any{"priority": 5})
	var told []Queued
	succeed(t, inHook(t, application, "app/0", idle, WithPolicyFunc("nobody", func(state PolicyState) (PolicyDecision, error) {
		told = state.Queue
		return PolicyDecision{}, nil
	})))
	expect(t, []any{told[0].Data, told[1].Data}, []any{map[string]any{"priority": 1.0}, map[string]any{"priority": 5.0}})
	first := []any{"serial", Rule{"rule": "order", "priority": "priority"}}
	succeed(t, inHook(t, application, "app/0", func(c *Coordinator) error {
		status, err := c.Status(t.Context())
		expect(t, []any{status.Queue[0].Unit, status.Queue[0].Data}, []any{"app/2", map[string]any{"priority": 5.0}})
		return err
	}, WithPolicy(first)))
	expect(t, []bool{holds(t, application, "app/2"), holds(t, application, "app/1")}, []bool{true, false})
}

func TestStatusSaysUntilWhenATimeIsWaitedFor(t *testing.T) {
	application := NewMemoryApplication(2)
	cooling := WithPolicy("cooldown:300")
	for _, unit := range []string{"app/1", "app/0", "app/1", "app/0", "app/1"} {
		succeed(t, inHook(t, application, unit, func(c *Coordinator) error {
			if unit == "app/0" || c.Granted("restart") {
				return nil
			}
			return acquire(c)
		}, cooling))
	}
	succeed(t, inHook(t, application, "app/0", func(c *Coordinator) error {
		status, err := c.Status(t.Context())
		if len(status.Queue) != 1 || !strings.HasPrefix(status.Queue[0].Until, "2026-01-01 00:05:00.0000") {
			t.Errorf("status is %+v", status)
		}
		return err
	}, cooling))
}
