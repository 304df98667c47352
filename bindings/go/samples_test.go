package coordinator

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// The policy that tests/conformance/policies has in several languages: each file must decide as its vectors say, in both engines, and at the same cost.

type sample struct {
	File string
	Kind PolicyKind
	Fuel int64
}

type policyVector struct {
	Name string
	In   json.RawMessage
	Out  struct{ Ok json.RawMessage }
}

// decides says whether the vector is about a decision.
func (v policyVector) decides() bool {
	var given struct{ Op string }
	return json.Unmarshal(v.In, &given) == nil && given.Op == "decide" && v.Out.Ok != nil
}

func TestSamples(t *testing.T) {
	var samples []sample
	var vectors []policyVector
	readKit(t, "policies/policies.json", &samples)
	readKit(t, "policies/vectors.json", &vectors)
	for engine, options := range engines {
		for _, each := range samples {
			t.Run(engine+"/"+each.File, func(t *testing.T) {
				each.walk(t, vectors, append(options, WithTimeLimit(time.Minute)))
			})
		}
	}
}

func (s sample) walk(t *testing.T, vectors []policyVector, options []ModuleOption) {
	ctx := context.Background()
	wasm, err := os.ReadFile(filepath.Join(kit, "policies", s.File))
	if err != nil {
		t.Fatal(err)
	}
	policy, err := LoadPolicy(ctx, wasm, options...)
	if err != nil {
		t.Fatal(err)
	}
	defer policy.Close(ctx)
	if policy.Kind() != s.Kind {
		t.Errorf("it is a %s, expected a %s", policy.Kind(), s.Kind)
	}
	for _, vector := range vectors {
		if !vector.decides() {
			continue
		}
		found, err := policy.decide(ctx, vector.In, nil)
		if err != nil {
			t.Fatalf("%s: %v", vector.Name, err)
		}
		if !isSameJSON(t, found.text, vector.Out.Ok) {
			t.Errorf("%s:\nfound    %s\nexpected %s", vector.Name, found.text, vector.Out.Ok)
		}
	}
	if _, err := policy.decide(ctx, vectors[0].In, nil); err != nil {
		t.Fatal(err)
	}
	if used, _ := policy.FuelUsed(); used != s.Fuel {
		t.Errorf("the first vector took %d fuel, expected %d", used, s.Fuel)
	}
}

// isSameJSON says whether two texts say the same.
func isSameJSON(t *testing.T, one, other []byte) bool {
	t.Helper()
	canonical := func(text []byte) []byte {
		var value any
		if err := json.Unmarshal(text, &value); err != nil {
			t.Fatalf("%v: %s", err, text)
		}
		written, err := json.Marshal(value)
		if err != nil {
			t.Fatal(err)
		}
		return written
	}
	return bytes.Equal(canonical(one), canonical(other))
}
