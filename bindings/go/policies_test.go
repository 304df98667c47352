package coordinator

import (
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
)

// The Go binding walks the policies of the conformance kit that go wrong.

// policyGuest is an entry of guests.json that is walked as a whole policy.
type policyGuest struct {
	Guest    string
	As       string
	At       string
	Config   json.RawMessage
	Needs    *PolicyNeeds
	Decision json.RawMessage
	Error    string
	Trap     string
	Says     string
	Log      []string
	Fuel     int64
}

// policyOutcome is what became of it, and where.
type policyOutcome struct {
	at       string
	err      error
	needs    PolicyNeeds
	decision any
	log      []string
	fuel     int64
}

// walkPolicy has a policy introduce itself and decide once, with a clock that is in nobody's way.
func walkPolicy(t *testing.T, wasm []byte, config json.RawMessage, state json.RawMessage, options []ModuleOption) policyOutcome {
	t.Helper()
	options = append(slices.Clone(options), WithTimeLimit(time.Minute))
	if config != nil {
		options = append(options, WithPolicyConfig(config))
	}
	given := newModuleOptions(KindPolicy, options)
	text, err := configText(given.config)
	succeed(t, err)
	facts := policyFacts{sha256: sha256Of(wasm)}
	loaded, err := loadProgram(t.Context(), wasm, facts.sha256, given)
	if err != nil {
		return policyOutcome{at: "load", err: err}
	}
	policy := &PolicyModule{facts, text, runner{loaded: loaded}}
	defer policy.Close(t.Context())
	if err := policy.describe(t.Context(), given); err != nil {
		return policyOutcome{at: "describe", err: err}
	}
	if err := policy.check(t.Context(), given); err != nil {
		return policyOutcome{at: "check", err: err}
	}
	found := policyOutcome{at: "decide", needs: policy.Needs(), log: []string{}}
	decided, err := policy.decide(t.Context(), state, func(line string) { found.log = append(found.log, line) })
	if found.err = err; err == nil {
		found.decision = plainly(t, decided.text)
	}
	found.fuel, _ = policy.FuelUsed()
	return found
}

// plainly is a decision as parsed JSON, of its entries only what counts.
func plainly(t *testing.T, text json.RawMessage) any {
	t.Helper()
	var decision map[string]any
	succeed(t, json.Unmarshal(text, &decision))
	for _, list := range decision {
		entries, _ := list.([]any)
		for _, entry := range entries {
			for name := range entry.(map[string]any) {
				if name != "unit" && name != "lock" && name != "reason" {
					delete(entry.(map[string]any), name)
				}
			}
		}
	}
	return decision
}

func (g policyGuest) check(t *testing.T, found policyOutcome) {
	t.Helper()
	var failure ModuleError
	message := ""
	if found.err != nil {
		outcome := failed(t, found.at, found.err)
		failure.Code, failure.Trap, message = outcome.error, outcome.trap, found.err.Error()
	}
	if found.at != g.At || failure.Code != g.Error || failure.Trap != g.Trap || !strings.Contains(message, g.Says) {
		t.Fatalf("at %s: %v; expected %s at %s: %s", found.at, found.err, g.Error, g.At, g.Says)
	}
	if g.Decision != nil && !reflect.DeepEqual(found.decision, plainly(t, g.Decision)) {
		t.Errorf("decided %v, expected %s", found.decision, g.Decision)
	}
	if g.Needs != nil && !reflect.DeepEqual(found.needs, *g.Needs) {
		t.Errorf("needs %v, expected %v", found.needs, *g.Needs)
	}
	if g.Log != nil && !slices.Equal(found.log, g.Log) {
		t.Errorf("logged %q, expected %q", found.log, g.Log)
	}
	if g.Fuel != 0 && found.fuel != g.Fuel {
		t.Errorf("took %d fuel, expected %d", found.fuel, g.Fuel)
	}
}

func TestGuestsAsPolicies(t *testing.T) {
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	var guests []policyGuest
	readKit(t, "guests.json", &guests)
	state, err := os.ReadFile(filepath.Join(kit, "decide.json"))
	succeed(t, err)
	for engine, options := range engines {
		for _, each := range guests {
			if each.As != "policy" {
				continue
			}
			t.Run(engine+"/"+each.Guest+"/"+each.Error, func(t *testing.T) {
				if engine == "interpreter" && strings.Contains(each.Guest, "loop") {
					t.Skip("all of its fuel takes seconds here; loop_of_fills has spent it sooner")
				}
				each.check(t, walkPolicy(t, readGuest(t, each.Guest), each.Config, state, options))
			})
		}
	}
}
