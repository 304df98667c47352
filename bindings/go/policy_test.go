package coordinator

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

var granting = `{"ok":{"grant":[{"unit":"app/1","lock":"restart"}]}}`

var waitingState = PolicyState{
	Now:     "2026-11-22 09:52:56.123456Z",
	Leader:  "app/0",
	N:       2,
	Units:   []string{"app/0", "app/1"},
	Holders: []Grant{},
	Queue:   []Queued{{Unit: "app/1", Lock: "restart", ID: "2026-11-22 09:52:50.000000Z"}},
}

// loadScripted loads a policy with a clock that is in nobody's way.
func loadScripted(t *testing.T, given script, options ...ModuleOption) (*PolicyModule, error) {
	t.Helper()
	policy, err := LoadPolicy(t.Context(), scriptedPolicy(t, given), append(options, WithTimeLimit(time.Minute))...)
	if err == nil {
		t.Cleanup(func() { _ = policy.Close(context.Background()) })
	}
	return policy, err
}

func TestAPolicyIsLoadedSaysWhoItIsAndDecides(t *testing.T) {
	wasm := scriptedPolicy(t, script{"decide": granting})
	policy, err := LoadPolicy(t.Context(), wasm)
	succeed(t, err)
	defer policy.Close(t.Context())
	expect(t, []any{policy.Kind(), policy.Name(), policy.Version(), policy.Needs()}, []any{PolicyKindModule, "scripted", "1", PolicyNeeds{}})
	expect(t, policy.SHA256(), sha256Of(wasm))
	decision, err := policy.Decide(t.Context(), waitingState, nil)
	succeed(t, err)
	expect(t, decision, PolicyDecision{Grant: []Grant{{Unit: "app/1", Lock: "restart"}}})
}

func TestEachDecisionHasTheWholeFuelAndSaysHowMuchOfItWasUsed(t *testing.T) {
	policy, err := loadScripted(t, script{"decide": granting})
	succeed(t, err)
	var used []int64
	for range 2 {
		_, err := policy.Decide(t.Context(), waitingState, nil)
		succeed(t, err)
		fuel, isCounted := policy.FuelUsed()
		expect(t, isCounted, true)
		used = append(used, fuel)
	}
	if used[0] == 0 || used[0] != used[1] {
		t.Errorf("it used %v", used)
	}
}

func TestWhatItNeedsIsToldToTheCoreAndWhatNobodyKnowsIsRefused(t *testing.T) {
	policy, err := loadScripted(t, script{"check": `{"ok":{"needs":{"options":["go"],"units":true,"released":[]}}}`})
	succeed(t, err)
	expect(t, policy.Needs(), PolicyNeeds{Options: []string{"go"}, Units: true, Released: []string{}})
	text, err := write(policy.external())
	succeed(t, err)
	if !strings.Contains(string(text), `"needs":{"options":["go"],"units":true,"released":[]}`) {
		t.Errorf("the core is told %s", text)
	}
	for _, needs := range []string{`3`, `{"options":"go"}`, `{"units":1}`, `{"units":null}`, `{"released":[0]}`, `{"weather":true}`} {
		_, err := loadScripted(t, script{"check": `{"ok":{"needs":` + needs + `}}`})
		expectCode(t, err, "bad_answer")
	}
}

func TestAConfigThatItDoesNotTakeIsAnErrorInItsOwnWords(t *testing.T) {
	refusing := script{"check": `{"error":{"code":"odd","message":"max must be a number","path":"config.max"}}`}
	_, err := loadScripted(t, refusing, WithPolicyConfig(map[string]any{"max": "x"}))
	if err == nil || err.Error() != "bad_config: check: max must be a number (at config.max)" {
		t.Error(err)
	}
	_, err = loadScripted(t, nil, WithPolicyConfig(func() {}))
	expectCode(t, err, "bad_type")
}

func TestAPolicyThatCannotBeUsedIsNotLoaded(t *testing.T) {
	for what, each := range map[string]struct {
		script script
		code   string
	}{
		"describes itself as a core":          {script{"describe": `{"ok":{"kind":"core","name":"x","version":"1"}}`}, "bad_answer"},
		"has no name":                         {script{"describe": `{"ok":{"kind":"policy","name":"","version":"1"}}`}, "bad_answer"},
		"has no version":                      {script{"describe": `{"ok":{"kind":"policy","name":"x","version":1}}`}, "bad_answer"},
		"answers describe with an error":      {script{"describe": `{"error":{"code":"no"}}`}, "bad_answer"},
		"asks something at its check":         {script{"check": `{"ask":{"what":"planned"}}`}, "bad_answer"},
		"traps when it is to describe itself": {script{"describe": trapping}, "trap"},
		"never ends its check":                {script{"check": looping}, "timeout"},
	} {
		t.Run(what, func(t *testing.T) {
			_, err := loadScripted(t, each.script)
			expectCode(t, err, each.code)
		})
	}
}

func TestAPolicyThatFailsCostsItsDecisionAndNothingElse(t *testing.T) {
	for what, each := range map[string]struct {
		decide any
		code   string
	}{
		"grants nothing that is a list":   {`{"ok":{"grant":"app/1"}}`, "bad_answer"},
		"grants without a lock":           {`{"ok":{"grant":[{"unit":"app/1"}]}}`, "bad_answer"},
		"revokes":                         {`{"ok":{"grant":[],"revoke":[{"unit":"app/1","lock":"restart"}]}}`, "bad_answer"},
		"gives no reason to wait":         {`{"ok":{"grant":[],"wait":[{"unit":"app/1","lock":"restart"}]}}`, "bad_answer"},
		"would be asked again before now": {`{"ok":{"grant":[],"retry_after":-1}}`, "bad_answer"},
		"asks":                            {`{"ask":{"what":"units"}}`, "bad_answer"},
		"answers neither":                 {`{"granted":[]}`, "bad_answer"},
		"grants what nobody asked for":    {`{"ok":{"grant":[{"unit":"app/9","lock":"restart"}]}}`, "not_asked"},
		"grants one thing twice":          {`{"ok":{"grant":[{"unit":"app/1","lock":"restart"},{"unit":"app/1","lock":"restart"}]}}`, "not_asked"},
		"refuses to decide":               {`{"error":{"code":"odd","message":"no","path":""}}`, "policy_error"},
		"traps":                           {trapping, "trap"},
		"never ends":                      {looping, "timeout"},
	} {
		t.Run(what, func(t *testing.T) {
			policy, err := loadScripted(t, script{"decide": each.decide})
			succeed(t, err)
			_, err = policy.Decide(t.Context(), waitingState, nil)
			expectCode(t, err, each.code)

			application := NewMemoryApplication(3)
			succeed(t, inHook(t, application, "app/2", acquire))
			succeed(t, inHook(t, application, "app/0", idle))
			held := application.Settings["coordinator"]
			if !strings.Contains(held, "app/2") {
				t.Fatalf("nothing is held: %s", held)
			}
			succeed(t, inHook(t, application, "app/1", acquire))
			succeed(t, inHook(t, application, "app/0", idle, WithPolicyModule(policy)))
			expect(t, application.Settings["coordinator"], held)
			last := application.Log[len(application.Log)-1]
			if last.Unit != "app/0" || !strings.Contains(last.Message, "policy: "+each.code+": ") {
				t.Errorf("the last that was logged is %v", last)
			}
		})
	}
}

func TestTheLeaderGrantsWhatThePolicySaysAndNameAndSHA256GoWithTheGrants(t *testing.T) {
	policy, err := loadScripted(t, script{"decide": granting}, WithPolicyName("half"))
	succeed(t, err)
	application := NewMemoryApplication(2)
	succeed(t, inHook(t, application, "app/1", acquire))
	succeed(t, inHook(t, application, "app/0", idle, WithPolicyModule(policy)))
	if !strings.Contains(application.Settings["coordinator"], `"app/1": {"restart"`) {
		t.Errorf("granted %s", application.Settings["coordinator"])
	}
	var noted struct{ Policy map[string]string }
	succeed(t, json.Unmarshal([]byte(application.Settings["coordinator-v1"]), &noted))
	expect(t, noted.Policy, map[string]string{"name": "half", "sha256": policy.SHA256()})
}

func TestAPolicyIsGivenTheSameBytesInEveryLanguage(t *testing.T) {
	given := `{"a": "é / \u00e9\u2028 \u0001\n\"\\", "2": [1.0, 1e2, -0, 0.1, 1e21, 12345678901234567], "b": [ ], "c": {}, "d": null, "e": true}`
	text, err := compact([]byte(given))
	succeed(t, err)
	expect(t, string(text), "{\"a\":\"é / é\u2028 \\u0001\\n\\\"\\\\\",\"2\":[1,100,0,0.1,1e+21,12345678901234568],\"b\":[],\"c\":{},\"d\":null,\"e\":true}")
	for _, wrong := range []string{"", "{", `{"a":1}{`, `{"a":1} x`, "1e999"} {
		if _, err := compact([]byte(wrong)); err == nil {
			t.Errorf("%s was taken", wrong)
		}
	}
}

func TestAStateMayLeaveOutWhatItHasNoneOf(t *testing.T) {
	wasm, err := os.ReadFile(filepath.Join(kit, "policies/half-c.wasm"))
	succeed(t, err)
	policy, err := LoadPolicy(t.Context(), wasm)
	succeed(t, err)
	defer policy.Close(t.Context())
	decision, err := policy.Decide(t.Context(), PolicyState{Leader: "app/0", N: 1}, nil)
	succeed(t, err)
	expect(t, decision.Grant, []Grant{})
}

func TestACommandThatIsTooLargeAndOneThatIsNone(t *testing.T) {
	_, err := LoadPolicy(t.Context(), make([]byte, mostCommand+1))
	expectCode(t, err, "too_big")
	_, err = LoadPolicy(t.Context(), []byte("hello"))
	if !errors.Is(err, &ModuleError{Code: "not_wasm"}) {
		t.Error(err)
	}
}
