package main

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"slices"
	"strings"

	coordinator "github.com/charm-coordinator/charm-coordinator/bindings/go"
)

// This file reads the command line, and writes what is asked for.

// wrongUse is an error in the command line.
type wrongUse struct{ message string }

func (w *wrongUse) Error() string { return w.message }

func wrong(format string, args ...any) error { return &wrongUse{fmt.Sprintf(format, args...)} }

// call is one run of this command.
type call struct {
	verb  string
	lock  string
	data  map[string]any
	start startOptions
}

// startOptions are kept from start on for the other verbs of the hook.
type startOptions struct {
	Policy         string `json:"-"`
	OperatorPolicy string `json:"-"`
	SelfGrant      string `json:"-"`
	Key            string `json:"-"`
	Allow          string `json:"-"`
	Swap           bool   `json:"-"`
	SwapFile       string `json:"-"`
	Relation       string `json:"relation,omitempty"`
	Store          string `json:"store,omitempty"`
}

var verbsWithLock = []string{"acquire", "granted", "requested", "withdraw"}

var verbs = append([]string{"start", "status", "end"}, verbsWithLock...)

func readCall(args []string) (*call, error) {
	if len(args) == 0 {
		return nil, wrong("expected a verb")
	}
	if slices.ContainsFunc(args, func(arg string) bool { return arg == "--help" || arg == "-h" }) || args[0] == "help" {
		return &call{verb: "help"}, nil
	}
	given := &call{verb: args[0]}
	if !slices.Contains(verbs, given.verb) {
		return nil, wrong("%q is no verb", given.verb)
	}
	rest := args[1:]
	if slices.Contains(verbsWithLock, given.verb) {
		if len(rest) == 0 || strings.HasPrefix(rest[0], "-") {
			return nil, wrong("%s: expected the name of a lock", given.verb)
		}
		given.lock, rest = rest[0], rest[1:]
	}
	return given, given.readOptions(rest)
}

func (c *call) readOptions(args []string) error {
	flags := flag.NewFlagSet(c.verb, flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	data := ""
	switch c.verb {
	case "start":
		flags.StringVar(&c.start.Policy, "policy", "", "")
		flags.StringVar(&c.start.OperatorPolicy, "operator-policy", "", "")
		flags.StringVar(&c.start.SelfGrant, "self-grant", "published", "")
		flags.StringVar(&c.start.Key, "key", "coordinator", "")
		flags.StringVar(&c.start.Allow, "allow", "", "")
		flags.BoolVar(&c.start.Swap, "swap", false, "")
		flags.StringVar(&c.start.SwapFile, "swap-file", "", "")
		flags.StringVar(&c.start.Relation, "relation", "", "")
		flags.StringVar(&c.start.Store, "store", "", "")
	case "acquire":
		flags.StringVar(&data, "data", "", "")
	}
	if err := flags.Parse(args); err != nil {
		return wrong("%s: %v", c.verb, err)
	}
	if flags.NArg() > 0 {
		return wrong("%s: %q is too much", c.verb, flags.Arg(0))
	}
	if data != "" && (json.Unmarshal([]byte(data), &c.data) != nil || c.data == nil) {
		return wrong("acquire: --data must be a JSON object, not %q", data)
	}
	return nil
}

// options gives what New is told.
func (s *startOptions) options() []coordinator.Option {
	given := []coordinator.Option{
		coordinator.WithOperatorPolicy(rules(s.OperatorPolicy)),
		coordinator.WithSelfGrant(coordinator.SelfGrant(s.SelfGrant)),
		coordinator.WithKey(s.Key),
	}
	if s.Policy != "" {
		given = append(given, coordinator.WithPolicy(rules(s.Policy)))
	}
	if s.Swap || s.SwapFile != "" {
		given = append(given, coordinator.WithSwap(coordinator.NewPolicySource(coordinator.FromFile(s.SwapFile))))
	}
	if s.Allow != "" {
		acts := []coordinator.Act{}
		for _, act := range strings.Split(s.Allow, ",") {
			acts = append(acts, coordinator.Act(act))
		}
		given = append(given, coordinator.WithAllow(acts...))
	}
	return given
}

// jujuOptions gives what NewJujuHost is told.
func (s *startOptions) jujuOptions() []coordinator.JujuOption {
	given := []coordinator.JujuOption{}
	if s.Relation != "" {
		given = append(given, coordinator.WithRelation(s.Relation))
	}
	if s.Store != "" {
		given = append(given, coordinator.WithStore(coordinator.Store(s.Store)))
	}
	return given
}

// rules gives what is JSON as JSON, and anything else as the name of a rule.
func rules(text string) any {
	if strings.HasPrefix(text, "{") || strings.HasPrefix(text, "[") {
		var parsed any
		if json.Unmarshal([]byte(text), &parsed) == nil {
			return parsed
		}
	}
	return text
}

func printStatus(ctx context.Context, running *coordinator.Coordinator, stdout io.Writer) error {
	status, err := running.Status(ctx)
	if err != nil {
		return err
	}
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(status); err != nil {
		return err
	}
	_, err = stdout.Write(text.Bytes())
	return err
}
