package main

import (
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// This file reads JSON, as RFC 8259 has it and at most 64 deep, as a tree of what is wanted of it. encoding/json could do that, too, at
// ten times the fuel: see README.md.

const mostDepth = 64

type kind int

const (
	// other is what is none of these, and what is not wanted.
	other kind = iota
	// count is a whole number from 1 to 1,000,000,000.
	count
	text
	list
	object
)

// value keeps its items and its members beside each other: in an interface each text would cost an allocation.
type value struct {
	kind  kind
	count int
	text  string
	items []value
	// In the order of the text.
	members []member
}

type member struct {
	name  string
	value value
}

// find gives the value of a member; of several of one name the last counts.
func (v *value) find(name string) (value, bool) {
	for i := len(v.members) - 1; i >= 0; i-- {
		if v.members[i].name == name {
			return v.members[i].value, true
		}
	}
	return value{}, false
}

// textOf gives a member that is a text.
func (v *value) textOf(name string) (string, bool) {
	found, _ := v.find(name)
	return found.text, found.kind == text
}

// reader stands somewhere in a text. After what is no JSON it stands at the end, and isSound is false.
type reader struct {
	text    string
	at      int
	isSound bool
}

// parse reads a whole text. The values of members that isWanted does not name are checked, and not kept.
func parse(text string) (value, bool) {
	r := reader{text: text, isSound: true}
	found := r.value(0, true)
	if r.at < len(text) {
		r.fail()
	}
	return found, r.isSound
}

func (r *reader) fail() {
	r.isSound = false
	r.at = len(r.text)
}

// next gives the next byte without taking it; 0 at the end, as no JSON has it outside of a string.
func (r *reader) next() byte {
	if r.at >= len(r.text) {
		return 0
	}
	return r.text[r.at]
}

func (r *reader) take(expected byte) bool {
	if r.next() != expected {
		return false
	}
	r.at++
	return true
}

func (r *reader) must(expected byte) {
	if !r.take(expected) {
		r.fail()
	}
}

func (r *reader) passSpace() {
	for r.at < len(r.text) {
		switch r.text[r.at] {
		case ' ', '\t', '\n', '\r':
			r.at++
		default:
			return
		}
	}
}

// value reads a value with the space around it.
func (r *reader) value(depth int, isKept bool) value {
	r.passSpace()
	var found value
	switch r.next() {
	case '{':
		found = value{kind: object, members: r.members(depth, isKept)}
	case '[':
		found = value{kind: list, items: r.list(depth, isKept)}
	case '"':
		found = value{kind: text, text: r.string()}
	case 't':
		r.word("true")
	case 'f':
		r.word("false")
	case 'n':
		r.word("null")
	default:
		found = r.number()
	}
	r.passSpace()
	return found
}

// items reads what is between a bracket and its counterpart.
func (r *reader) items(last byte, depth int, item func()) {
	if depth == mostDepth {
		r.fail()
	}
	r.at++
	r.passSpace()
	for isFirst := true; r.isSound && !r.take(last); isFirst = false {
		if !isFirst {
			r.must(',')
		}
		item()
	}
}

func (r *reader) members(depth int, isKept bool) []member {
	var found []member
	r.items('}', depth, func() {
		r.passSpace()
		name := r.string()
		r.passSpace()
		r.must(':')
		value := r.value(depth+1, isKept && isWanted(name))
		if isKept {
			if found == nil {
				found = make([]member, 0, 4)
			}
			found = append(found, member{name, value})
		}
	})
	return found
}

func (r *reader) list(depth int, isKept bool) []value {
	var found []value
	r.items(']', depth, func() {
		value := r.value(depth+1, isKept)
		if isKept {
			found = append(found, value)
		}
	})
	return found
}

func (r *reader) word(word string) {
	if !strings.HasPrefix(r.text[r.at:], word) {
		r.fail()
		return
	}
	r.at += len(word)
}

func (r *reader) digits() {
	from := r.at
	for r.next() >= '0' && r.next() <= '9' {
		r.at++
	}
	if r.at == from {
		r.fail()
	}
}

func (r *reader) number() value {
	from := r.at
	r.take('-')
	if !r.take('0') {
		r.digits()
	}
	if r.take('.') {
		r.digits()
	}
	if r.take('e') || r.take('E') {
		_ = r.take('+') || r.take('-')
		r.digits()
	}
	number, err := strconv.Atoi(r.text[from:r.at])
	if err != nil || number < 1 || number > 1_000_000_000 {
		return value{}
	}
	return value{kind: count, count: number}
}

// string reads a text; without escapes it is a part of what is read.
func (r *reader) string() string {
	r.must('"')
	before, from := "", r.at
	for r.at < len(r.text) {
		switch c := r.text[r.at]; {
		case c == '"':
			r.at++
			return before + r.text[from:r.at-1]
		case c < ' ':
			r.fail()
		case c == '\\':
			before += r.text[from:r.at]
			r.at++
			before += string(r.escape())
			from = r.at
		default:
			r.at++
		}
	}
	r.fail()
	return ""
}

var escapes = map[byte]rune{'"': '"', '\\': '\\', '/': '/', 'b': '\b', 'f': '\f', 'n': '\n', 'r': '\r', 't': '\t'}

func (r *reader) escape() rune {
	if r.take('u') {
		return r.escaped()
	}
	found, isKnown := escapes[r.next()]
	r.at++
	if !isKnown {
		r.fail()
	}
	return found
}

// escaped reads what follows \u. Two halves are one character; half of one is none.
func (r *reader) escaped() rune {
	first := r.unit()
	if !utf16.IsSurrogate(first) {
		return first
	}
	if before := r.at; r.take('\\') && r.take('u') {
		if both := utf16.DecodeRune(first, r.unit()); both != utf8.RuneError {
			return both
		}
		r.at = min(before, len(r.text))
	} else if r.isSound {
		r.at = before
	}
	return utf8.RuneError
}

func (r *reader) unit() rune {
	end := r.at + 4
	if end > len(r.text) {
		r.fail()
		return 0
	}
	var number rune
	for _, digit := range []byte(r.text[r.at:end]) {
		switch {
		case digit >= '0' && digit <= '9':
			number = number<<4 | rune(digit-'0')
		case digit|32 >= 'a' && digit|32 <= 'f':
			number = number<<4 | rune(digit|32-'a'+10)
		default:
			r.fail()
			return 0
		}
	}
	r.at = end
	return number
}

// appendQuoted writes a text as JSON has it.
func appendQuoted(to []byte, text string) []byte {
	to = append(to, '"')
	from := 0
	for i := range len(text) {
		c := text[i]
		if c >= ' ' && c != '"' && c != '\\' {
			continue
		}
		to = append(to, text[from:i]...)
		from = i + 1
		if c >= ' ' {
			to = append(to, '\\', c)
		} else {
			to = append(to, `\u00`...)
			to = append(to, "0123456789abcdef"[c>>4], "0123456789abcdef"[c&15])
		}
	}
	return append(append(to, text[from:]...), '"')
}
