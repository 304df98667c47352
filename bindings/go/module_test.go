package coordinator

import (
	"bytes"
	"errors"
	"os"
	"testing"
	"time"
)

func TestAModuleThatKeepsTheContractTakesBytesAndAnswersBytes(t *testing.T) {
	module, err := LoadModule(t.Context(), readGuest(t, "echo"), KindPolicy)
	succeed(t, err)
	defer module.Close(t.Context())
	instance, err := module.Instantiate(t.Context())
	succeed(t, err)
	said, err := instance.Call(t.Context(), []byte("hello"))
	succeed(t, err)
	expect(t, string(said), "hello")
}

func TestAnErrorSaysWhatWasFoundAndWhatWasExpected(t *testing.T) {
	for guest, expected := range map[string]string{
		"has_import":  "has_import: it imports env.abort; a module imports nothing",
		"max_too_big": "no_max: its memory declares a maximum of 257 pages; expected at most 256",
		"wrong_type":  "wrong_type: coordinator_call is (i32, i32) -> i32; expected (i32, i32) -> i64",
		"wrong_abi":   "wrong_abi: it keeps version 2 of the contract; this host knows version 1",
	} {
		_, err := LoadModule(t.Context(), readGuest(t, guest), KindPolicy)
		if err == nil || err.Error() != expected {
			t.Errorf("found %v, expected %s", err, expected)
		}
	}
}

func TestTheCoreMayHaveMoreMemoryThanAPolicy(t *testing.T) {
	module, err := LoadModule(t.Context(), readGuest(t, "max_too_big"), KindCore)
	succeed(t, err)
	succeed(t, module.Close(t.Context()))
}

func TestAnInstanceThatFailedAnswersNoMoreAndOthersAreNotTouched(t *testing.T) {
	module, err := LoadModule(t.Context(), readGuest(t, "echo"), KindPolicy)
	succeed(t, err)
	defer module.Close(t.Context())
	broken, err := module.Instantiate(t.Context())
	succeed(t, err)
	for _, input := range [][]byte{make([]byte, mib+1), []byte("{}")} {
		_, err := broken.Call(t.Context(), input)
		expectCode(t, err, "too_long")
	}
	whole, err := module.Instantiate(t.Context())
	succeed(t, err)
	_, err = whole.Call(t.Context(), []byte("{}"))
	succeed(t, err)
}

func TestWhatDoesNotEndIsStoppedByItsFuelAndByTheClockWhereThatIsFaster(t *testing.T) {
	for limit, expected := range map[time.Duration]string{
		time.Minute:           "timeout: it used more than 100000000 fuel",
		20 * time.Millisecond: "timeout: it ran longer than 20ms",
	} {
		module, err := LoadModule(t.Context(), readGuest(t, "loop"), KindPolicy, WithTimeLimit(limit))
		succeed(t, err)
		instance, err := module.Instantiate(t.Context())
		succeed(t, err)
		for range 2 {
			if _, err = instance.Call(t.Context(), []byte("{}")); err == nil || err.Error() != expected {
				t.Errorf("found %v, expected %s", err, expected)
			}
		}
		succeed(t, module.Close(t.Context()))
	}
}

func TestNoFuelIsCountedInTheCore(t *testing.T) {
	instance, err := FreshCore(t.Context())
	succeed(t, err)
	defer instance.Close(t.Context())
	if fuel, counted := instance.FuelUsed(); counted {
		t.Errorf("it has used %d", fuel)
	}
}

func TestTheCoreIsHeldToTheSameContract(t *testing.T) {
	for _, code := range []string{"has_import", "no_memory", "no_max", "missing_export", "wrong_type", "wrong_abi"} {
		_, err := LoadModule(t.Context(), readGuest(t, code), KindCore)
		expectCode(t, err, code)
	}
}

func TestTheCoreIsThatOfTheBuild(t *testing.T) {
	built, err := os.ReadFile("../../build/coordinator.wasm")
	succeed(t, err)
	if !bytes.Equal(built, CoreBytes()) {
		t.Error("coordinator.wasm is not what was built: run `npm run build` in the root of the clone")
	}
}

func TestErrorsAreToldApartByTypeAndCode(t *testing.T) {
	tool := error(&HookToolError{Tool: "is-leader", ExitCode: 1})
	policy := error(&PolicyError{CoreError{Code: "bad_policy", Path: "policy"}})
	var host *HostError
	var core *CoreError
	for name, holds := range map[string]bool{
		"a hook tool that failed is of the host": errors.As(tool, &host) && errors.Is(tool, &HostError{Code: "hook_tool_failed"}),
		"a wrong policy is of the core":          errors.As(policy, &core) && errors.Is(policy, &CoreError{Code: "bad_policy"}),
		"another code is another error":          !errors.Is(policy, &CoreError{Code: "bad_lock"}),
		"another type is another error":          !errors.Is(policy, &HostError{Code: "bad_policy"}),
		"a trap is looked at where it is named":  errors.Is(&ModuleError{Code: "trap", Trap: "unknown"}, &ModuleError{Code: "trap"}),
		"and is told apart": !errors.Is(&ModuleError{Code: "trap", Trap: "unknown"},
			&ModuleError{Code: "trap", Trap: "unreachable"}),
		"what is none of ours has no code": CodeOf(os.ErrNotExist) == "",
	} {
		if !holds {
			t.Errorf("it does not hold that %s", name)
		}
	}
}
