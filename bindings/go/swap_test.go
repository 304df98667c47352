package coordinator

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

// swapStage is an application whose leader app/0 takes its policy from its operator, while app/1 waits for restart.
type swapStage struct {
	*testing.T
	folder      string
	kept        string
	application *MemoryApplication
	source      []SourceOption
	own         string
}

func newSwapStage(t *testing.T, source ...SourceOption) *swapStage {
	t.Helper()
	folder := t.TempDir()
	kept := filepath.Join(folder, "kept")
	given := append([]SourceOption{KeptIn(kept), LoadedWith(WithTimeLimit(time.Minute))}, source...)
	s := &swapStage{t, folder, kept, NewMemoryApplication(3), given, "pause"}
	succeed(t, inHook(t, s.application, "app/1", acquire))
	return s
}

// attach is juju attach-resource; it gives the sha256.
func (s *swapStage) attach(wasm []byte) string {
	s.Helper()
	path := filepath.Join(s.folder, "attached.wasm")
	succeed(s.T, os.WriteFile(path, wasm, 0o600))
	s.application.Resources["coordinator-policy"] = path
	return sha256Of(wasm)
}

func (s *swapStage) attachScript(given script) string {
	s.Helper()
	return s.attach(scriptedPolicy(s.T, given))
}

// configure is juju config.
func (s *swapStage) configure(value any) { s.application.Config["coordinator-policy"] = value }

// hook runs a hook of the leader; what its status said before it ended.
func (s *swapStage) hook(name string) Status {
	s.Helper()
	return s.hookOn(s.application.Hook("app/0", name))
}

func (s *swapStage) hookOn(host Host) Status {
	s.Helper()
	var said Status
	run := func(ctx context.Context, c *Coordinator) (err error) {
		said, err = c.Status(ctx)
		return err
	}
	succeed(s.T, Run(s.Context(), host, run, WithPolicy(s.own), WithSwap(NewPolicySource(s.source...))))
	if memory, ok := host.(*MemoryHost); ok {
		succeed(s.T, memory.Commit())
	}
	return said
}

func (s *swapStage) isGranted() bool {
	return strings.Contains(s.application.Settings["coordinator"], "app/1")
}

// log gives what was logged, and forgets it.
func (s *swapStage) log() []string {
	var lines []string
	for _, entry := range s.application.Log {
		lines = append(lines, fmt.Sprintf("%s %s", entry.Level, entry.Message))
	}
	s.application.Log = nil
	return lines
}

func (s *swapStage) expectFiles(names ...string) {
	s.Helper()
	entries, err := os.ReadDir(s.kept)
	succeed(s.T, err)
	var found []string
	for _, entry := range entries {
		found = append(found, entry.Name())
	}
	expect(s.T, found, names)
}

func (s *swapStage) expectProblem(said Status, key, message string) {
	s.Helper()
	if len(said.Problems) == 0 {
		s.Fatalf("no problems; expected %s", message)
	}
	last := said.Problems[len(said.Problems)-1]
	if last.Code != "policy_refused" || last.Key != key || !regexp.MustCompile(message).MatchString(last.Message) {
		s.Errorf("found %+v, expected %s: %s", last, key, message)
	}
}

var (
	half    = script{"describe": `{"ok":{"kind":"policy","name":"half","version":"1"}}`, "decide": granting}
	halting = script{"describe": half["describe"]}
)

func TestAModuleInTheResourceTakesThePlaceOfTheCharmsPolicyAndLaterHooksFindItKept(t *testing.T) {
	s := newSwapStage(t)
	expect(t, s.hook("config-changed").Policy, "pause")
	sum := s.attachScript(half)
	s.log()
	s.hook("upgrade-charm")
	expect(t, s.log()[0], "INFO the policy is now half 1 (sha256 "+sum[:12]+"), from the resource")
	if !s.isGranted() {
		t.Error("nothing is granted")
	}
	if noted := s.application.Settings["coordinator-v1"]; !strings.Contains(noted, `"policy": {"name": "half", "sha256": "`+sum) {
		t.Errorf("noted is %s", noted)
	}
	s.hook("config-changed")
	if logged := strings.Join(s.log(), "\n"); strings.Contains(logged, "the policy is now") {
		t.Errorf("what is not new is told as new: %s", logged)
	}
	delete(s.application.Resources, "coordinator-policy")
	expect(t, s.hook("update-status").Policy, "half")
}

func TestWhatDecidesIsKeptInAFolderThatIsThisUsersOwn(t *testing.T) {
	s := newSwapStage(t)
	sum := s.attachScript(script{"describe": half["describe"], "check": `{"ok":{"needs":{"options":["go"],"released":[]}}}`})
	s.configure("{ rules: serial, limit: 2, config: { max: 3 } }")
	s.hook("config-changed")
	about, err := os.Stat(s.kept)
	succeed(t, err)
	expect(t, about.Mode().Perm(), os.FileMode(0o700))
	s.expectFiles("policy.json", "policy.wasm")
	record, err := os.ReadFile(filepath.Join(s.kept, "policy.json"))
	succeed(t, err)
	expect(t, string(record), `{
  "v": 1,
  "from": "resource",
  "name": "half",
  "version": "1",
  "sha256": "`+sum+`",
  "config": {
    "max": 3
  },
  "needs": {
    "options": [
      "go"
    ],
    "released": []
  },
  "rules": "serial",
  "limit": 2,
  "refused": null
}
`)
}

func TestAModuleThatIsNoGoodIsRefusedTheOldOneGoesOnAndStatusSaysSoUntilItIsMended(t *testing.T) {
	for code, wasm := range map[string][]byte{
		"not_wasm":   []byte("hello"),
		"trap":       scriptedPolicy(t, script{"describe": trapping}),
		"timeout":    scriptedPolicy(t, script{"check": looping}),
		"bad_config": scriptedPolicy(t, script{"check": `{"error":{"code":"x","message":"no"}}`}),
		"too_big":    make([]byte, mostCommand+1),
	} {
		t.Run(code, func(t *testing.T) {
			s := newSwapStage(t)
			s.attachScript(halting)
			s.hook("config-changed")
			s.log()

			s.attach(wasm)
			key := "resource coordinator-policy"
			said := s.hook("upgrade-charm")
			expect(t, said.Policy, "half")
			s.expectProblem(said, key, "^"+code+": ")
			logged := s.log()[0]
			if !strings.HasPrefix(logged, "WARNING "+key+" is refused: "+code+": ") ||
				!strings.Contains(logged, "; the policy is still half 1 ") {
				t.Errorf("logged %s", logged)
			}

			expect(t, s.hook("update-status").Problems, said.Problems)
			expect(t, len(s.log()), 0)

			s.attachScript(half)
			expect(t, s.hook("upgrade-charm").Problems, []Problem{})
			if !s.isGranted() {
				t.Error("nothing is granted")
			}
		})
	}
}

func TestAConfigThatNoModuleCanBeToldIsNoReasonToFailTheHook(t *testing.T) {
	s := newSwapStage(t, LoadedWith(WithPolicyConfig(func() {})))
	s.attachScript(half)
	said := s.hook("config-changed")
	expect(t, said.Policy, "pause")
	s.expectProblem(said, "resource coordinator-policy", "^policy_failed: ")
}

func TestAModuleWithANameThatWouldFillLeaderSettingsIsRefused(t *testing.T) {
	s := newSwapStage(t)
	name := strings.Repeat("x", 50_000)
	s.attachScript(script{"describe": `{"ok":{"kind":"policy","name":"` + name + `","version":"1"}}`})
	said := s.hook("config-changed")
	expect(t, said.Policy, "pause")
	s.expectProblem(said, "resource coordinator-policy", "^bad_policy: ")
}

func TestWithoutAnOldOneTheCharmsOwnPolicyGoesOn(t *testing.T) {
	s := newSwapStage(t)
	s.own = "serial"
	s.attach([]byte("hello"))
	expect(t, s.hook("config-changed").Policy, "serial")
	expect(t, s.isGranted(), true)
}

func TestAnEmptyResourceIsHowToTakeAModuleBack(t *testing.T) {
	s := newSwapStage(t)
	s.attachScript(half)
	s.hook("config-changed")
	s.attach(nil)
	s.log()
	expect(t, s.hook("upgrade-charm").Policy, "pause")
	expect(t, s.log(), []string{"INFO the policy is now the charm's own"})
	s.expectFiles("policy.json")
}

func TestRulesInTheOptionTakeThePlaceOfTheCharmsOwnEachInTheFormThatTheCoreTakes(t *testing.T) {
	for _, each := range []struct {
		value    any
		expected string
	}{
		{"parallel:2", "parallel"},
		{"{ rule: parallel, max: 2 }", "parallel"},
		{"[serial, { rule: gate, option: go }]", "serial, gate"},
		{"rules: [serial]\nlimit: 1", "serial"},
		{"limit: 1", "pause"},
		{"", "pause"},
		{"# nothing yet", "pause"},
		{nil, "pause"},
	} {
		s := newSwapStage(t)
		s.configure(each.value)
		said := s.hook("config-changed")
		expect(t, []any{said.Policy, said.Problems}, []any{each.expected, []Problem{}})
	}
}

func TestRulesThatAreWrongAreRefusedAndTheOldOnesGoOn(t *testing.T) {
	for _, value := range []any{"serially", "[serial", "{ rules: serial, when: now }", "limit: 0", true} {
		s := newSwapStage(t)
		s.configure("parallel:2")
		s.hook("config-changed")
		s.configure(value)
		said := s.hook("config-changed")
		expect(t, said.Policy, "parallel")
		s.expectProblem(said, "option coordinator-policy", "^bad_policy: ")
	}
}

func TestWithAModuleAndRulesBothMustPermit(t *testing.T) {
	s := newSwapStage(t)
	s.attachScript(half)
	s.configure("pause")
	expect(t, s.hook("config-changed").Policy, "pause, half")
	expect(t, s.isGranted(), false)
	s.configure("")
	expect(t, s.hook("config-changed").Policy, "half")
	expect(t, s.isGranted(), true)
}

func TestTheLimitOfTheOptionHoldsWhateverItsRulesPermit(t *testing.T) {
	for limit := 1; limit <= 2; limit++ {
		s := newSwapStage(t)
		succeed(t, inHook(t, s.application, "app/2", acquire))
		s.configure(fmt.Sprintf(`{ rules: "parallel:5", limit: %d }`, limit))
		s.hook("config-changed")
		expect(t, len(object(json.RawMessage(s.application.Settings["coordinator"]))), limit)
	}
}

func TestAGoodModuleBesideABadOptionChangesNothingAndNeitherTheOtherWayRound(t *testing.T) {
	s := newSwapStage(t)
	s.attachScript(half)
	s.configure("serially")
	expect(t, s.hook("config-changed").Policy, "pause")
	s.attach([]byte("hello"))
	s.configure("serial")
	expect(t, s.hook("config-changed").Policy, "pause")
}

func TestAFileOfTheCharmDecidesWhereTheResourceIsEmpty(t *testing.T) {
	t.Setenv("JUJU_CHARM_DIR", t.TempDir())
	succeed(t, os.WriteFile(filepath.Join(os.Getenv("JUJU_CHARM_DIR"), "own.wasm"), scriptedPolicy(t, half), 0o600))
	s := newSwapStage(t, FromFile("own.wasm"))
	s.attach(nil)
	said := s.hook("config-changed")
	expect(t, []any{said.Policy, s.isGranted()}, []any{"half", true})
	succeed(t, os.Remove(filepath.Join(os.Getenv("JUJU_CHARM_DIR"), "own.wasm")))
	s.expectProblem(s.hook("config-changed"), "file own.wasm", "^file_failed: ")
}

// changedHost is a host of a leader some of whose answers are others.
type changedHost struct {
	*MemoryHost
	kind     ContextKind
	config   func() (map[string]any, error)
	resource func() (string, error)
}

type changedHook struct {
	Hook
	changedHost
}

func (h changedHost) Hook() Hook { return changedHook{h.MemoryHost.Hook(), h} }

func (h changedHook) Kind() ContextKind {
	return ContextKind(orElse(string(h.kind), string(ContextHook)))
}

func (h changedHook) Config(ctx context.Context) (map[string]any, error) {
	if h.config == nil {
		return h.Hook.Config(ctx)
	}
	return h.config()
}

func (h changedHook) Resource(ctx context.Context, name string) (string, error) {
	if h.resource == nil {
		return h.Hook.Resource(ctx, name)
	}
	return h.resource()
}

func TestWhatJujuCannotGiveIsAProblemAndTheOldPolicyGoesOn(t *testing.T) {
	s := newSwapStage(t)
	s.attachScript(half)
	s.hook("config-changed")
	failure := &HostError{"hook_tool_failed", "no route to the controller"}
	host := func() changedHost { return changedHost{MemoryHost: s.application.Hook("app/0", "config-changed")} }
	withoutConfig, withoutResource := host(), host()
	withoutConfig.config = func() (map[string]any, error) { return nil, failure }
	withoutResource.resource = func() (string, error) { return "", failure }

	said := s.hookOn(withoutConfig)
	expect(t, said.Policy, "half")
	s.expectProblem(said, "option coordinator-policy", "^config_failed: no route to the controller$")
	said = s.hookOn(withoutResource)
	expect(t, said.Policy, "half")
	s.expectProblem(said, "resource coordinator-policy", "^resource_failed: no route to the controller$")
	delete(s.application.Resources, "coordinator-policy")
	s.expectProblem(s.hook("config-changed"), "resource coordinator-policy", "^resource_failed: ")
}

func TestNoHookToolIsRunForItWhereNothingNewCanBeButALeaderWithoutARecordLooks(t *testing.T) {
	s := newSwapStage(t)
	var ran []string
	kind := ContextAction
	hook := func() []string {
		ran = nil
		s.hookOn(changedHost{
			MemoryHost: s.application.Hook("app/0", "update-status"),
			kind:       kind,
			config:     func() (map[string]any, error) { ran = append(ran, "config"); return nil, nil },
			resource:   func() (string, error) { ran = append(ran, "resource"); return "", nil },
		})
		return ran
	}
	expect(t, len(hook()), 0)
	kind = ContextHook
	s.application.Leader = "app/1"
	expect(t, len(hook()), 0)
	s.application.Leader = "app/0"
	expect(t, hook(), []string{"resource", "config"})
	expect(t, len(hook()), 0)
}

func TestAHookWithNothingToDecideLooksForANewPolicyAndNeedsNoCoreUntilThereIsOne(t *testing.T) {
	s := newSwapStage(t)
	s.application.Leader = "app/1"
	begin := func() *Coordinator {
		c, err := New(s.application.Hook("app/0", "install"), WithPolicy("pause"), WithSwap(NewPolicySource(s.source...)))
		succeed(t, err)
		succeed(t, c.Start(t.Context()))
		return c
	}
	c := begin()
	expect(t, c.asker.core, nil)
	succeed(t, c.End(t.Context()))
	s.expectFiles("policy.json")
	s.attachScript(half)
	c = begin()
	expect(t, c.unasked != nil, true)
	succeed(t, c.End(t.Context()))
	s.expectFiles("policy.json", "policy.wasm")
}

func TestARecordThatCannotBeReadIsAsIfThereWasNoneAndIsTold(t *testing.T) {
	for _, text := range []string{"{", "[]", `{"v":1}`, strings.Replace(mustWrite(t, nothingKept), `"v":1`, `"v":2`, 1), strings.Replace(mustWrite(t, nothingKept), `"needs":{}`, `"needs":[]`, 1)} {
		s := newSwapStage(t)
		s.attachScript(half)
		succeed(t, os.Mkdir(s.kept, 0o700))
		succeed(t, os.WriteFile(filepath.Join(s.kept, "policy.json"), []byte(text), 0o600))
		said := s.hook("update-status")
		expect(t, []string{said.Policy, said.Problems[0].Code}, []string{"half", "bad_record"})
		expect(t, s.hook("update-status").Problems, []Problem{})
	}
}

func mustWrite(t *testing.T, value any) string {
	t.Helper()
	text, err := write(value)
	succeed(t, err)
	return string(text)
}

func TestAKeptModuleThatWasLostGrantsNothingAndTheNextHookOfTheLeaderFetchesItAgain(t *testing.T) {
	s := newSwapStage(t)
	s.attachScript(halting)
	s.hook("config-changed")
	s.attachScript(half)
	succeed(t, os.WriteFile(filepath.Join(s.kept, "policy.wasm"), []byte("something else"), 0o600))
	s.log()
	s.hook("update-status")
	if logged := strings.Join(s.log(), "\n"); !strings.Contains(logged, "policy: lost: ") {
		t.Errorf("logged %s", logged)
	}
	s.hook("update-status")
	expect(t, s.isGranted(), true)
}

func TestWhereNothingCanBeKeptNothingNewDecides(t *testing.T) {
	s := newSwapStage(t)
	succeed(t, os.WriteFile(s.kept, []byte("a file where the folder should be"), 0o600))
	s.configure("serial")
	said := s.hook("config-changed")
	expect(t, said.Policy, "pause")
	s.expectProblem(said, "option coordinator-policy", "^folder_failed: ")

	s.attach([]byte("hello"))
	said = s.hook("config-changed")
	s.expectProblem(Status{Problems: said.Problems[:2]}, "resource coordinator-policy", "^not_wasm: ")
	s.expectProblem(said, "option coordinator-policy", "^folder_failed: ")
}

func TestACharmMayNamePlacesOfItsOwnOrNone(t *testing.T) {
	s := newSwapStage(t, FromResource(""), FromOption("rules"))
	s.attachScript(half)
	s.configure("serial")
	s.application.Config["rules"] = "parallel:2"
	expect(t, s.hook("config-changed").Policy, "parallel")
	s = newSwapStage(t, FromResource(""), FromOption(""))
	s.attachScript(half)
	s.configure("serial")
	expect(t, s.hook("config-changed").Policy, "pause")
}

func TestTheOptionIsReadAsYAML12InEveryLanguage(t *testing.T) {
	for text, expected := range map[string]string{
		"{b: 010, a: 0o10, c: 0x1F, d: 1_000}": `{"b":10,"a":8,"c":31,"d":"1_000"}`,
		"[yes, on, True, null, ~, '', \"~\"]":  `["yes","on",true,null,null,"","~"]`,
		"[22:00, 2026-11-22, 1.50, .5, -0]":    `["22:00","2026-11-22",1.5,0.5,0]`,
		"a: &x [1]\nb: *x\n<<: 1":              `{"a":[1],"b":[1],"<<":1}`,
		"--- serial\n...":                      `"serial"`,
		"text: |\n  é\n":                       `{"text":"é\n"}`,
	} {
		found, err := yamlToJSON(text)
		succeed(t, err)
		expect(t, string(found), expected)
	}
	laughs := "a: &a [x, x, x, x, x, x, x, x, x, x]\n"
	for letter := 'b'; letter < 'k'; letter++ {
		laughs += fmt.Sprintf("%c: &%c [%s]\n", letter, letter, strings.Join(slices.Repeat([]string{"*" + string(letter-1)}, 10), ", "))
	}
	for _, wrong := range []string{laughs, "a: &a [*a]", "{a: 1, a: 2}", "[a]: 1", "a: 1\n---\nb: 2", "\t- x", "a: 1e999"} {
		if found, err := yamlToJSON(wrong); err == nil {
			t.Errorf("%.40s is %.80s", wrong, found)
		}
	}
}

func TestAHookThatGoesOnInAnotherProcessKeepsItsPolicyAndItsProblems(t *testing.T) {
	s := newSwapStage(t)
	s.attachScript(half)
	s.hook("config-changed")
	s.attach([]byte("hello"))
	host := s.application.Hook("app/0", "upgrade-charm")
	c, err := New(host, WithPolicy("pause"), WithSwap(NewPolicySource(s.source...)))
	succeed(t, err)
	succeed(t, c.Start(t.Context()))
	state, err := c.Suspend()
	succeed(t, err)
	if !json.Valid(state) {
		t.Errorf("suspended as %s", state)
	}

	c, err = Resume(host, state)
	succeed(t, err)
	said, err := c.Status(t.Context())
	succeed(t, err)
	s.expectProblem(said, "resource coordinator-policy", "^not_wasm: ")
	succeed(t, c.End(t.Context()))
	expect(t, s.isGranted(), true)
}
