package coordinator

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"
)

// `go test -fuzz FuzzLoadModule -fuzztime 60s` and so on. What one finds stays, with a number for a name, in testdata/fuzz, and
// is tried in every `go test`.

var moduleCodes = []string{
	"too_big", "not_wasm", "has_import", "no_memory", "no_max", "missing_export", "wrong_type", "wrong_abi", "trap", "no_alloc",
	"out_of_range", "too_long", "not_utf8", "not_json", "bad_answer", "timeout", "exit",
}

// expectModuleError says whether something failed, and fails the test if not as host/abi.md has it.
func expectModuleError(t *testing.T, err error) bool {
	t.Helper()
	var failure *ModuleError
	if err != nil && (!errors.As(err, &failure) || !slices.Contains(moduleCodes, failure.Code)) {
		t.Fatalf("no error of host/abi.md: %v", err)
	}
	return err != nil
}

func addGuests(f *testing.F) {
	f.Helper()
	guests, err := filepath.Glob("../../build/guests/*.wasm")
	if err != nil || len(guests) == 0 {
		f.Fatalf("no guests: run `npm run build` in the root of the clone (%v)", err)
	}
	for _, guest := range guests {
		wasm, err := os.ReadFile(guest)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(wasm)
	}
}

// Whatever a file holds, it is loaded or refused by name, and answers or fails by name; in both engines alike.
func FuzzLoadModule(f *testing.F) {
	addGuests(f)
	f.Fuzz(func(t *testing.T, wasm []byte) {
		compiled, firstCode := runAnything(t, wasm)
		interpreted, secondCode := runAnything(t, wasm, WithInterpreter())
		// What is too slow in one may be in time in the other.
		isTimely := firstCode != "timeout" && secondCode != "timeout"
		if isTimely && (firstCode != secondCode || !bytes.Equal(compiled, interpreted)) {
			t.Errorf("compiled: %q %s; interpreted: %q %s", compiled, firstCode, interpreted, secondCode)
		}
	})
}

func runAnything(t *testing.T, wasm []byte, options ...ModuleOption) ([]byte, string) {
	t.Helper()
	module, err := LoadModule(t.Context(), wasm, KindPolicy, append(options, WithTimeLimit(200*time.Millisecond))...)
	if expectModuleError(t, err) {
		return nil, CodeOf(err)
	}
	defer module.Close(t.Context())
	instance, err := module.Instantiate(t.Context())
	if expectModuleError(t, err) {
		return nil, CodeOf(err)
	}
	answer, err := instance.Call(t.Context(), []byte(`{"op":"describe"}`))
	if expectModuleError(t, err) {
		return nil, CodeOf(err)
	}
	expectModuleError(t, CheckAnswer(answer))
	return answer, ""
}

// Whatever a policy's file holds, be it a module or a command; in both engines alike.
func FuzzLoadPolicy(f *testing.F) {
	addGuests(f)
	f.Fuzz(func(t *testing.T, wasm []byte) {
		compiled, firstCode := runAnyPolicy(t, wasm)
		interpreted, secondCode := runAnyPolicy(t, wasm, WithInterpreter())
		isTimely := firstCode != "timeout" && secondCode != "timeout"
		if isTimely && (firstCode != secondCode || !bytes.Equal(compiled.answer, interpreted.answer) || compiled.fuelUsed != interpreted.fuelUsed) {
			t.Errorf("compiled: %+v %s; interpreted: %+v %s", compiled, firstCode, interpreted, secondCode)
		}
	})
}

func runAnyPolicy(t *testing.T, wasm []byte, options ...ModuleOption) (result, string) {
	t.Helper()
	given := newModuleOptions(KindPolicy, append(options, WithTimeLimit(200*time.Millisecond)))
	prepared, err := preparePolicy(t.Context(), wasm, contractEither)
	if expectModuleError(t, err) {
		return result{}, CodeOf(err)
	}
	runtime, compiled, err := compile(t.Context(), prepared, given)
	if expectModuleError(t, err) {
		return result{}, CodeOf(err)
	}
	defer runtime.Close(t.Context())
	var loaded program
	if isCommand(compiled) {
		loaded, err = newCommand(t.Context(), runtime, compiled, given.limits)
	} else {
		loaded, err = newModule(t.Context(), runtime, compiled, given.limits)
	}
	if expectModuleError(t, err) {
		return result{}, CodeOf(err)
	}
	found, err := loaded.run(t.Context(), []byte(`{"op":"decide","queue":[]}`), func(string) {})
	expectModuleError(t, err)
	return found, CodeOf(err)
}

// Whatever an operator writes into the option, it is JSON or an error.
func FuzzOption(f *testing.F) {
	for _, text := range []string{"parallel:2", "[serial, {rule: gate, option: go}]", "rules: &a [*a]\nlimit: 0x1F", "a: |\n  b\n? c\n: - d"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if found, err := yamlToJSON(text); err == nil && !json.Valid(found) {
			t.Errorf("%q became %q", text, found)
		}
	})
}

// Whatever the core is given, it answers, without a trap, and both engines the same.
func FuzzCall(f *testing.F) {
	compiled, err := LoadModule(f.Context(), core, KindCore)
	if err != nil {
		f.Fatal(err)
	}
	interpreted, err := LoadModule(f.Context(), core, KindCore, WithInterpreter())
	if err != nil {
		f.Fatal(err)
	}
	start, err := write(bystander())
	if err != nil {
		f.Fatal(err)
	}
	f.Add(start, []byte(`{"op":"end","now":"`+noon+`"}`))
	f.Add([]byte(`{"op":"describe"}`), []byte(`{"op":"check","policy":["parallel:N/2-1",{"rule":"gate","option":"go"}]}`))
	f.Add([]byte(`{"op":"acquire","lock":"restart","now":"`+noon+`","data":{}}`), []byte(`{"op":"answer","what":"saved","result":""}`))
	f.Fuzz(func(t *testing.T, first, second []byte) {
		var said [2][]byte
		for number, module := range []*Module{compiled, interpreted} {
			instance, err := module.Instantiate(t.Context())
			succeed(t, err)
			defer instance.Close(t.Context())
			for _, input := range [][]byte{first, second} {
				answer, err := instance.Call(t.Context(), input)
				succeed(t, err)
				succeed(t, CheckAnswer(answer))
				said[number] = append(said[number], answer...)
			}
		}
		if !bytes.Equal(said[0], said[1]) {
			t.Errorf("compiled    %s\ninterpreted %s", said[0], said[1])
		}
	})
}

// Whatever a unit's data and the grants hold: if a hook is called quiet, the core has nothing to say to it.
func FuzzQuiet(f *testing.F) {
	usual := bystander()
	f.Add("{}", usual.Databags["app/1"]["coordinator-v1"], usual.Settings["coordinator"], usual.Settings["coordinator-v1"], "")
	f.Add("", "", "", "", `{"generation": 1, "grants": {}, "order": [], "policy": {"name": "serial"}, "v": 1, "writer": "app/0"}`)
	f.Fuzz(func(t *testing.T, requests, extra, grants, leaders, reign string) {
		taken := bystander()
		taken.Databags["app/1"] = merge(Values{"coordinator": requests, "coordinator-v1": extra}, nil)
		taken.Settings = merge(Values{"coordinator": grants, "coordinator-v1": leaders}, nil)
		if reign != "" {
			taken.Store, taken.Settings = StoreApplication, Values{"coordinator-r3": reign}
		}
		if !isQuiet(taken) {
			return
		}
		if found := answers(t, taken); found != [2]string{nothing, nothingToDo} {
			t.Errorf("it is answered with %s", found)
		}
	})
}
