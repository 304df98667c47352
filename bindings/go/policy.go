package coordinator

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math"
)

// This file has a policy in a module of its own, in whatever language: loaded, described and checked before anything depends on
// it, then asked for decisions. It may be wrong in every way; each has a code, and none costs more than that decision.

// PolicyKind says how a policy is asked.
type PolicyKind string

// The kinds of policies: a module keeps the contract of host/abi.md, a command speaks WASI, with JSON on its standard input and
// output. Which of them a file is, it says itself.
const (
	PolicyKindModule  PolicyKind = "module"
	PolicyKindCommand PolicyKind = "command"
)

// WithPolicyConfig sets what the policy is told at its check and with each decision: anything that JSON can say. Default: {}.
func WithPolicyConfig(config any) ModuleOption {
	return func(options *moduleOptions) { options.config = config }
}

// WithPolicyName sets the name that status shows and grants carry. Default: what the policy calls itself.
func WithPolicyName(name string) ModuleOption {
	return func(options *moduleOptions) { options.name = name }
}

// WithPolicyLog takes each line that a command writes on standard error while it is described and checked.
func WithPolicyLog(log func(line string)) ModuleOption {
	return func(options *moduleOptions) { options.log = log }
}

// PolicyModule is a policy that was loaded, described and checked; for [WithPolicyModule]. It is not safe for concurrent use.
type PolicyModule struct {
	policyFacts
	config json.RawMessage
	runner runner
}

// policyFacts is what is known of a policy without running it.
type policyFacts struct {
	name, version string
	// sha256 is that of the file as it was given, in hexadecimal.
	sha256 string
	needs  PolicyNeeds
}

// LoadPolicy loads a policy: checks the file, asks it who it is, and whether it takes its config. The options are those of
// [LoadModule] besides those for policies.
//
// An error is a *[ModuleError] with the code of what is wrong: "bad_config" if the policy does not take its config. With a config
// that JSON cannot say it is a *[UsageError] "bad_type".
func LoadPolicy(ctx context.Context, wasm []byte, options ...ModuleOption) (*PolicyModule, error) {
	given := newModuleOptions(KindPolicy, options)
	config, err := configText(given.config)
	if err != nil {
		return nil, err
	}
	facts := policyFacts{sha256: sha256Of(wasm)}
	policy := keptPolicy(facts, config, func() ([]byte, error) { return wasm, nil }, given)
	if err := policy.introduce(ctx, given); err != nil {
		policy.Close(ctx)
		return nil, err
	}
	return policy, nil
}

// keptPolicy is a policy that was loaded before. Its file is read when it is asked for the first decision; an error of read is then
// what goes wrong with that.
func keptPolicy(facts policyFacts, config json.RawMessage, read func() ([]byte, error), given moduleOptions) *PolicyModule {
	load := func(ctx context.Context) (program, error) {
		wasm, err := read()
		if err != nil {
			return nil, err
		}
		return loadProgram(ctx, wasm, facts.sha256, given)
	}
	return &PolicyModule{facts, config, runner{load: load}}
}

// introduce asks the policy who it is, and whether it takes its config.
func (p *PolicyModule) introduce(ctx context.Context, given moduleOptions) error {
	if err := p.describe(ctx, given); err != nil {
		return err
	}
	return p.check(ctx, given)
}

func (p *PolicyModule) describe(ctx context.Context, given moduleOptions) error {
	said, err := p.runner.call(ctx, "describe", []byte(`{"op":"describe"}`), given.log)
	if err != nil {
		return err
	}
	if p.name, p.version, err = describe(said); err == nil && given.name != "" {
		p.name = given.name
	}
	return err
}

func (p *PolicyModule) check(ctx context.Context, given moduleOptions) error {
	said, err := p.runner.call(ctx, "check", join(`{"op":"check","config":`, p.config, `}`), given.log)
	if err == nil {
		p.needs, err = needsOf(said)
	}
	return err
}

// external is what the core is told of it.
func (f policyFacts) external() map[string]any {
	return map[string]any{"name": f.name, "sha256": f.sha256, "needs": f.needs}
}

// Kind says whether it is a module or a command.
func (p *PolicyModule) Kind() PolicyKind { return p.runner.loaded.kind() }

// Name is what status shows and grants carry.
func (p *PolicyModule) Name() string { return p.name }

// Version is what the policy says of itself.
func (p *PolicyModule) Version() string { return p.version }

// SHA256 is that of the file as it was given, in hexadecimal.
func (p *PolicyModule) SHA256() string { return p.sha256 }

// Needs says what it wants to be told with each decision.
func (p *PolicyModule) Needs() PolicyNeeds { return p.needs }

// FuelUsed says what the last operation used, the same on every machine and in every language; false if that is not known.
func (p *PolicyModule) FuelUsed() (int64, bool) {
	return p.runner.last.fuelUsed, p.runner.last.isCounted
}

// Close gives back what the policy uses.
func (p *PolicyModule) Close(ctx context.Context) error { return p.runner.Close(ctx) }

// Decide decides, in an instance of its own. log takes each line that a command writes on standard error; it may be nil.
//
// Whatever goes wrong is a *[ModuleError], with one of the codes of host/abi.md.
func (p *PolicyModule) Decide(ctx context.Context, state PolicyState, log func(line string)) (PolicyDecision, error) {
	state.Units, state.Holders, state.Queue = orEmptyList(state.Units), orEmptyList(state.Holders), orEmptyList(state.Queue)
	text, err := write(state)
	if err != nil {
		return PolicyDecision{}, badType("the state cannot be written as JSON: %v", err)
	}
	decided, err := p.decide(ctx, join(`{"op":"decide",`, text[1:], ""), log)
	if err != nil {
		return PolicyDecision{}, err
	}
	return decided.decision, nil
}

// orEmptyList: a list that is nil is null to JSON, and no list to a policy.
func orEmptyList[Item any](items []Item) []Item {
	if items == nil {
		return []Item{}
	}
	return items
}

// decided is a decision, and what the policy said word for word.
type decided struct {
	decision PolicyDecision
	text     json.RawMessage
}

// decide is given the core's input as it is, so that the policy gets the same bytes, and takes the same fuel, in every language.
func (p *PolicyModule) decide(ctx context.Context, state json.RawMessage, log func(line string)) (decided, error) {
	input, err := compact(state)
	if err != nil {
		return decided{}, moduleError("bad_answer", "the core asked with %s", beginning(string(state), 80))
	}
	said, err := p.runner.call(ctx, "decide", join(string(input[:len(input)-1])+`,"config":`, p.config, `}`), log)
	if err != nil {
		return decided{}, err
	}
	if said.err != nil {
		return decided{}, moduleError("policy_error", "decide: it answered %s", told(said.err))
	}
	if said.ok == nil {
		return decided{}, wrong("decide", "it asks, where a policy must answer")
	}
	decision, err := decisionOf(said.ok, state)
	return decided{decision, said.ok}, err
}

func configText(config any) (json.RawMessage, error) {
	if config == nil {
		return json.RawMessage("{}"), nil
	}
	text, err := write(config)
	if err == nil {
		text, err = compact(text)
	}
	if err != nil {
		return nil, badType("a policy's config cannot be written as JSON: %v", err)
	}
	return text, nil
}

func sha256Of(bytes []byte) string {
	sum := sha256.Sum256(bytes)
	return hex.EncodeToString(sum[:])
}

func join(before string, text []byte, after string) []byte {
	return append(append([]byte(before), text...), after...)
}

func describe(said answer) (name, version string, err error) {
	if said.err != nil {
		return "", "", wrong("describe", "it answered %s", told(said.err))
	}
	members := object(said.ok)
	if kind := textOf(members["kind"]); kind == nil || *kind != "policy" {
		return "", "", wrong("describe", `its kind is %s; expected "policy"`, show(members["kind"]))
	}
	name, version = orEmpty(textOf(members["name"])), orEmpty(textOf(members["version"]))
	if name == "" {
		return "", "", wrong("describe", "its name is %s; expected a text", show(members["name"]))
	}
	if version == "" {
		return "", "", wrong("describe", "its version is %s; expected a text", show(members["version"]))
	}
	return name, version, nil
}

func needsOf(said answer) (PolicyNeeds, error) {
	var needs PolicyNeeds
	if said.err != nil {
		return needs, moduleError("bad_config", "check: %s", told(said.err))
	}
	if said.ok == nil {
		return needs, wrong("check", "it asks, where a policy must answer")
	}
	given, found := object(said.ok)["needs"]
	if !found {
		return needs, nil
	}
	members := object(given)
	if members == nil {
		return needs, wrong("check", "its needs are %s; expected an object", show(given))
	}
	for name, value := range members {
		if err := needs.take(name, value); err != nil {
			return needs, err
		}
	}
	return needs, nil
}

func (n *PolicyNeeds) take(name string, value json.RawMessage) error {
	var isFine bool
	switch name {
	case "options":
		n.Options, isFine = textsOf(value)
	case "released":
		n.Released, isFine = textsOf(value)
	case "units":
		var units *bool
		if isFine = json.Unmarshal(value, &units) == nil && units != nil; isFine {
			n.Units = *units
		}
		if !isFine {
			return wrong("check", "its need units is %s; expected true or false", show(value))
		}
	default:
		return wrong("check", "it needs %q, which is not known", name)
	}
	if !isFine {
		return wrong("check", "its need %s is %s; expected a list of texts", name, show(value))
	}
	return nil
}

// decisionOf gives the decision, if it has the right form and grants nothing but what is asked for, and that once.
func decisionOf(ok, state json.RawMessage) (PolicyDecision, error) {
	members := object(ok)
	for name := range members {
		if name != "grant" && name != "wait" && name != "retry_after" {
			return PolicyDecision{}, wrong("decide", "it has %q; expected grant, wait and retry_after only", name)
		}
	}
	var decision PolicyDecision
	var err error
	if decision.Grant, err = grantsOf(members["grant"]); err != nil {
		return PolicyDecision{}, err
	}
	if text, found := members["wait"]; found {
		if decision.Wait, err = waitsOf(text); err != nil {
			return PolicyDecision{}, err
		}
	}
	if text, found := members["retry_after"]; found {
		var seconds *float64
		if json.Unmarshal(text, &seconds) != nil || seconds == nil || *seconds < 0 {
			return PolicyDecision{}, wrong("decide", "retry_after is %s; expected seconds", show(text))
		}
		decision.RetryAfter = int(math.Min(math.Ceil(*seconds), math.MaxInt32))
	}
	return decision, checkAsked(decision.Grant, state)
}

func grantsOf(text json.RawMessage) ([]Grant, error) {
	entries := entriesOf(text, "unit", "lock")
	if entries == nil {
		return nil, wrong("decide", "grant is %s; expected a list of objects with unit and lock", show(text))
	}
	grants := []Grant{}
	for _, each := range entries {
		grants = append(grants, Grant{Unit: each[0], Lock: each[1]})
	}
	return grants, nil
}

func waitsOf(text json.RawMessage) ([]Wait, error) {
	entries := entriesOf(text, "unit", "lock", "reason")
	if entries == nil {
		return nil, wrong("decide", "wait is %s; expected such a list, each with a reason", show(text))
	}
	var waits []Wait
	for _, each := range entries {
		waits = append(waits, Wait{each[0], each[1], each[2]})
	}
	return waits, nil
}

// checkAsked says what is granted that does not wait, or twice.
func checkAsked(grants []Grant, state json.RawMessage) error {
	type key struct{ unit, lock string }
	left, asked := map[key]bool{}, map[key]bool{}
	var told struct {
		Queue []Queued `json:"queue"`
	}
	if err := json.Unmarshal(state, &told); err != nil {
		return moduleError("bad_answer", "the core asked with %s", beginning(string(state), 80))
	}
	for _, request := range told.Queue {
		left[key{request.Unit, request.Lock}], asked[key{request.Unit, request.Lock}] = true, true
	}
	for _, grant := range grants {
		its := key{grant.Unit, grant.Lock}
		if left[its] {
			delete(left, its)
			continue
		}
		why := "nobody who waits has asked for that"
		if asked[its] {
			why = "twice"
		}
		return moduleError("not_asked", "decide: it grants %s to %s: %s", grant.Lock, grant.Unit, why)
	}
	return nil
}

// entriesOf gives these members of each object in a list, all of them texts; nil if it is anything else.
func entriesOf(text json.RawMessage, names ...string) [][]string {
	var items []json.RawMessage
	if json.Unmarshal(text, &items) != nil || items == nil {
		return nil
	}
	entries := [][]string{}
	for _, item := range items {
		members, entry := object(item), []string{}
		for _, name := range names {
			value := textOf(members[name])
			if value == nil {
				return nil
			}
			entry = append(entry, *value)
		}
		entries = append(entries, entry)
	}
	return entries
}

// textsOf gives a list of texts, none of them empty; false if it is anything else.
func textsOf(text json.RawMessage) ([]string, bool) {
	var items []*string
	if json.Unmarshal(text, &items) != nil || items == nil {
		return nil, false
	}
	texts := []string{}
	for _, item := range items {
		if orEmpty(item) == "" {
			return nil, false
		}
		texts = append(texts, *item)
	}
	return texts, true
}

func wrong(op, format string, args ...any) error {
	return moduleError("bad_answer", "%s: %s", op, fmt.Sprintf(format, args...))
}

// told gives the policy's own words for what it refuses.
func told(said *CoreError) string {
	message := orElse(said.Message, said.Code)
	if said.Path != "" {
		message += " (at " + said.Path + ")"
	}
	return message
}

func show(text json.RawMessage) string {
	if text == nil {
		return "missing"
	}
	var short bytes.Buffer
	_ = json.Compact(&short, text)
	return beginning(short.String(), 80)
}
