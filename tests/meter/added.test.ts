import assert from "node:assert/strict";
import { test } from "node:test";
import { prepare } from "../../bindings/typescript/meter.js";
import * as wasm from "../../bindings/typescript/webassembly.js";
import { assemble, Prepared, prepareText } from "./prepared.js";

const BUDGET = { pages: 256, fuel: 1n };

/** What a module that reaches for what is added is told. */
function refusal(text: string): string {
  try {
    prepareText(text);
  } catch (error) {
    return (error as Error).message.replace(/, byte \d+/, "");
  }
  return "";
}

test("no code reaches the fuel, nor anything else that is added", () => {
  const has = `(global i32 (i32.const 1)) (type (func)) (func $f (type 0))`;
  const reach: Readonly<Record<string, string>> = {
    "(func (drop (global.get 1)))": "there is no such global (bad_index)",
    "(func (global.set 2 (i64.const 9)))": "there is no such global (bad_index)",
    '(export "x" (global 1))': "there is no such global (bad_index)",
    "(global i64 (global.get 1))": "no global that is imported (bad_index)",
    "(memory 1) (data (global.get 2))": "no global that is imported (bad_index)",
    "(func (call 2))": "there is no such function (bad_index)",
    '(export "x" (func 1))': "there is no such function (bad_index)",
    "(start 1)": "there is no such function (bad_index)",
    "(table 1 funcref) (elem (i32.const 0) 1)": "there is no such function (bad_index)",
    "(elem funcref (ref.func 1))": "there is no such function (bad_index)",
    "(func (drop (local.get 0)))": "there is no such local (bad_index)",
    "(func (local i32) (drop (local.get 1)))": "there is no such local (bad_index)",
    "(func (br 1))": "there is no such label (bad_index)",
    '(func (export "coordinator_fuel"))':
      "coordinator_fuel is a name of the host; expected no such export",
    '(func (export "coordinator_stack"))':
      "coordinator_stack is a name of the host; expected no such export",
    '(func (export "coordinator_start"))':
      "coordinator_start is a name of the host; expected no such export",
  };
  for (const [code, message] of Object.entries(reach)) {
    assert.equal(refusal(`(module ${has} ${code})`), message, code);
  }
});

test("no type is reached that is added", () => {
  // By its number, which the text cannot say: the type of the function, of a block, of an indirect call.
  const header = "0061736d01000000";
  const type = "010401600000";
  const at = (code: string): string => {
    try {
      prepare(Buffer.from(header + type + code, "hex"), "none", BUDGET);
    } catch (error) {
      return (error as Error).message;
    }
    return "";
  };
  assert.equal(at("03020101"), "there is no such type (bad_index, byte 17)");
  assert.equal(
    at("03020100" + "0a07010500" + "02010b0b"),
    "there is no such type (bad_index, byte 24)",
  );
  // -1 as a signed number of two bytes, which another reader might take for a type's own code.
  assert.match(at("03020100" + "0a08010600" + "02ff7f0b0b"), /bad_index/);
});

test("the start function waits until the host calls it", () => {
  const prepared = new Prepared(
    `(module (global $g (mut i32) (i32.const 1)) (func $start (global.set $g (i32.const 2))) (start $start)
      (func (export "f") (result i32) (global.get $g)))`,
  );
  assert.equal(prepared.call("f").result, 1);
  prepared.call("coordinator_start");
  assert.equal(prepared.call("f").result, 2);
});

test("the exports of a module stay, and what is added comes behind them", () => {
  const { exports } = new Prepared(`(module (memory (export "m") 1) (func (export "f")))`);
  assert.deepEqual(Object.keys(exports), ["m", "f", "coordinator_fuel", "coordinator_stack"]);
});

test("a module that has nothing is given what is added, too", () => {
  assert.deepEqual(Object.keys(new Prepared("(module)").exports), [
    "coordinator_fuel",
    "coordinator_stack",
  ]);
});

test("custom sections are left out", () => {
  const plain = assemble(`(module (func (export "f")))`);
  const custom = Buffer.concat([plain, Buffer.from([0, 4, 1, 0x78, 1, 2])]);
  const of = (bytes: Uint8Array): Uint8Array => prepare(bytes, "none", BUDGET);
  assert.deepEqual(of(custom), of(plain));
});

test("what is prepared twice is the same", () => {
  const text = `(module (memory 1) (func (export "f") (loop br 0)))`;
  assert.deepEqual(prepareText(text), prepareText(text));
});

test("a memory is not given more than it may have", () => {
  const most = (limits: string): number => {
    const text = `(module (memory (export "memory") ${limits}) (func (export "_start")))`;
    const module = new wasm.Module(prepareText(text, "command"));
    const { memory } = new wasm.Instance(module).exports as {
      memory: { grow(by: number): number };
    };
    let pages = 1;
    try {
      while (pages < 1000) pages = memory.grow(1) + 1;
    } catch {
      // It grows no further.
    }
    return pages;
  };
  assert.equal(most("1"), 256);
  assert.equal(most("1 257"), 256);
  assert.equal(most("1 3"), 3);
});
