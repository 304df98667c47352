import assert from "node:assert/strict";
import { test } from "node:test";
import type { ModuleError } from "../../bindings/typescript/errors.js";
import { type Contract, prepare } from "../../bindings/typescript/meter.js";
import { assemble } from "./prepared.js";

function refusal(bytes: Uint8Array, contract: Contract = "none"): string {
  try {
    prepare(bytes, contract, { pages: 256, fuel: 1n });
  } catch (error) {
    const { code, message } = error as ModuleError;
    return `${code}: ${message}`;
  }
  return "";
}

const HEADER = "0061736d01000000";
const FUNCTION = "010401600000" + "03020100";
const body = (code: string): string => {
  const bytes = `00${code}0b`;
  const size = (bytes.length / 2).toString(16).padStart(2, "0");
  const section = (bytes.length / 2 + 2).toString(16).padStart(2, "0");
  return `${HEADER}${FUNCTION}0a${section}01${size}${bytes}`;
};

test("an error says what is wrong, and at which byte", () => {
  const wrong: Readonly<Record<string, string>> = {
    "": "it does not begin as WebAssembly 1 does (bad_magic, byte 0)",
    "0061736d02000000": "it does not begin as WebAssembly 1 does (bad_magic, byte 0)",
    [`${HEADER}01`]: "a byte is missing (truncated, byte 9)",
    [`${HEADER}0105`]: "bytes are missing (truncated, byte 10)",
    [`${HEADER}01808080808000`]: "a number has more than 32 bits (bad_number, byte 9)",
    [`${HEADER}0e00`]: "no known section here (bad_section, byte 8)",
    [`${HEADER}0301000100`]: "no known section here (bad_section, byte 11)",
    [`${HEADER}01020000`]: "a section has more bytes than it needs (bad_section, byte 11)",
    [`${HEADER}010401600105`]: "no known type (bad_type, byte 13)",
    [`${HEADER}01020130`]: "no function type (bad_type, byte 11)",
    [`${HEADER}${FUNCTION}`]:
      "functions without code, or code without functions (bad_section, byte 18)",
    [`${HEADER}0c05ffffffff0f`]: "data segments and their count differ (bad_section, byte 15)",
    [body("ff")]: "no known instruction (bad_opcode, byte 23)",
    [body("05")]: "an else without an if (bad_body, byte 23)",
    [body("410004400505")]: "an else without an if (bad_body, byte 28)",
    [body("0b01")]: "code behind a function's end (bad_body, byte 24)",
    [body("41808080808000")]: "a number has too many bytes (bad_number, byte 24)",
    [body("0240")]: "a byte is missing (truncated, byte 26)",
  };
  for (const [hex, message] of Object.entries(wrong)) {
    assert.equal(refusal(Buffer.from(hex, "hex")), `not_wasm: ${message}`, hex);
  }
});

test("features that not every engine has are named", () => {
  const uses: Readonly<Record<string, string>> = {
    fd00: "SIMD",
    fe00: "threads",
    "0640": "exceptions",
    "1200": "tail calls",
    fb00: "GC",
    d070: "reference types",
    fc0f00: "reference types",
    "28400000": "several memories",
    "3f01": "several memories",
    "110001": "several tables",
  };
  for (const [code, feature] of Object.entries(uses)) {
    const message = refusal(Buffer.from(body(code), "hex"));
    assert.match(
      message,
      new RegExp(`^not_wasm: it uses ${feature} \\(forbidden, byte 2[345]\\)$`),
    );
  }
  const sections: Readonly<Record<string, string>> = {
    "05030103010a": "threads",
    "05030104010a": "64-bit addresses",
    "05050200010001": "several memories",
    "0404016f0001": "reference types",
    "0d00": "exceptions",
  };
  for (const [hex, feature] of Object.entries(sections)) {
    const message = refusal(Buffer.from(HEADER + hex, "hex"));
    assert.ok(message.startsWith(`not_wasm: it uses ${feature} (forbidden`), `${hex}: ${message}`);
  }
});

test("limits of size are kept", () => {
  const large = (text: string): string => refusal(assemble(text)).split(":")[0]!;
  assert.equal(large("(module (table 65536 funcref))"), "");
  assert.equal(large("(module (table 65537 funcref))"), "too_big");
  assert.equal(large(`(module (func (local ${"i32 ".repeat(4096)})))`), "");
  assert.equal(large(`(module (func (param i32) (local ${"i32 ".repeat(4096)})))`), "too_big");
});

const COMMAND = `(func (export "_start")) (memory (export "memory") 1)`;

test("a command imports a fixed part of WASI, a policy nothing", () => {
  const wasi = (name: string, type = "(param i32 i32 i32 i32) (result i32)"): Uint8Array =>
    assemble(`(module (import "wasi_snapshot_preview1" "${name}" (func ${type})) ${COMMAND})`);
  assert.equal(refusal(wasi("fd_write"), "command"), "");
  assert.equal(
    refusal(wasi("fd_write"), "policy"),
    "has_import: it imports wasi_snapshot_preview1.fd_write; a module imports nothing",
  );
  const only = "a command imports a part of WASI, and only that";
  assert.equal(
    refusal(wasi("sock_open"), "command"),
    `has_import: it imports wasi_snapshot_preview1.sock_open; ${only}`,
  );
  assert.equal(
    refusal(wasi("fd_write", "(param i32)"), "command"),
    "wrong_type: fd_write is (i32) -> (); expected (i32, i32, i32, i32) -> i32",
  );
  const others: Readonly<Record<string, string>> = {
    '"env" "fd_write" (func)': "env.fd_write",
    '"wasi_snapshot_preview1" "fd_write" (global i32)': "wasi_snapshot_preview1.fd_write",
    '"a\\22\\c3\\a9\\00" "b\\5c" (func)': "a????.b?",
  };
  for (const [what, shown] of Object.entries(others)) {
    assert.equal(
      refusal(assemble(`(module (import ${what}) ${COMMAND})`), "command"),
      `has_import: it imports ${shown}; ${only}`,
    );
  }
});

test("a command has a memory that is not too large, and _start", () => {
  assert.equal(
    refusal(assemble(`(module (func (export "_start")))`), "command").split(":")[0],
    "no_memory",
  );
  const large = `(module (memory (export "memory") 257) (func (export "_start")))`;
  assert.equal(
    refusal(assemble(large), "command"),
    "no_max: its memory declares a minimum of 257 pages; expected at most 256",
  );
  const without = `(module (memory (export "memory") 1))`;
  assert.equal(
    refusal(assemble(without), "command"),
    "missing_export: it does not export _start: () -> ()",
  );
});
