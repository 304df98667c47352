// The policy "N/2-1 at a time, the leader last", as a command in Go: JSON on standard input, one answer on standard output.
package main

import (
	"io"
	"os"
	"strconv"
)

const mostText = 1 << 20

// isWanted names the members of the input that are looked at; whatever else it tells is passed over.
func isWanted(name string) bool {
	switch name {
	case "op", "config", "n", "leader", "holders", "queue", "unit", "lock":
		return true
	}
	return false
}

type entry struct{ unit, lock string }

type failure struct{ code, message, path string }

func badInput(path, expected string) *failure {
	return &failure{"bad_input", "expected " + expected, path}
}

func main() {
	input, err := io.ReadAll(os.Stdin)
	if err == nil {
		_, err = os.Stdout.Write(answer(input))
	}
	if err != nil {
		os.Exit(1)
	}
}

func answer(input []byte) []byte {
	result, failed := operate(input)
	if failed == nil {
		return append(append([]byte(`{"ok":`), result...), '}')
	}
	said := appendQuoted([]byte(`{"error":{"code":`), failed.code)
	said = appendQuoted(append(said, `,"message":`...), failed.message)
	said = appendQuoted(append(said, `,"path":`...), failed.path)
	return append(said, "}}"...)
}

func operate(input []byte) ([]byte, *failure) {
	given, isJSON := parse(string(input))
	if !isJSON {
		return nil, &failure{"bad_json", "the input is not JSON", ""}
	}
	op, _ := given.textOf("op")
	switch op {
	case "describe":
		return []byte(`{"kind":"policy","name":"half","version":"1"}`), nil
	case "check":
		return check(&given)
	case "decide":
		return decide(&given)
	}
	return nil, badInput("op", "describe, check or decide")
}

func check(given *value) ([]byte, *failure) {
	config, isThere := given.find("config")
	switch {
	case isThere && config.kind != object:
		return nil, &failure{"bad_config", "expected an object", "config"}
	case len(config.members) > 0:
		return nil, &failure{"bad_config", "this policy has no config", "config." + config.members[0].name}
	}
	return []byte("{}"), nil
}

func decide(given *value) ([]byte, *failure) {
	n, _ := given.find("n")
	if n.kind != count {
		return nil, badInput("n", "a whole number of 1 or more")
	}
	leader, isText := given.textOf("leader")
	if !isText {
		return nil, badInput("leader", "a text")
	}
	holders, failed := entriesOf(given, "holders")
	if failed != nil {
		return nil, failed
	}
	queue, failed := entriesOf(given, "queue")
	if failed != nil {
		return nil, failed
	}

	most := max(1, n.count/2-1)
	counts := map[string]int{}
	for _, holder := range holders {
		counts[holder.lock]++
	}
	grant, wait := []byte(`{"grant":[`), []byte(`],"wait":[`)
	var waiting []entry
	for _, request := range leaderLast(queue, leader) {
		if counts[request.lock] < most {
			counts[request.lock]++
			grant = append(request.begin(grant), '}')
		} else {
			waiting = append(waiting, request)
		}
	}
	for _, request := range waiting {
		reason := strconv.Itoa(most) + " of " + strconv.Itoa(n.count) + " units may hold " + request.lock + " at a time"
		wait = append(appendQuoted(append(request.begin(wait), `,"reason":`...), reason), '}')
	}
	// Reasons that do not fit are left out: they are for people.
	if len(grant)+len(wait)+len(`{"ok":]}}`) > mostText {
		wait = nil
	}
	return append(append(grant, wait...), "]}"...), nil
}

func leaderLast(queue []entry, leader string) []entry {
	var first, last []entry
	for _, request := range queue {
		if request.unit == leader {
			last = append(last, request)
		} else {
			first = append(first, request)
		}
	}
	return append(first, last...)
}

// begin writes an entry to a list, but for its end.
func (e entry) begin(list []byte) []byte {
	if list[len(list)-1] != '[' {
		list = append(list, ',')
	}
	list = appendQuoted(append(list, `{"unit":`...), e.unit)
	return appendQuoted(append(list, `,"lock":`...), e.lock)
}

func entriesOf(given *value, name string) ([]entry, *failure) {
	found, _ := given.find(name)
	isList := found.kind == list
	entries := make([]entry, 0, len(found.items))
	for i := range found.items {
		unit, hasUnit := found.items[i].textOf("unit")
		lock, hasLock := found.items[i].textOf("lock")
		isList = isList && hasUnit && hasLock
		entries = append(entries, entry{unit, lock})
	}
	if !isList {
		return nil, badInput(name, "a list of objects with unit and lock")
	}
	return entries, nil
}
