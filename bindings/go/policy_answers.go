package coordinator

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
)

// This file takes apart what a policy answers, and refuses what has another form than host/abi.md says.

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
