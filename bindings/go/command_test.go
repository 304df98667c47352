package coordinator

import (
	"slices"
	"testing"
	"time"
)

// What a command may do and may not is in the guests of the conformance kit; here is what they leave open.

// randomCommand fills all of its memory with random bytes, again and again: that is a few instructions, and long work for its host.
func randomCommand() []byte {
	text := func(text string) []byte { return counted([]byte(text)) }
	loop := slices.Concat([]byte{0x03, 0x40, 0x41, 0, 0x41}, signed(16*mib), []byte{0x10, 0, 0x1a, 0x0c, 0, 0x0b})
	return slices.Concat(
		[]byte("\x00asm\x01\x00\x00\x00"),
		// (i32, i32) -> i32, () -> ()
		section(1, 2, []byte{0x60, 2, 0x7f, 0x7f, 1, 0x7f, 0x60, 0, 0}),
		section(2, 1, text("wasi_snapshot_preview1"), text("random_get"), []byte{0, 0}),
		section(3, 1, []byte{1}),
		section(5, 1, []byte{0, 0x80, 2}), // 256 pages
		section(7, 2, text("memory"), []byte{2, 0}, text("_start"), []byte{0, 1}),
		section(10, 1, counted(slices.Concat([]byte{0}, loop, []byte{0x0b}))),
	)
}

func TestACommandThatKeepsItsHostBusyIsStoppedByTheClock(t *testing.T) {
	wasm := randomCommand()
	given := newModuleOptions(KindPolicy, []ModuleOption{WithTimeLimit(20 * time.Millisecond)})
	loaded, err := loadProgram(t.Context(), wasm, sha256Of(wasm), given)
	succeed(t, err)
	defer loaded.Close(t.Context())
	expect(t, loaded.kind(), PolicyKindCommand)
	said, err := loaded.run(t.Context(), nil, nil)
	if err == nil || err.Error() != "timeout: it ran longer than 20ms" {
		t.Error(err)
	}
	if said.fuelUsed > 10_000_000 {
		t.Errorf("it had used %d fuel by then", said.fuelUsed)
	}
}

func TestAnInputThatIsTooLongIsNotGivenToACommand(t *testing.T) {
	wasm := readGuest(t, "command_grants")
	loaded, err := loadProgram(t.Context(), wasm, sha256Of(wasm), newModuleOptions(KindPolicy, nil))
	succeed(t, err)
	defer loaded.Close(t.Context())
	_, err = loaded.run(t.Context(), make([]byte, mib+1), nil)
	expectCode(t, err, "too_long")
}
