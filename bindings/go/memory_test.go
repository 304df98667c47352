package coordinator

import "testing"

func TestWhatAHookWritesIsSeenByOthersOnceItHasSucceeded(t *testing.T) {
	application := NewMemoryApplication(2)
	host := application.Hook("app/1", "update-status")
	succeed(t, host.Peers().WriteOwn(t.Context(), Values{"a": "1", "b": ""}))
	seen := func() Values {
		values, err := application.Hook("app/0", "update-status").Peers().Of(t.Context(), "app/1")
		succeed(t, err)
		return values
	}
	own, err := host.Peers().Own(t.Context())
	succeed(t, err)
	expect(t, own, Values{"a": "1"})
	expect(t, seen(), Values{})
	succeed(t, host.Commit())
	expect(t, seen(), Values{"a": "1"})
	expectCode(t, host.Commit(), "bad_order")
}

func TestAHookThatFailsLeavesNothingBehind(t *testing.T) {
	application := NewMemoryApplication(1)
	host := application.Hook("app/0", "update-status")
	succeed(t, host.Peers().WriteOwn(t.Context(), Values{"a": "1"}))
	succeed(t, host.Peers().WriteSaved(t.Context(), "key", "value"))
	succeed(t, host.Fail())
	expectCode(t, host.Fail(), "bad_order")
	expect(t, application.Databags["app/0"], Values{})
	saved, err := application.Hook("app/0", "update-status").Peers().ReadSaved(t.Context(), "key")
	succeed(t, err)
	expect(t, saved, "")
}

func TestLeaderSettingsChangeAtOnceAndTheApplicationDatabagWithTheHook(t *testing.T) {
	for store, atOnce := range map[Store]Values{StoreSettings: {"a": "1"}, StoreApplication: {}} {
		application := NewMemoryApplication(2)
		application.Store = store
		host := application.Hook("app/0", "update-status")
		accepted, err := host.Leadership().Write(t.Context(), Values{"a": "1"})
		expect(t, []any{accepted, err}, []any{true, nil})
		expect(t, application.Settings, atOnce)
		succeed(t, host.Commit())
		expect(t, application.Settings, Values{"a": "1"})
	}
}

func TestOnlyTheLeaderMayWriteAndLeadershipCanMove(t *testing.T) {
	application := NewMemoryApplication(2)
	application.Store = StoreApplication
	accepted, err := application.Hook("app/1", "update-status").Leadership().Write(t.Context(), Values{"a": "1"})
	expect(t, []any{accepted, err}, []any{false, nil})
	host := application.Hook("app/0", "update-status")
	_, err = host.Leadership().Write(t.Context(), Values{"a": "1"})
	succeed(t, err)
	application.Leader = "app/1"
	expectCode(t, host.Commit(), "refused")
	expect(t, application.Settings, Values{})
}

func TestItsClockGivesTheSameTimesInEachRun(t *testing.T) {
	hook := NewMemoryApplication(1).Hook("app/0", "update-status").Hook()
	expect(t, []string{hook.Now(), hook.Now()}, []string{"2026-01-01 00:00:00.000001Z", "2026-01-01 00:00:00.000002Z"})
}
