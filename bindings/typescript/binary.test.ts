import assert from "node:assert/strict";
import { test } from "node:test";
import wabt from "wabt";
import { BinaryError, readExports } from "./binary.js";

const { parseWat } = await wabt();

function assemble(text: string): Uint8Array {
  return parseWat("test.wat", text, {}).toBinary({}).buffer;
}

const MODULE = assemble(`
  (module
    (memory (export "memory") 2 300)
    (global (export "version") i32 (i32.const 1))
    (func (export "add") (param i32 i64) (result f64) f64.const 0)
    (func (export "nothing")))`);

test("tells limits and types, which the JavaScript API does not", () => {
  assert.deepEqual(Object.fromEntries(readExports(MODULE)), {
    memory: { kind: "memory", memory: { min: 2, max: 300 } },
    version: { kind: "global" },
    add: { kind: "function", type: "(i32, i64) -> f64" },
    nothing: { kind: "function", type: "() -> ()" },
  });
});

test("a memory without a maximum has none", () => {
  const exports = readExports(assemble('(module (memory (export "memory") 1))'));
  assert.deepEqual(exports.get("memory"), { kind: "memory", memory: { min: 1, max: null } });
});

/** Either an answer or a BinaryError: nothing else, whatever the bytes. */
function readOrRefuse(bytes: Uint8Array): boolean {
  try {
    readExports(bytes);
    return true;
  } catch (error) {
    assert.ok(error instanceof BinaryError, `${error}`);
    return false;
  }
}

test("a file cut off inside a section is refused", () => {
  const whole = Array.from({ length: MODULE.length }, (_, length) =>
    readOrRefuse(MODULE.subarray(0, length)),
  ).filter(Boolean).length;
  // The header, and the end of each section but the last: type, function, memory, global, export.
  assert.equal(whole, 6);
});

test("no single changed byte gets past the bounds", () => {
  for (let at = 0; at < MODULE.length; at++) {
    for (const change of [0x01, 0x40, 0x7f, 0x80, 0xff]) {
      const changed = Uint8Array.from(MODULE);
      changed[at] = changed[at]! ^ change;
      readOrRefuse(changed);
    }
  }
});

const HEADER = [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0];

test("numbers with more than 32 bits and counts that lie are refused", () => {
  const hostile = {
    "a section longer than the file": [1, 0xff, 0xff, 0xff, 0xff, 0x0f],
    "a length of 33 bits": [1, 0xff, 0xff, 0xff, 0xff, 0x1f],
    "a length that never ends": [1, 0x80, 0x80, 0x80, 0x80, 0x80, 0x00],
    "four thousand million types": [1, 5, 0xff, 0xff, 0xff, 0xff, 0x0f],
    "a type that is no function": [1, 2, 1, 0x5f],
    "an export of memory 9": [7, 5, 1, 1, 0x6d, 2, 9],
    "an export of kind 9": [7, 5, 1, 1, 0x6d, 9, 0],
    "a shared memory": [5, 4, 1, 3, 1, 1],
  };
  for (const [what, bytes] of Object.entries(hostile)) {
    assert.throws(() => readExports(Uint8Array.from([...HEADER, ...bytes])), BinaryError, what);
  }
});
