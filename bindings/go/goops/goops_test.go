package goops

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	coordinator "github.com/charm-coordinator/charm-coordinator/bindings/go"
)

// juju takes arguments in the forms that the framework uses, and in no others.
type juju struct {
	isLeader    bool
	unit        string
	databags    map[string]map[string]string
	application map[string]string
	saved       map[string]string
	hasRelation bool
	logged      []string
}

func (j *juju) Get(name string) string {
	return map[string]string{"JUJU_UNIT_NAME": j.unit, "JUJU_HOOK_NAME": "update-status", "JUJU_VERSION": "3.6.0"}[name]
}

func (j *juju) Run(name string, args ...string) ([]byte, error) {
	if name == "juju-log" {
		j.logged = append(j.logged, strings.Join(args, " "))
		return nil, nil
	}
	if last := len(args) - 1; last >= 0 && args[last] == "--format=json" {
		return j.read(strings.Join(append([]string{name}, args[:last]...), " "))
	}
	if name == "resource-get" {
		return nil, fmt.Errorf("command resource-get failed: ERROR could not download resource: resource %q not found", args[0])
	}
	target := map[string]map[string]string{"state-set": j.saved, "relation-set": j.databags[j.unit]}[name]
	for _, arg := range args {
		key, value, _ := strings.Cut(arg, "=")
		switch {
		case arg == "--app" && !j.isLeader:
			return nil, errors.New("command relation-set failed: ERROR cannot write relation settings")
		case arg == "--app":
			target = j.application
		case arg != "-r=coordinator:0":
			target[key] = value
		}
	}
	return nil, nil
}

func (j *juju) read(line string) ([]byte, error) {
	if unit, found := strings.CutPrefix(line, "relation-get -r=coordinator:0 - "); found {
		if j.databags[unit] == nil {
			return nil, errors.New("command relation-get failed: ERROR permission denied")
		}
		return json.Marshal(j.databags[unit])
	}
	switch line {
	case "is-leader":
		return json.Marshal(j.isLeader)
	case "relation-ids coordinator":
		if !j.hasRelation {
			return []byte("[]"), nil
		}
		return []byte(`["coordinator:0"]`), nil
	case "relation-list -r=coordinator:0":
		others := slices.Sorted(maps.Keys(j.databags))
		return json.Marshal(slices.DeleteFunc(others, func(unit string) bool { return unit == j.unit }))
	case "relation-get -r=coordinator:0 --app - app":
		return json.Marshal(j.application)
	case "config-get":
		return []byte(`{"coordinator-policy":"serial"}`), nil
	case "state-get coordinator":
		return json.Marshal(j.saved["coordinator"])
	}
	return nil, fmt.Errorf("unknown command: %s", line)
}

func newJuju() *juju {
	return &juju{
		hasRelation: true,
		databags:    map[string]map[string]string{"app/0": {}, "app/1": {}},
		application: map[string]string{},
		saved:       map[string]string{},
	}
}

// hook runs a hook of one unit; whether it holds the lock in it.
func (j *juju) hook(t *testing.T, unit string, isLeader, asks bool) bool {
	t.Helper()
	j.unit, j.isLeader = unit, isLeader
	host, err := NewHost(j, j, "coordinator")
	if err != nil {
		t.Fatal(err)
	}
	held := false
	err = coordinator.Run(t.Context(), host, func(ctx context.Context, c *coordinator.Coordinator) error {
		held = c.Granted("restart")
		if !asks {
			return nil
		}
		_, err := c.Acquire(ctx, "restart")
		return err
	}, coordinator.WithPolicy("serial"))
	if err != nil {
		t.Fatal(err)
	}
	return held
}

func TestALockGoesRound(t *testing.T) {
	j := newJuju()
	held := []bool{
		j.hook(t, "app/1", false, true),
		j.hook(t, "app/0", true, true),
		j.hook(t, "app/1", false, false),
		j.hook(t, "app/0", true, false),
		j.hook(t, "app/0", true, false),
	}
	if expected := []bool{false, false, true, false, true}; !slices.Equal(held, expected) {
		t.Errorf("held %v, expected %v", held, expected)
	}
	for _, key := range slices.Sorted(maps.Keys(j.databags["app/1"])) {
		if !strings.HasPrefix(key, "coordinator") {
			t.Errorf("it wrote %s", key)
		}
	}
}

func TestWithoutARelationRequestsAreKeptInTheUnitsState(t *testing.T) {
	j := newJuju()
	j.hasRelation = false
	j.hook(t, "app/1", false, true)
	if !strings.Contains(j.saved["coordinator"], "restart") {
		t.Errorf("saved %v", j.saved)
	}
}

func TestDataGoesWithARequest(t *testing.T) {
	j := newJuju()
	j.unit = "app/1"
	host, err := NewHost(j, j, "coordinator")
	if err != nil {
		t.Fatal(err)
	}
	err = coordinator.Run(t.Context(), host, func(ctx context.Context, c *coordinator.Coordinator) error {
		_, err := c.Acquire(ctx, "restart", coordinator.WithData(map[string]any{"zone": "a"}))
		return err
	})
	if databag := j.databags["app/1"]["coordinator-v1"]; err != nil || !strings.Contains(databag, `{"zone": "a"}`) {
		t.Errorf("error %v, databag %s", err, databag)
	}
}

func TestTheOperatorsPolicyIsAskedForAsTheFrameworkDoes(t *testing.T) {
	j := newJuju()
	j.unit, j.isLeader = "app/0", true
	host, err := NewHost(j, j, "coordinator")
	if err != nil {
		t.Fatal(err)
	}
	source := coordinator.NewPolicySource(coordinator.KeptIn(t.TempDir()))
	var said coordinator.Status
	err = coordinator.Run(t.Context(), host, func(ctx context.Context, c *coordinator.Coordinator) (err error) {
		said, err = c.Status(ctx)
		return err
	}, coordinator.WithPolicy("pause"), coordinator.WithSwap(source))
	if err != nil || said.Policy != "serial" || len(said.Problems) > 0 {
		t.Errorf("error %v, status %+v", err, said)
	}
}

func TestARefusedWriteIsNoFailureAndIsLogged(t *testing.T) {
	j := newJuju()
	j.hook(t, "app/1", false, true)
	j.unit, j.isLeader = "app/0", true
	host, err := NewHost(j, j, "coordinator")
	if err != nil {
		t.Fatal(err)
	}
	err = coordinator.Run(t.Context(), host, func(context.Context, *coordinator.Coordinator) error {
		j.isLeader = false
		return nil
	}, coordinator.WithPolicy("serial"))
	if err != nil || len(j.logged) != 1 || !strings.HasPrefix(j.logged[0], "--log-level=WARNING Juju refused") {
		t.Errorf("error %v, logged %v", err, j.logged)
	}
}

func TestOutsideAHookThereIsNoHost(t *testing.T) {
	j := newJuju()
	_, err := NewHost(j, j, "coordinator")
	if coordinator.CodeOf(err) != "no_hook" {
		t.Error(err)
	}
}
