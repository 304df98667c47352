package coordinator

import (
	"bytes"
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

// The Go binding walks the conformance kit; its README.md says how. Once with what wazero makes of the core here, and once
// with its interpreter, which is what runs it on every other machine.

const kit = "../../tests/conformance"

func readKit(t testing.TB, name string, into any) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(kit, name))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, into); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
}

type guest struct {
	Guest   string
	As      string
	Hex     *string
	Padding int
	At      string
	Input   *string
	Answer  string
	Error   string
	Trap    string
	Fuel    int64
}

type outcome struct {
	at, answer, error, trap string
	fuel                    int64
}

// pad gives the module with a custom section of so many bytes behind it, which changes nothing but its size.
func pad(wasm []byte, size int) []byte {
	section := []byte{0, byte(size) | 0x80, byte(size>>7) | 0x80, byte(size>>14) | 0x80, byte(size >> 21)}
	return append(append(append([]byte(nil), wasm...), section...), make([]byte, size)...)
}

func (g guest) module(t testing.TB) []byte {
	t.Helper()
	if g.Hex != nil {
		wasm, err := hex.DecodeString(*g.Hex)
		if err != nil {
			t.Fatal(err)
		}
		return wasm
	}
	wasm := readGuest(t, g.Guest)
	if g.Padding > 0 {
		return pad(wasm, g.Padding)
	}
	return wasm
}

// readGuest gives a guest as the build assembled it.
func readGuest(t testing.TB, name string) []byte {
	t.Helper()
	wasm, err := os.ReadFile(filepath.Join("../../build/guests", name+".wasm"))
	if err != nil {
		t.Fatalf("%v: run `npm run build` in the root of the clone", err)
	}
	return wasm
}

// run runs a guest as a policy and says what became of it, and where.
func (g guest) run(t *testing.T, options ...ModuleOption) outcome {
	ctx := context.Background()
	// On a loaded machine any clock may be too early, and the fuel ends whoever does not end.
	module, err := LoadModule(ctx, g.module(t), KindPolicy, append(options, WithTimeLimit(time.Minute))...)
	if err != nil {
		return failed(t, "load", err)
	}
	defer module.Close(ctx)
	input := `{"op":"describe"}`
	if g.Input != nil {
		input = *g.Input
	}
	instance, err := module.Instantiate(ctx)
	if err != nil {
		return failed(t, "call", err)
	}
	said, err := instance.Call(ctx, []byte(input))
	if err == nil {
		_, err = parseAnswer(said)
	}
	found := outcome{at: "call", answer: string(said)}
	if err != nil {
		found = failed(t, "call", err)
	}
	found.fuel, _ = instance.FuelUsed()
	return found
}

func failed(t *testing.T, at string, err error) outcome {
	var failure *ModuleError
	if !errors.As(err, &failure) {
		t.Fatalf("not a ModuleError: %v", err)
	}
	return outcome{at: at, error: failure.Code, trap: failure.Trap}
}

func TestGuests(t *testing.T) {
	var guests []guest
	readKit(t, "guests.json", &guests)
	for engine, options := range engines {
		for _, each := range guests {
			if each.As != "" {
				continue
			}
			name := each.Guest
			if each.Hex != nil {
				name = "the bytes " + *each.Hex
			}
			t.Run(engine+"/"+name+"/"+each.Error, func(t *testing.T) {
				if engine == "interpreter" && strings.HasPrefix(each.Guest, "loop") && each.Guest != "loop_of_fills" {
					t.Skip("all of its fuel takes seconds here; loop_of_fills has spent it sooner")
				}
				expected := outcome{each.At, each.Answer, each.Error, each.Trap, each.Fuel}
				if found := each.run(t, options...); found != expected {
					t.Errorf("found %+v, expected %+v", found, expected)
				}
			})
		}
	}
}

var engines = map[string][]ModuleOption{"default": nil, "interpreter": {WithInterpreter()}}

type vector struct {
	Name  string
	Steps []struct {
		In     json.RawMessage
		InText *string `json:"in_text"`
		InHex  *string `json:"in_hex"`
		Out    string
	}
}

func (v vector) input(t *testing.T, step int) []byte {
	t.Helper()
	given := v.Steps[step]
	if given.InHex != nil {
		bytes, err := hex.DecodeString(*given.InHex)
		if err != nil {
			t.Fatal(err)
		}
		return bytes
	}
	if given.InText != nil {
		return []byte(*given.InText)
	}
	var compact bytes.Buffer
	if err := json.Compact(&compact, given.In); err != nil {
		t.Fatal(err)
	}
	return compact.Bytes()
}

func TestVectors(t *testing.T) {
	ctx := context.Background()
	files, err := filepath.Glob(filepath.Join(kit, "vectors", "*.json"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no vectors: %v", err)
	}
	for engine, options := range engines {
		module, err := LoadModule(ctx, core, KindCore, options...)
		if err != nil {
			t.Fatal(err)
		}
		defer module.Close(ctx)
		for _, file := range files {
			name := strings.TrimSuffix(filepath.Base(file), ".json")
			t.Run(engine+"/"+name, func(t *testing.T) {
				var vectors []vector
				readKit(t, filepath.Join("vectors", filepath.Base(file)), &vectors)
				for _, each := range vectors {
					each.walk(t, module)
				}
			})
		}
	}
}

func (v vector) walk(t *testing.T, module *Module) {
	ctx := context.Background()
	instance, err := module.Instantiate(ctx)
	if err != nil {
		t.Fatal(err)
	}
	defer instance.Close(ctx)
	for number, step := range v.Steps {
		said, err := instance.Call(ctx, v.input(t, number))
		if err != nil {
			t.Fatalf("%s, step %d: %v", v.Name, number+1, err)
		}
		if string(said) != step.Out {
			t.Errorf("%s, step %d:\nfound    %s\nexpected %s", v.Name, number+1, said, step.Out)
		}
	}
}

var (
	wordOfScript   = regexp.MustCompile(`(?:[^\s']|'[^']*')+`)
	optionOfScript = regexp.MustCompile(`(?s)^([\w-]+)=(.*)$`)
	blocksOfScript = regexp.MustCompile(`\n\n+`)
)

// runLine is one line of a script: a command, its arguments and options, which may stand in quotes.
func runLine(told *scriptApplication, line string) []string {
	words := wordOfScript.FindAllString(line, -1)
	args, options := []string{}, []option{}
	for _, word := range words[1:] {
		if found := optionOfScript.FindStringSubmatch(word); found != nil {
			value := found[2]
			if len(value) > 1 && value[0] == '\'' && value[len(value)-1] == '\'' {
				value = value[1 : len(value)-1]
			}
			options = append(options, option{found[1], value})
		} else {
			args = append(args, word)
		}
	}
	return told.run(words[0], args, options)
}

func play(t *testing.T, script string) string {
	told, played := newScriptApplication(t), []string{}
	for _, block := range blocksOfScript.Split(strings.TrimRight(script, "\n"), -1) {
		commands, _, _ := strings.Cut(block, "\n----")
		lines := slices.DeleteFunc(strings.Split(commands, "\n"), func(line string) bool { return strings.HasPrefix(line, "#") })
		if len(lines) > 0 {
			output := []string{commands, "----"}
			for _, line := range lines {
				output = append(output, runLine(told, line)...)
			}
			commands = strings.Join(output, "\n")
		}
		played = append(played, commands)
	}
	return strings.Join(played, "\n\n") + "\n"
}

func TestScripts(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(kit, "scripts", "*.txt"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no scripts: %v", err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			script, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if told := play(t, string(script)); told != string(script) {
				t.Errorf("it tells another story:\n%s", told)
			}
		})
	}
}
