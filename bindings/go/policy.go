package coordinator

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
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
