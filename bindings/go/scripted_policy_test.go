package coordinator

import (
	"encoding/json"
	"slices"
	"testing"
)

// This file makes policy modules that give prepared answers, for tests of what the binding does with them.

// script is what a policy does when it is asked: answers this JSON, or runs this code. What is not there is answered well.
type script map[string]any

// code is WebAssembly, as bytes.
type code []byte

var (
	trapping = code{0x00}                               // unreachable
	looping  = code{0x03, 0x40, 0x0c, 0x00, 0x0b, 0x00} // loop br 0 end unreachable
)

var goodAnswers = script{
	"describe": `{"ok":{"kind":"policy","name":"scripted","version":"1"}}`,
	"check":    `{"ok":{}}`,
	"decide":   `{"ok":{"grant":[]}}`,
}

// scriptedPolicy gives the file of such a module.
func scriptedPolicy(t *testing.T, given script) []byte {
	t.Helper()
	data, at := []byte{}, int64(4096)
	codeOf := func(op string) []byte {
		reply, found := given[op]
		if !found {
			reply = goodAnswers[op]
		}
		if run, ok := reply.(code); ok {
			return run
		}
		text := []byte(reply.(string))
		if !json.Valid(text) {
			t.Fatalf("no JSON: %s", text)
		}
		packed := at<<32 | int64(len(text))
		data, at = append(data, text...), at+int64(len(text))
		return slices.Concat([]byte{0x42}, signed(packed)) // i64.const
	}
	// {"op":"describe"}, {"op":"check", {"op":"decide": the letters at 7 and 9 tell them apart.
	when := func(offset, letter byte, then []byte) []byte {
		// local.get 0, i32.load8_u, i32.const, i32.eq, if ... return end
		return slices.Concat([]byte{0x20, 0, 0x2d, 0, offset, 0x41}, signed(int64(letter)), []byte{0x46, 0x04, 0x40}, then, []byte{0x0f, 0x0b})
	}
	call := slices.Concat(when(7, 'c', codeOf("check")), when(9, 's', codeOf("describe")), codeOf("decide"))
	function := func(body []byte) []byte { return counted(slices.Concat([]byte{0}, body, []byte{0x0b})) }
	export := func(name string, kind, index byte) []byte { return append(counted([]byte(name)), kind, index) }
	return slices.Concat(
		[]byte("\x00asm\x01\x00\x00\x00"),
		// () -> i32, (i32) -> i32, (i32, i32) -> i64
		section(1, 3, []byte{0x60, 0, 1, 0x7f, 0x60, 1, 0x7f, 1, 0x7f, 0x60, 2, 0x7f, 0x7f, 1, 0x7e}),
		section(3, 3, []byte{0, 1, 2}),
		section(5, 1, []byte{1, 32, 0x80, 2}), // 32 to 256 pages
		section(7, 4, export("memory", 2, 0), export("coordinator_abi", 0, 0), export("coordinator_alloc", 0, 1),
			export("coordinator_call", 0, 2)),
		section(10, 3, function([]byte{0x41, 1}), function(slices.Concat([]byte{0x41}, signed(65536))), function(call)),
		section(11, 1, []byte{0, 0x41}, signed(4096), []byte{0x0b}, counted(data)),
	)
}

// section has so many parts.
func section(id, count byte, parts ...[]byte) []byte {
	return append([]byte{id}, counted(append([]byte{count}, slices.Concat(parts...)...))...)
}

// counted has its length before it.
func counted(bytes []byte) []byte {
	length, prefix := len(bytes), []byte{}
	for ; length >= 0x80; length >>= 7 {
		prefix = append(prefix, byte(length)|0x80)
	}
	return slices.Concat(prefix, []byte{byte(length)}, bytes)
}

// signed is a number of any width as LEB128 has it.
func signed(value int64) []byte {
	bytes := []byte{}
	for ; value < -0x40 || value >= 0x40; value >>= 7 {
		bytes = append(bytes, byte(value)|0x80)
	}
	return append(bytes, byte(value)&0x7f)
}
