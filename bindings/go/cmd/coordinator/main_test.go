package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// The whole command, in a charm of four lines, with hook tools that are files.

const tools = `#!/bin/sh
# One unit, app/1, whose hook tools are a folder of files: what they answer, and what they were given.
cd "$TOOLS"
case "${0##*/} $*" in
"is-leader "*) cat leader ;;
"relation-ids "*) echo '["coordinator:0"]' ;;
"relation-list "*) echo '[]' ;;
"relation-get "*) cat databag ;;
"leader-get "*) cat settings ;;
"state-get "*) echo '""' ;;
"relation-set "*) cat >databag ;;
"leader-set "*) echo "$*" >granted ;;
"config-get "*) cat config ;;
"resource-get "*) cat resource 2>/dev/null || { echo "ERROR resource not found" >&2; exit 1; } ;;
esac
echo "${0##*/}" >>ran
`

type hook struct {
	t      *testing.T
	folder string
	id     string
}

func newUnit(t *testing.T, leader string) *hook {
	t.Helper()
	h := &hook{t: t, folder: t.TempDir(), id: "1"}
	for _, tool := range []string{
		"is-leader", "relation-ids", "relation-list", "relation-get", "leader-get", "state-get", "relation-set", "leader-set", "juju-log",
		"config-get", "resource-get",
	} {
		h.write(tool, tools)
	}
	h.write("leader", leader)
	h.write("databag", "{}")
	h.write("settings", "{}")
	h.write("config", "{}")
	h.write("metadata.yaml", "peers: { coordinator: { interface: coordinator } }")
	// The command is this test itself: see TestMain.
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	h.write("coordinator", "#!/bin/sh\nAS_COMMAND=1 exec '"+program+"' \"$@\"\n")
	return h
}

func TestMain(m *testing.M) {
	if os.Getenv("AS_COMMAND") != "" {
		main()
	}
	os.Exit(m.Run())
}

func (h *hook) write(name, text string) {
	if err := os.WriteFile(filepath.Join(h.folder, name), []byte(text), 0o700); err != nil {
		h.t.Fatal(err)
	}
}

func (h *hook) read(name string) string {
	text, err := os.ReadFile(filepath.Join(h.folder, name))
	if err != nil {
		h.t.Fatal(err)
	}
	return string(text)
}

// run runs a charm in sh, in one hook; its output and exit code.
func (h *hook) run(script string) (string, int) {
	command := exec.Command("sh", "-c", script)
	command.Env = append(os.Environ(), "TOOLS="+h.folder, "PATH="+h.folder+":"+os.Getenv("PATH"), "JUJU_CHARM_DIR="+h.folder,
		"JUJU_UNIT_NAME=app/1", "JUJU_HOOK_NAME=update-status", "JUJU_VERSION=3.6.0", "JUJU_CONTEXT_ID="+h.id)
	h.id += "1"
	var output bytes.Buffer
	command.Stdout, command.Stderr = &output, &output
	_ = command.Run()
	return output.String(), command.ProcessState.ExitCode()
}

func (h *hook) expect(script, output string, code int) {
	h.t.Helper()
	said, ended := h.run(script)
	if said != output || ended != code {
		h.t.Errorf("%s\nsaid %q, exit code %d; expected %q, %d", script, said, ended, output, code)
	}
}

func TestACharmOfFourLines(t *testing.T) {
	unit := newUnit(t, "true")
	charm := `set -e
coordinator start --policy serial
coordinator acquire restart || true
if coordinator granted restart; then echo restarts; fi
coordinator end`
	said, code := unit.run(charm)
	if code != 0 || !strings.Contains(said, "\nrestarts\n") {
		t.Errorf("said %q, exit code %d", said, code)
	}
	if databag := unit.read("databag"); !strings.Contains(databag, `\"done\": {\"restart\"`) {
		t.Errorf("nothing was given back: %s", databag)
	}
}

func TestTheReadmesScript(t *testing.T) {
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(readme), "```bash\n")
	script, _, _ := strings.Cut(rest, "```")
	unit := newUnit(t, "true")
	unit.write("restart-service", "#!/bin/sh\necho restarts\n")
	said, code := unit.run("set -e; cd \"$TOOLS\"; JUJU_DISPATCH_PATH=hooks/config-changed; " + script)
	if code != 0 || !strings.Contains(said, "\nrestarts\n") || !strings.Contains(unit.read("databag"), "done") {
		t.Errorf("said %q, exit code %d", said, code)
	}
	said, code = unit.run("set -e; cd \"$TOOLS\"; JUJU_DISPATCH_PATH=hooks/update-status; " + script)
	if code != 0 || strings.Contains(said, "restarts") {
		t.Errorf("said %q, exit code %d", said, code)
	}
}

func TestAUnitThatDoesNotLeadWaits(t *testing.T) {
	unit := newUnit(t, "false")
	unit.expect(`coordinator start; coordinator acquire restart; echo $?; coordinator requested restart; echo $?
coordinator granted restart; echo $?; coordinator end; echo $?`, "DEBUG asks for restart\n1\n0\n1\n0\n", 0)
	if ran := unit.read("ran"); strings.Count(ran, "relation-ids") != 1 || strings.Count(ran, "is-leader") != 1 {
		t.Errorf("hook tools are run again: %s", ran)
	}
}

func TestDataGoesWithARequest(t *testing.T) {
	unit := newUnit(t, "false")
	said, code := unit.run(`coordinator start; coordinator acquire restart --data '{"zone": "a", "priority": 5}'; coordinator end`)
	if databag := unit.read("databag"); code != 0 || !strings.Contains(databag, `{\"priority\": 5, \"zone\": \"a\"}`) {
		t.Errorf("said %q, exit code %d; databag %s", said, code, databag)
	}
}

func TestAHookIsNotTheHookBefore(t *testing.T) {
	unit := newUnit(t, "false")
	unit.expect("coordinator start && coordinator end", "", 0)
	unit.expect("coordinator granted restart", "coordinator: bad_order: coordinator start was not called in this hook\n", 3)
}

func TestAFailureThatNobodyLookedAtFailsTheHook(t *testing.T) {
	unit := newUnit(t, "true")
	said, code := unit.run(`coordinator start --policy paralel || true; coordinator end`)
	if code != 3 || !strings.Contains(said, "it failed before in this hook: bad_policy") {
		t.Errorf("said %q, exit code %d", said, code)
	}
	said, code = unit.run(`coordinator start; coordinator acquire '' || true; coordinator end`)
	if code != 3 || !strings.Contains(said, "it failed before in this hook: bad_lock") {
		t.Errorf("said %q, exit code %d", said, code)
	}
}

func TestTheOperatorsPolicyGoesBeforeTheCharmsInEachVerbOfTheHook(t *testing.T) {
	unit := newUnit(t, "true")
	charm := "coordinator start --policy pause --swap && coordinator acquire restart; echo $?; coordinator status; coordinator end"
	if said, code := unit.run(charm); code != 0 || !strings.Contains(said, "\n1\n") || !strings.Contains(said, `"policy":"pause"`) {
		t.Errorf("said %q, exit code %d", said, code)
	}
	unit.write(".coordinator-policy/policy.json", "no record")
	unit.write("config", `{"coordinator-policy": "[serial]"}`)
	unit.write("databag", "{}")
	said, code := unit.run(charm)
	if code != 0 || !strings.Contains(said, "INFO the policy is now [\"serial\"], from the option\n") || !strings.Contains(said, "\n0\n") {
		t.Errorf("said %q, exit code %d", said, code)
	}
}

func TestWhatIsRefusedIsToldByAVerbThatRunsLater(t *testing.T) {
	unit := newUnit(t, "true")
	unit.write("policy.wasm", "hello")
	unit.write("resource", filepath.Join(unit.folder, "policy.wasm")+"\n")
	said, code := unit.run("coordinator start --swap && coordinator status")
	refused := `{"code":"policy_refused","key":"resource coordinator-policy","message":"not_wasm: `
	if code != 0 || !strings.Contains(said, refused) {
		t.Errorf("said %q, exit code %d", said, code)
	}
}

func TestStatusIsOneLineOfJSON(t *testing.T) {
	said, code := newUnit(t, "false").run("coordinator start --relation coordinator --store settings; coordinator status")
	if code != 0 || !strings.HasPrefix(said, `{"unit":"app/1","leading":false,`) || strings.Count(said, "\n") != 1 {
		t.Errorf("said %q, exit code %d", said, code)
	}
}

func TestTheCommandLine(t *testing.T) {
	for _, each := range []struct {
		args   string
		code   int
		stderr string
	}{
		{"--help", 0, ""},
		{"acquire --help", 0, ""},
		{"", 2, "expected a verb"},
		{"dance", 2, `"dance" is no verb`},
		{"acquire", 2, "acquire: expected the name of a lock"},
		{"granted restart --data {}", 2, "granted: flag provided but not defined: -data"},
		{"start --swap yes", 2, `start: "yes" is too much`},
		{"acquire restart --data 1", 2, "acquire: --data must be a JSON object, not \"1\""},
		{"end now", 2, `end: "now" is too much`},
		{"start", 3, "no_hook: JUJU_UNIT_NAME is not set: this must run in a hook of Juju"},
	} {
		var stdout, stderr bytes.Buffer
		code := run(t.Context(), strings.Fields(each.args), &stdout, &stderr)
		if code != each.code || !strings.Contains(stderr.String(), each.stderr) || (code == 0) != (stdout.String() == usage) {
			t.Errorf("%s: exit code %d, %s", each.args, code, stderr.String())
		}
	}
}
