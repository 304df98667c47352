package coordinator

import (
	"encoding/json"
	"strings"
)

// This file has what is kept of the operator's policy as the core takes it, and as a person reads it.

func isSame(one, other keptRecord) bool {
	first, _ := write(one)
	second, err := write(other)
	return err == nil && string(first) == string(second)
}

func (k keptRecord) hasRules() bool { return string(k.Rules) != "null" }

func (k keptRecord) hasLimit() bool { return string(k.Limit) != "null" }

// documentOf is the module alone, or with the option's rules; without a module those rules, else the charm's own.
func documentOf(own any, record keptRecord) (any, error) {
	document := map[string]any{}
	switch {
	case record.From != "":
		document["external"] = record.facts().external()
		if record.hasRules() {
			document["rules"] = record.Rules
		}
	case record.hasRules():
		document["rules"] = record.Rules
	case !record.hasLimit():
		return own, nil
	default:
		text, err := write(own)
		if err != nil {
			return nil, err
		}
		members := object(text)
		if own == nil || members == nil || members["rule"] != nil {
			members = map[string]json.RawMessage{"rules": text}
		}
		if own == nil {
			members["rules"] = json.RawMessage(`"simple"`)
		}
		for name, value := range members {
			document[name] = value
		}
	}
	if record.hasLimit() {
		document["limit"] = record.Limit
	}
	return document, nil
}

// describe is for a person.
func (k keptRecord) describe() string {
	parts := []string{}
	if k.From != "" {
		parts = append(parts, k.Name+" "+k.Version+" (sha256 "+beginning(k.SHA256, 12)+"), from the "+k.From)
	}
	if k.hasLimit() {
		rules := ""
		if k.hasRules() {
			rules = `"rules":` + string(k.Rules) + ","
		}
		parts = append(parts, "{"+rules+`"limit":`+string(k.Limit)+"}, from the option")
	} else if k.hasRules() {
		parts = append(parts, string(k.Rules)+", from the option")
	}
	if len(parts) == 0 {
		return "the charm's own"
	}
	return strings.Join(parts, ", and ")
}
