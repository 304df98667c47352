package coordinator

import (
	"bytes"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
)

// This file has what is kept of the operator's policy from hook to hook, in a folder of the charm's directory: the module that was
// found good, and beside it what decides, and what was refused. The format is that of host/abi.md, "Swapping a policy", the same in
// every language.

// Where something of a policy came from.
const (
	fromResource = "resource"
	fromFile     = "file"
	fromOption   = "option"
)

// refused is what an operator wanted last, and could not have.
type refused struct {
	From string `json:"from"`
	// SHA256 is that of the file; "" if there is none, or it could not be read.
	SHA256  string `json:"sha256"`
	Code    string `json:"code"`
	Message string `json:"message"`
}

// keptRecord is what decides. From is "" if there is no module, and so are its name, version and sha256.
type keptRecord struct {
	V       int    `json:"v"`
	From    string `json:"from"`
	Name    string `json:"name"`
	Version string `json:"version"`
	SHA256  string `json:"sha256"`
	// Config is the module's.
	Config json.RawMessage `json:"config"`
	Needs  PolicyNeeds     `json:"needs"`
	// Rules and Limit are those of the option; null if it has none.
	Rules   json.RawMessage `json:"rules"`
	Limit   json.RawMessage `json:"limit"`
	Refused *refused        `json:"refused"`
}

var null = json.RawMessage("null")

// nothingKept is what there is before anything was kept: the charm's own policy decides.
var nothingKept = keptRecord{V: 1, Config: json.RawMessage("{}"), Rules: null, Limit: null}

// facts is what is known of the module.
func (k keptRecord) facts() policyFacts { return policyFacts{k.Name, k.Version, k.SHA256, k.Needs} }

const (
	recordFile = "policy.json"
	moduleFile = "policy.wasm"
)

// keptFolder is the path of the folder; it is made when something is to be kept.
type keptFolder string

// read gives nil if nothing was kept, and an error if there is something that cannot be read.
func (f keptFolder) read() (*keptRecord, error) {
	text, err := os.ReadFile(f.file(recordFile))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	record, isKept := readKept(text)
	if !isKept {
		return nil, errors.New("it is not what this version writes")
	}
	return record, nil
}

func readKept(text []byte) (*keptRecord, bool) {
	members := object(text)
	record, said := &keptRecord{V: 1}, answer{ok: json.RawMessage(`{"needs":` + string(orNullText(members["needs"])) + `}`)}
	var err error
	if record.Needs, err = needsOf(said); err != nil || string(members["v"]) != "1" {
		return nil, false
	}
	for name, text := range map[string]*string{
		"from": &record.From, "name": &record.Name, "version": &record.Version, "sha256": &record.SHA256,
	} {
		value := textOf(members[name])
		if value == nil {
			return nil, false
		}
		*text = *value
	}
	if record.From != "" && record.From != fromResource && record.From != fromFile {
		return nil, false
	}
	for name, text := range map[string]*json.RawMessage{"config": &record.Config, "rules": &record.Rules, "limit": &record.Limit} {
		if *text, err = compact(members[name]); err != nil {
			return nil, false
		}
	}
	record.Refused, err = readRefused(members["refused"])
	return record, err == nil
}

func readRefused(text json.RawMessage) (*refused, error) {
	if string(text) == "null" {
		return nil, nil
	}
	entries := entriesOf(join("[", text, "]"), "from", "sha256", "code", "message")
	if len(entries) != 1 {
		return nil, errors.New("what was refused cannot be read")
	}
	each := entries[0]
	return &refused{each[0], each[1], each[2], each[3]}, nil
}

func orNullText(text json.RawMessage) json.RawMessage {
	if text == nil {
		return null
	}
	return text
}

// module gives the module's file; nil if it cannot be read.
func (f keptFolder) module() []byte {
	wasm, err := os.ReadFile(f.file(moduleFile))
	if err != nil {
		return nil
	}
	return wasm
}

// write keeps this, the module first: if it ends in between, the record does not match it, which its reader finds out. Without a
// module it stays as it is.
func (f keptFolder) write(record keptRecord, module []byte) error {
	if err := os.MkdirAll(string(f), 0o700); err != nil {
		return err
	}
	if module != nil {
		if err := f.replace(moduleFile, module); err != nil {
			return err
		}
	}
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(record); err != nil {
		return err
	}
	if err := f.replace(recordFile, text.Bytes()); err != nil {
		return err
	}
	if record.From == "" {
		_ = os.Remove(f.file(moduleFile))
	}
	return nil
}

// forget forgets everything: the next hook of a leader begins anew.
func (f keptFolder) forget() { _ = os.Remove(f.file(recordFile)) }

func (f keptFolder) replace(name string, content []byte) error {
	return replaceFile(f.file(name), content)
}

func (f keptFolder) file(name string) string { return filepath.Join(string(f), name) }

// replaceFile replaces a file as a whole: who is killed in it leaves no half of it.
func replaceFile(path string, content []byte) error {
	unfinished := path + ".new"
	if err := os.WriteFile(unfinished, content, 0o600); err != nil {
		return err
	}
	return os.Rename(unfinished, path)
}
