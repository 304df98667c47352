package coordinator

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"
)

// This file has the ask loop: what the core was not given and needs, the host obtains. What cannot be had is input too, under
// the name of its failure, so that every language goes on alike.

const (
	// provenFor is the seconds for which Juju lets nobody else lead after it has said True, or has accepted a write.
	provenFor = 30
	// mostAsks: with more for one operation the core is broken; it asks for each thing once or twice.
	mostAsks = 100
	// mostValue: a databag's value with more bytes is not read; one more byte says that it is too long.
	mostValue = 65_536
)

// failure is why something asked for could not be had; the core reports it as a problem.
type failure struct{ name, message string }

func (f *failure) Error() string { return f.message }

// asker talks to the core for one hook, on behalf of a host.
type asker struct {
	// makeCore is called when the core is first asked: loading its engine is what costs most.
	makeCore func(context.Context) (Callable, error)
	core     Callable
	host     Host
	key      string
	// policy and module decide where the core asks for it, the module first; both nil if there are rules alone.
	policy PolicyFunc
	module *PolicyModule
	// ledAt is the moment before is-leader last said True, or before the last accepted write; nil if this unit was never seen
	// to lead.
	ledAt *float64
	// told is what the core was given so far, in order.
	told [][]byte
}

// isLeader asks is-leader. The answer's age counts from the moment before the question: from then on the 30 seconds run.
func (a *asker) isLeader(ctx context.Context) (bool, error) {
	before := a.host.Hook().Monotonic()
	leader, err := a.host.Leadership().IsLeader(ctx)
	if leader && err == nil {
		a.ledAt = &before
	}
	return leader, err
}

// databag gives the values of a databag under the relation key. The core reads none that is too long, so none is carried to it
// whole.
func (a *asker) databag(values Values) Values {
	own := a.grants(values)
	for key, value := range own {
		if len(value) > mostValue {
			own[key] = beginningPast(value, mostValue)
		}
	}
	return own
}

// grants gives the grants' values under the relation key; the charm's own data in the same place is none of the core's business.
func (a *asker) grants(values Values) Values {
	own := Values{}
	for key, value := range values {
		if strings.HasPrefix(key, a.key) {
			own[key] = strings.ToValidUTF8(value, string(utf8.RuneError))
		}
	}
	return own
}

// databags gives the databags of these units, without those that Juju refuses to show.
func (a *asker) databags(ctx context.Context, units []string) (map[string]Values, error) {
	found := map[string]Values{}
	for _, unit := range units {
		values, err := a.host.Peers().Of(ctx, unit)
		if err != nil {
			return nil, err
		}
		if values != nil {
			found[unit] = a.databag(values)
		}
	}
	return found, nil
}

// isLate says whether Juju said so long ago that this unit leads that another may have led, and written the grants, since.
func (a *asker) isLate() bool {
	return a.ledAt != nil && a.host.Hook().Monotonic()-*a.ledAt >= provenFor
}

// age is the seconds since this unit was last seen to lead; nil if it never was.
func (a *asker) age() *float64 {
	if a.ledAt == nil {
		return nil
	}
	age := a.host.Hook().Monotonic() - *a.ledAt
	return &age
}

func (a *asker) timed(given input) input {
	given["now"] = a.host.Hook().Now()
	if age := a.age(); age != nil {
		given["age"] = *age
	}
	return given
}

// request is one operation of the core, with everything it asks for on the way. If the core refuses it, the error is a
// *[CoreError]. The answer is read into ok.
func (a *asker) request(ctx context.Context, given, ok any) error {
	if err := a.awake(ctx); err != nil {
		return err
	}
	said, err := exchange(ctx, a, given)
	for asks := 0; err == nil && said.ask != nil; asks++ {
		if asks == mostAsks {
			return moduleError("bad_answer", "it asked %d times", asks)
		}
		var reply input
		if reply, err = a.answer(ctx, said.ask); err == nil {
			said, err = exchange(ctx, a, reply)
		}
	}
	if err != nil {
		return err
	}
	if said.err != nil {
		return said.err
	}
	return read(said.ok, ok)
}

// check gives what the core has against a policy, or nil. It belongs to no hook, so it is not remembered.
func (a *asker) check(ctx context.Context, policy any) (*CoreError, error) {
	if err := a.awake(ctx); err != nil {
		return nil, err
	}
	said, err := exchange(ctx, a.core, input{"op": "check", "policy": policy})
	return said.err, err
}

func (a *asker) awake(ctx context.Context) error {
	if a.core != nil {
		return nil
	}
	core, err := a.makeCore(ctx)
	if err != nil {
		return err
	}
	a.core = core
	return nil
}

// Call gives the core one input, and remembers it.
func (a *asker) Call(ctx context.Context, text []byte) ([]byte, error) {
	a.told = append(a.told, text)
	return a.core.Call(ctx, text)
}

func read(text json.RawMessage, into any) error {
	if err := json.Unmarshal(text, into); err != nil {
		return moduleError("bad_answer", "the answer is not of the form expected: %v", err)
	}
	return nil
}

func (a *asker) answer(ctx context.Context, text json.RawMessage) (input, error) {
	var asked ask
	if err := read(text, &asked); err != nil {
		return nil, err
	}
	reply := input{"op": "answer", "what": asked.What}
	result, err := a.obtain(ctx, asked)
	var failed *failure
	var ofHost *HostError
	switch {
	case err == nil:
		reply["result"] = result
	case errors.As(err, &failed):
		reply["failure"], reply["message"] = failed.name, failed.message
	case errors.As(err, &ofHost):
		reply["failure"], reply["message"] = ofHost.Code, ofHost.Message
	default:
		return nil, err
	}
	return a.timed(reply), nil
}

func (a *asker) obtain(ctx context.Context, asked ask) (any, error) {
	hook, leadership, peers := a.host.Hook(), a.host.Leadership(), a.host.Peers()
	switch asked.What {
	case "saved":
		return peers.ReadSaved(ctx, a.key)
	case "units":
		return a.databags(ctx, asked.Units)
	case "planned":
		return peers.Planned(ctx)
	case "config":
		config, err := hook.Config(ctx)
		return pick(config, asked.Options), err
	case "policy":
		return a.decide(ctx, asked.Input)
	case "publish":
		if a.isLate() {
			return nil, &failure{"refused", "is-leader said True too long ago"}
		}
		return true, a.publish(ctx, asked.Values)
	case "reread":
		if err := a.publish(ctx, asked.Values); err != nil {
			return nil, err
		}
		values, err := leadership.Read(ctx)
		return a.grants(values), err
	case "leader":
		return a.isLeader(ctx)
	default:
		return nil, &failure{"unknown_ask", "this binding does not know " + asked.What}
	}
}

func (a *asker) publish(ctx context.Context, values Values) error {
	before := a.host.Hook().Monotonic()
	accepted, err := a.host.Leadership().Write(ctx, values)
	if err != nil {
		return err
	}
	if !accepted {
		return &failure{"refused", "Juju refused the write: this unit does not lead"}
	}
	a.ledAt = &before
	return nil
}

// decide gives the decision of the charm's own policy as JSON, so that nothing in it can fail later.
func (a *asker) decide(ctx context.Context, input json.RawMessage) (json.RawMessage, error) {
	if a.module != nil {
		return a.decideByModule(ctx, input)
	}
	if a.policy == nil {
		return nil, &failure{"no_policy", "the charm has no policy function"}
	}
	var state PolicyState
	if err := read(input, &state); err != nil {
		return nil, err
	}
	return a.decideByFunction(state)
}

func (a *asker) decideByFunction(state PolicyState) (result json.RawMessage, err error) {
	defer func() {
		if reason := recover(); reason != nil {
			err = &failure{"policy_failed", fmt.Sprintf("it panicked: %v", reason)}
		}
	}()
	decision, err := a.policy(state)
	if err != nil {
		return nil, &failure{"policy_failed", fmt.Sprintf("it failed: %v", err)}
	}
	if decision.Grant == nil {
		decision.Grant = []Grant{}
	}
	return write(decision)
}

func (a *asker) decideByModule(ctx context.Context, input json.RawMessage) (json.RawMessage, error) {
	decided, err := a.module.decide(ctx, input, func(line string) {
		a.host.Hook().Log(ctx, LevelWarning, a.module.Name()+": "+line)
	})
	var failed *ModuleError
	if errors.As(err, &failed) {
		return nil, &failure{failed.Code, failed.Message}
	}
	if err != nil {
		return nil, &failure{"policy_failed", err.Error()}
	}
	return decided.text, nil
}

func pick(config map[string]any, options []string) map[string]any {
	picked := map[string]any{}
	for _, option := range options {
		if value, ok := config[option]; ok {
			picked[option] = value
		}
	}
	return picked
}

// beginningPast gives as many whole characters of a text as it takes to have more than so many bytes.
func beginningPast(text string, most int) string {
	end := most + 1
	for end < len(text) && text[end]&0xc0 == 0x80 {
		end++
	}
	return text[:end]
}
