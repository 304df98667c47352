import assert from "node:assert/strict";
import { test } from "node:test";
import { Prepared, run, SLOTS } from "./prepared.js";

/** How deep it calls itself before it is stopped. */
function depthOf(locals: string): number {
  const text = `(module
    (global $depth (export "depth") (mut i32) (i32.const 0))
    (func $f (export "f") (local ${locals})
      (global.set $depth (i32.add (global.get $depth) (i32.const 1)))
      (call $f)))`;
  const prepared = new Prepared(text);
  const { result, stack } = prepared.call("f");
  assert.equal(result, "unreachable");
  assert.ok(stack < 0n);
  return (prepared.exports.depth as { value: number }).value;
}

test("recursion is stopped by the slots that each call takes", () => {
  // 20 for the call and 2 for what is on the stack; the last call is stopped before it does anything.
  assert.equal(depthOf(""), Math.floor(32_768 / 22));
  assert.equal(depthOf("i32 i64 f64"), Math.floor(32_768 / 25));
});

test("what a call takes from the stack is not there after it", () => {
  const take = "(call $take (i32.const 1) (i32.const 2) (i32.const 3))";
  const text = (calls: number): string => `(module
    (func $take (param i32 i32 i32))
    (func $f (export "f") (param i32)
      ${take.repeat(calls)}
      (if (local.get 0) (then (call $f (i32.sub (local.get 0) (i32.const 1)))))))`;
  // One parameter and three values: 24 slots for each call, however many there are before it.
  for (const calls of [1, 5]) {
    assert.equal(run(text(calls), Math.floor(32_768 / 24) - 1).result, undefined);
    assert.equal(run(text(calls), Math.floor(32_768 / 24)).result, "unreachable");
  }
});

test("a function that calls nothing takes no slots, unless it is large", () => {
  const within = (locals: number): string => `(module
    (func $leaf (result i64) (local ${"i32 ".repeat(locals)}) (i64.const 1))
    (func (export "f") (result i64) (call $leaf)))`;
  for (const locals of [0, 255, 300, 4000]) assert.equal(run(within(locals)).stack, SLOTS);
  const many = `(module (func $leaf (local ${"i32 ".repeat(4000)}))
    (func $f (export "f") (param i32)
      (if (local.get 0) (then (call $f (i32.sub (local.get 0) (i32.const 1)))) (else (call $leaf)))))`;
  assert.equal(run(many, 1200).result, undefined);
  assert.equal(run(many, 1300).result, "unreachable");
});

const WAYS_OUT: Readonly<Record<string, string>> = {
  "at its end": "(call $g) (i32.const 7) (i64.const 8)",
  "by return": "(call $g) (block (loop (return (i32.const 7) (i64.const 8)))) unreachable",
  "by a branch":
    "(call $g) (i32.const 7) (i64.const 8) (block (param i32 i64) (result i32 i64) (br 1))",
  "by a branch that is taken": "(call $g) (i32.const 7) (i64.const 8) (br_if 0 (i32.const 1))",
  "by a table": `(call $g) (i32.const 7) (i64.const 8)
    (block (param i32 i64) (result i32 i64) (br_table 0 1 (i32.const 5)))`,
};

for (const [way, body] of Object.entries(WAYS_OUT)) {
  test(`the slots come back when a function is left ${way}`, () => {
    const text = `(module (func $g) (func (export "f") (result i32 i64) ${body}))`;
    const { result, stack } = run(text);
    assert.deepEqual(result, [7, 8n]);
    assert.equal(stack, SLOTS);
  });
}

test("they come back from a function with one result, and with none", () => {
  const text = (type: string, value: string): string =>
    `(module (func $g) (func (export "f") ${type} (call $g) (block (return ${value})) unreachable))`;
  assert.deepEqual(run(text("", "")).stack, SLOTS);
  assert.deepEqual(run(text("(result f32)", "(f32.const 1)")), {
    result: 1,
    fuel: run(text("", "")).fuel + 1n,
    stack: SLOTS,
  });
});
