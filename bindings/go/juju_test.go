package coordinator

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
)

// juju answers hook tools by their whole command line, and remembers what was run.
type juju struct {
	env     map[string]string
	answers map[string]string
	ran     []string
}

func newJuju() *juju {
	return &juju{
		env: map[string]string{"JUJU_UNIT_NAME": "app/1", "JUJU_HOOK_NAME": "config-changed", "JUJU_VERSION": "3.6.2"},
		answers: map[string]string{
			"is-leader":                                 "false",
			"relation-ids coordinator":                  `["coordinator:0"]`,
			"relation-list -r coordinator:0":            `["app/0"]`,
			"relation-get -r coordinator:0 - app/1":     `{"ingress-address": "10.0.0.1"}`,
			"relation-get -r coordinator:0 - app/0":     `{}`,
			"relation-get -r coordinator:0 --app - app": `{}`,
			"leader-get -":                              `{}`,
			"leader-set":                                "",
			"state-get coordinator":                     `""`,
			"relation-set":                              "",
			"state-set":                                 "",
			"juju-log":                                  "",
		},
	}
}

func (j *juju) run(_ context.Context, tool string, args []string, input string) (string, error) {
	args = slices.DeleteFunc(slices.Clone(args), func(arg string) bool { return arg == "--format=json" })
	line := strings.Join(append([]string{tool}, args...), " ")
	if input != "" {
		line += " < " + input
	}
	j.ran = append(j.ran, line)
	for _, known := range []string{line, tool} {
		answer, found := j.answers[known]
		if message, failed := strings.CutPrefix(answer, "ERROR "); failed {
			return "", &HookToolError{Tool: tool, Args: args, ExitCode: 1, Stderr: message}
		}
		if found {
			return answer, nil
		}
	}
	return "", &HookToolError{Tool: tool, Args: args, ExitCode: 1, Stderr: "unknown: " + line}
}

func (j *juju) host(t *testing.T, options ...JujuOption) *JujuHost {
	t.Helper()
	env := func(name string) string { return j.env[name] }
	host, err := NewJujuHost(append([]JujuOption{WithRelation("coordinator"), WithEnvironment(env), WithRunTool(j.run)}, options...)...)
	succeed(t, err)
	return host
}

func expect(t *testing.T, found, expected any) {
	t.Helper()
	if !reflect.DeepEqual(found, expected) {
		t.Errorf("\nfound    %#v\nexpected %#v", found, expected)
	}
}

func TestAUnitThatDoesNotLeadRunsFourHookTools(t *testing.T) {
	j := newJuju()
	j.env["JUJU_HOOK_NAME"] = "update-status"
	succeed(t, Run(t.Context(), j.host(t), func(context.Context, *Coordinator) error { return nil }))
	expect(t, j.ran, []string{
		"is-leader", "relation-ids coordinator", "relation-get -r coordinator:0 - app/1", "leader-get -",
	})
}

func TestARequestIsOneMoreAndALeaderReadsEachMember(t *testing.T) {
	j := newJuju()
	acquire := func(_ context.Context, c *Coordinator) error { return acquire(c) }
	succeed(t, Run(t.Context(), j.host(t), acquire))
	expect(t, len(j.ran), 6) // saved requests are looked for once
	if last := j.ran[5]; !strings.HasPrefix(last, `relation-set -r coordinator:0 --file - < {"coordinator":`) {
		t.Error(last)
	}

	j = newJuju()
	j.answers["is-leader"] = "true"
	j.env["JUJU_HOOK_NAME"] = "update-status"
	succeed(t, Run(t.Context(), j.host(t), func(context.Context, *Coordinator) error { return nil }))
	expect(t, j.ran[3:], []string{
		"leader-get -", "relation-list -r coordinator:0", "relation-get -r coordinator:0 - app/0",
	})
}

func TestGrantsAreInTheApplicationDatabagFromJuju4On(t *testing.T) {
	j := newJuju()
	j.env["JUJU_VERSION"] = "4.0.1"
	leadership := j.host(t).Leadership()
	expect(t, leadership.Store(), StoreApplication)
	values, err := leadership.Read(t.Context())
	succeed(t, err)
	expect(t, values, Values{})
	accepted, err := leadership.Write(t.Context(), Values{"b": "2", "a": "1"})
	succeed(t, err)
	expect(t, accepted, true)
	expect(t, j.ran[len(j.ran)-1], `relation-set -r coordinator:0 --app --file - < {"a":"1","b":"2"}`)
	expect(t, j.host(t, WithStore(StoreSettings)).Leadership().Store(), StoreSettings)
}

func TestARefusedWriteIsNoFailure(t *testing.T) {
	for tool, refusal := range map[string]string{
		"leader-set":   "ERROR cannot write leadership settings: cannot write settings: not the leader",
		"relation-set": "ERROR cannot write relation settings",
	} {
		j := newJuju()
		j.answers[tool] = refusal
		store := map[string]Store{"leader-set": StoreSettings, "relation-set": StoreApplication}[tool]
		accepted, err := j.host(t, WithStore(store)).Leadership().Write(t.Context(), Values{"a": "1"})
		expect(t, []any{accepted, err}, []any{false, nil})

		j.answers[tool] = "ERROR connection refused"
		_, err = j.host(t, WithStore(store)).Leadership().Write(t.Context(), Values{"a": "1"})
		expectCode(t, err, "hook_tool_failed")
	}
}

func TestADatabagThatJujuRefusesToShowIsNone(t *testing.T) {
	j := newJuju()
	j.answers["relation-get -r coordinator:0 - app/7"] = "ERROR permission denied"
	peers := j.host(t).Peers()
	for _, unit := range []string{"app/7", "--app", "app/x", "/1", "App/1", "app"} {
		values, err := peers.Of(t.Context(), unit)
		succeed(t, err)
		if values != nil {
			t.Errorf("%s: %v", unit, values)
		}
	}
	expect(t, j.ran, []string{"relation-ids coordinator", "relation-get -r coordinator:0 - app/7"})
}

func TestWhatJujuWouldNeverSayFailsTheHook(t *testing.T) {
	for tool, answers := range map[string][]string{
		"is-leader":                             {"", "null", `"yes"`, "1"},
		"relation-ids coordinator":              {"{}", `[1]`, `[null]`},
		"relation-get -r coordinator:0 - app/1": {"[]", `{"a": 1}`, `{"a": null}`, "x"},
		"leader-get -":                          {"1"},
	} {
		for _, answer := range answers {
			j := newJuju()
			j.answers[tool] = answer
			err := Run(t.Context(), j.host(t), func(context.Context, *Coordinator) error { return nil })
			expectCode(t, err, "bad_output")
		}
	}
}

func TestWithoutARelationRequestsAreKeptInTheUnitsState(t *testing.T) {
	j := newJuju()
	j.answers["relation-ids coordinator"] = "[]"
	succeed(t, Run(t.Context(), j.host(t), func(_ context.Context, c *Coordinator) error { return acquire(c) }))
	if last := j.ran[len(j.ran)-1]; !strings.HasPrefix(last, `state-set --file - < {"coordinator":`) {
		t.Error(last)
	}
}

func TestARemoteUnitCountsInHooksOfThisRelationOnly(t *testing.T) {
	for id, expected := range map[string]string{"coordinator:0": "app/0", "other:1": ""} {
		j := newJuju()
		j.env["JUJU_REMOTE_UNIT"], j.env["JUJU_DEPARTING_UNIT"], j.env["JUJU_RELATION_ID"] = "app/0", "app/0", id
		hook := j.host(t).Hook()
		remote, err := hook.RemoteUnit(t.Context())
		succeed(t, err)
		departing, err := hook.DepartingUnit(t.Context())
		succeed(t, err)
		expect(t, []string{remote, departing}, []string{expected, expected})
	}
}

func TestTheKindOfContextIsThatOfTheEnvironment(t *testing.T) {
	j := newJuju()
	expect(t, j.host(t).Hook().Kind(), ContextHook)
	j.env["JUJU_HOOK_NAME"] = ""
	expect(t, j.host(t).Hook().Kind(), ContextExec)
	j.env["JUJU_ACTION_NAME"] = "pause"
	expect(t, j.host(t).Hook().Kind(), ContextAction)
	_, err := NewJujuHost(WithEnvironment(func(string) string { return "" }))
	expectCode(t, err, "no_hook")
}

func TestAnActionReadsAndChangesNothing(t *testing.T) {
	j := newJuju()
	j.env["JUJU_ACTION_NAME"], j.env["JUJU_HOOK_NAME"] = "status", ""
	act := func(_ context.Context, c *Coordinator) error {
		_, err := c.Status(t.Context())
		expectCode(t, acquire(c), "not_in_hook")
		return err
	}
	succeed(t, Run(t.Context(), j.host(t), act))
	expect(t, len(j.ran), 4)
	succeed(t, Run(t.Context(), j.host(t), func(_ context.Context, c *Coordinator) error { return acquire(c) }, WithAllow(ActAcquire)))
	if last := j.ran[len(j.ran)-1]; !strings.HasPrefix(last, "relation-set") {
		t.Error(last)
	}
}

func TestWhatIsLoggedHasNoControlCharactersAndFits(t *testing.T) {
	j := newJuju()
	j.host(t).Hook().Log(t.Context(), LevelWarning, "a\nb\x1b[31m"+strings.Repeat("é", 100_000))
	line := j.ran[0]
	if !strings.HasPrefix(line, "juju-log -l WARNING -- a b [31m") || len(line) > 131_071+len("juju-log -l WARNING -- ") {
		t.Errorf("%d bytes: %s", len(line), line[:60])
	}
}

func TestThePeerRelationIsFoundInTheMetadata(t *testing.T) {
	for metadata, expected := range map[string]string{
		"peers: { zebra: { interface: a }, coordinator: { interface: b } }": "coordinator",
		"peers: { zebra: { interface: a }, ape: { interface: b } }":         "ape",
		"name: x":     "",
		"peers: none": "",
		"":            "",
	} {
		folder := t.TempDir()
		succeed(t, os.WriteFile(filepath.Join(folder, "charmcraft.yaml"), []byte(metadata), 0o600))
		name, err := peerRelationName(func(string) string { return folder })
		succeed(t, err)
		expect(t, name, expected)
	}
	folder := t.TempDir()
	succeed(t, os.WriteFile(filepath.Join(folder, "metadata.yaml"), []byte("peers: {"), 0o600))
	_, err := peerRelationName(func(string) string { return folder })
	expectCode(t, err, "bad_metadata")
	name, err := peerRelationName(func(string) string { return t.TempDir() })
	succeed(t, err)
	expect(t, name, "")
}

func TestARealToolIsRunWithItsInput(t *testing.T) {
	folder := t.TempDir()
	succeed(t, os.WriteFile(filepath.Join(folder, "echo-tool"), []byte("#!/bin/sh\necho \"$*\"; cat; [ \"$1\" != fail ] || { echo no >&2; exit 3; }\n"), 0o700))
	t.Setenv("PATH", folder+":"+os.Getenv("PATH"))
	output, err := runTool(t.Context(), "echo-tool", []string{"a b", "c"}, "input")
	succeed(t, err)
	expect(t, output, "a b c\ninput")
	_, err = runTool(t.Context(), "echo-tool", []string{"fail"}, "")
	expect(t, err, error(&HookToolError{Tool: "echo-tool", Args: []string{"fail"}, ExitCode: 3, Stderr: "no\n"}))
	expect(t, fmt.Sprint(err), "hook_tool_failed: echo-tool fail exited with 3: no")
	_, err = runTool(t.Context(), "no-such-tool", nil, "")
	expectCode(t, err, "hook_tool_failed")
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = runTool(gone, "echo-tool", nil, "")
	expectCode(t, err, "hook_tool_failed")
}

func TestTheClockNeverGoesBack(t *testing.T) {
	c := clock{last: time.Now()}
	before := c.seconds()
	// As if the wall clock had stood still, or the machine had slept.
	c.last = c.last.Round(0).Add(-time.Hour)
	if after := c.seconds(); after < before+3600 {
		t.Errorf("%v, then %v", before, after)
	}
	c.last = time.Now().Add(time.Hour)
	if slept, after := c.seconds(), c.seconds(); after < slept {
		t.Errorf("%v, then %v", slept, after)
	}
}

func TestAResourceIsAPathAndOneThatWasNeverAttachedIsNone(t *testing.T) {
	j := newJuju()
	resource := func(answer string) (string, error) {
		j.answers["resource-get policy"] = answer
		return j.host(t).Hook().Resource(t.Context(), "policy")
	}
	path, err := resource("/var/lib/half.wasm\n")
	expect(t, []any{path, err}, []any{"/var/lib/half.wasm", nil})
	path, err = resource("ERROR could not download resource: resource not found")
	expect(t, []any{path, err}, []any{"", nil})
	_, err = resource("ERROR no route to the controller")
	expectCode(t, err, "hook_tool_failed")
}
