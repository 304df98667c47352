package coordinator

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
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

// compact writes JSON anew as JSON.stringify does: no spaces, members in their order, no escape that need not be. What a policy is given
// has the same bytes in every language, or its fuel would not be the same.
func compact(text []byte) (json.RawMessage, error) {
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	var out bytes.Buffer
	err := compactValue(decoder, &out)
	if _, after := decoder.Token(); err == nil && !errors.Is(after, io.EOF) {
		err = errors.New("something stands behind its end")
	}
	return out.Bytes(), err
}

func compactValue(decoder *json.Decoder, out *bytes.Buffer) error {
	token, err := decoder.Token()
	if err != nil {
		return err
	}
	switch token := token.(type) {
	case json.Delim:
		return compactParts(decoder, out, token == '{')
	case string:
		quote(out, token)
	case json.Number:
		number, err := shortest(token)
		if err != nil {
			return err
		}
		out.Write(number)
	default:
		fmt.Fprint(out, orNull(token))
	}
	return nil
}

// compactParts goes on to the end of an object or a list.
func compactParts(decoder *json.Decoder, out *bytes.Buffer, isObject bool) error {
	brackets := "[]"
	if isObject {
		brackets = "{}"
	}
	out.WriteByte(brackets[0])
	for isFirst := true; decoder.More(); isFirst = false {
		if !isFirst {
			out.WriteByte(',')
		}
		if isObject {
			name, err := decoder.Token()
			if err != nil {
				return err
			}
			quote(out, name.(string))
			out.WriteByte(':')
		}
		if err := compactValue(decoder, out); err != nil {
			return err
		}
	}
	out.WriteByte(brackets[1])
	_, err := decoder.Token()
	return err
}

func orNull(value any) any {
	if value == nil {
		return "null"
	}
	return value
}

// shortest writes a number as ECMAScript does, which encoding/json follows but for the sign of zero.
func shortest(number json.Number) ([]byte, error) {
	value, err := number.Float64()
	if err != nil {
		return nil, err
	}
	return json.Marshal(value + 0)
}

const hexDigits = "0123456789abcdef"

func quote(out *bytes.Buffer, text string) {
	out.WriteByte('"')
	for _, letter := range []byte(text) {
		if escape, found := escapes[letter]; found {
			out.WriteString(escape)
		} else if letter < ' ' {
			out.WriteString(`\u00`)
			out.WriteByte(hexDigits[letter>>4])
			out.WriteByte(hexDigits[letter&15])
		} else {
			out.WriteByte(letter)
		}
	}
	out.WriteByte('"')
}

var escapes = map[byte]string{
	'"': `\"`, '\\': `\\`, '\b': `\b`, '\f': `\f`, '\n': `\n`, '\r': `\r`, '\t': `\t`,
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

// mostDepth is how deep the JSON of a policy may be nested, as that of everybody else.
const mostDepth = 64

// isTooDeep counts brackets, and so needs no JSON that is sound.
func isTooDeep(text []byte) bool {
	depth, isText := 0, false
	for at := 0; at < len(text); at++ {
		switch letter := text[at]; {
		case isText && letter == '\\':
			at++
		case letter == '"':
			isText = !isText
		case isText:
		case letter == '{' || letter == '[':
			if depth++; depth > mostDepth {
				return true
			}
		case letter == '}' || letter == ']':
			depth--
		}
	}
	return false
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
