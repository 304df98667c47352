package coordinator

import (
	"bytes"
	"context"
	"encoding/json"
)

// This file talks to a module in JSON: puts an input together and takes an answer apart.

// answer has exactly one of its fields; the others are nil.
type answer struct {
	ok  json.RawMessage
	ask json.RawMessage
	err *CoreError
}

// exchange is one call: an input that JSON can say, and the answer in one of its three forms.
func exchange(ctx context.Context, module Callable, given any) (answer, error) {
	text, err := write(given)
	if err != nil {
		return answer{}, badType("it cannot be written as JSON: %v", err)
	}
	said, err := module.Call(ctx, text)
	if err != nil {
		return answer{}, err
	}
	return parseAnswer(said)
}

func write(value any) ([]byte, error) {
	var buffer bytes.Buffer
	encoder := json.NewEncoder(&buffer)
	encoder.SetEscapeHTML(false)
	err := encoder.Encode(value)
	return bytes.TrimSuffix(buffer.Bytes(), []byte("\n")), err
}

// parseAnswer gives a *[ModuleError] "not_json" or "bad_answer" for what is no answer.
func parseAnswer(text []byte) (answer, error) {
	shown := beginning(string(text), 80)
	if !json.Valid(text) {
		return answer{}, moduleError("not_json", "the answer is not JSON: %s", shown)
	}
	// Fields are looked up by hand: into a struct "OK" would be read as "ok".
	fields := object(text)
	if ok := fields["ok"]; object(ok) != nil {
		return answer{ok: ok}, nil
	}
	if ask := fields["ask"]; textOf(object(ask)["what"]) != nil {
		return answer{ask: ask}, nil
	}
	failure := object(fields["error"])
	if code := textOf(failure["code"]); code != nil {
		return answer{err: &CoreError{*code, orEmpty(textOf(failure["message"])), orEmpty(textOf(failure["path"]))}}, nil
	}
	return answer{}, moduleError("bad_answer", `the answer has neither "ok", "ask" nor "error": %s`, shown)
}

// CheckAnswer says whether this is an answer as host/abi.md has it: "ok", "ask" or "error". If not, the error is a *[ModuleError]
// "not_json" or "bad_answer".
func CheckAnswer(text []byte) error {
	_, err := parseAnswer(text)
	return err
}

// object gives the members of a JSON object; nil for anything else.
func object(text json.RawMessage) map[string]json.RawMessage {
	var members map[string]json.RawMessage
	if json.Unmarshal(text, &members) != nil {
		return nil
	}
	return members
}

// textOf gives a JSON string; nil for anything else.
func textOf(text json.RawMessage) *string {
	var value *string
	if json.Unmarshal(text, &value) != nil {
		return nil
	}
	return value
}

func orEmpty(text *string) string {
	if text == nil {
		return ""
	}
	return *text
}
