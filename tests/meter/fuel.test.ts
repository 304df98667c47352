import assert from "node:assert/strict";
import { test } from "node:test";
import { FUEL, Prepared, run } from "./prepared.js";

const nops = (count: number): string => "nop ".repeat(count);

test("an instruction costs 1, each time it runs", () => {
  const text = `(module (func (export "f") (param i32) (result i32)
    (i32.add (local.get 0) (i32.const 2))))`;
  assert.deepEqual(run(text, 40), { result: 42, fuel: 3n, stack: 32_768n });
});

test("a loop that does not end is stopped", () => {
  const { result, fuel } = run(`(module (func (export "f") (loop br 0)))`);
  assert.equal(result, "unreachable");
  assert.equal(fuel, FUEL + 1n);
});

test("what has run out of fuel does not begin again", () => {
  const prepared = new Prepared(`(module (func (export "f") (loop br 0)) (func (export "g")))`);
  prepared.call("f");
  assert.equal(prepared.call("g").result, "unreachable");
});

const COUNT = `(loop (br_if 0 (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))`;

test("a loop is charged for each turn", () => {
  const text = `(module (func (export "f") (param i32) ${COUNT}))`;
  assert.equal(run(text, 1).fuel, 6n);
  assert.equal(run(text, 100).fuel, 501n);
});

test("a long part that is not run is not charged", () => {
  const text = `(module (func (export "f") (param i32)
    (if (local.get 0) (then ${nops(20)}) (else ${nops(30)}))))`;
  assert.equal(run(text, 1).fuel, 22n);
  assert.equal(run(text, 0).fuel, 32n);
});

test("a short one is paid with what comes before it", () => {
  const text = `(module (func (export "f") (param i32)
    (if (local.get 0) (then ${nops(15)}))))`;
  assert.equal(run(text, 1).fuel, 17n);
  assert.equal(run(text, 0).fuel, 17n);
});

test("no more than 64 is paid for others", () => {
  const parts = `(if (local.get 0) (then ${nops(8)})) `;
  const text = `(module (func (export "f") (param i32) ${parts.repeat(20)}))`;
  // 2 for each condition, and for eight of the parts their 8; the others are not run.
  assert.equal(run(text, 0).fuel, 104n);
  assert.equal(run(text, 1).fuel, 200n);
});

test("what stands behind a branch is not charged if it was taken", () => {
  const behind = (branch: string): string => `(module (func (export "f") (param i32)
    (block (block ${branch} ${nops(20)}) ${nops(30)}) ${nops(40)}))`;
  const near = behind("(br_if 0 (local.get 0))");
  assert.equal(run(near, 0).fuel, 94n);
  assert.equal(run(near, 1).fuel, 74n);
  const far = behind("(br_if 1 (local.get 0))");
  assert.equal(run(far, 0).fuel, 94n);
  assert.equal(run(far, 1).fuel, 44n);
  const back = behind("(if (local.get 0) (then return))");
  assert.equal(run(back, 0).fuel, 95n);
  assert.equal(run(back, 1).fuel, 5n);
});

test("a table of branches charges the case that is taken", () => {
  const text = `(module (func (export "f") (param i32)
    (block (block (block (br_table 0 1 2 (local.get 0)))
      ${nops(20)} return)
      ${nops(30)} return)))`;
  assert.equal(run(text, 0).fuel, 26n);
  assert.equal(run(text, 1).fuel, 36n);
  assert.equal(run(text, 2).fuel, 5n);
});

test("a call costs 4 more, and one of an import 1,000", () => {
  const call = `(module (func $g nop) (func (export "f") (call $g)))`;
  assert.equal(run(call).fuel, 6n);
  const indirect = `(module (table 1 funcref) (elem (i32.const 0) $g) (func $g nop)
    (func (export "f") (call_indirect (i32.const 0))))`;
  assert.equal(run(indirect).fuel, 7n);
});

test("growing costs 10,000, whether it succeeds or not", () => {
  const text = `(module (memory 1 2) (func (export "f") (result i32) (memory.grow (i32.const 1))))`;
  const prepared = new Prepared(text);
  assert.deepEqual(prepared.call("f"), { result: 1, fuel: 10_002n, stack: 32_768n });
  assert.deepEqual(prepared.call("f"), { result: -1, fuel: 10_002n, stack: 32_768n });
});

test("16 bytes of bulk memory cost 1, an element of a table 16", () => {
  const fill = `(module (memory 1 1) (func (export "f") (param i32)
    (memory.fill (i32.const 0) (i32.const 7) (local.get 0))))`;
  assert.equal(run(fill, 0).fuel, 4n);
  assert.equal(run(fill, 1600).fuel, 104n);
  const copy = `(module (memory 1 1) (func (export "f") (param i32)
    (memory.copy (i32.const 0) (i32.const 7) (local.get 0))))`;
  assert.equal(run(copy, 1600).fuel, 104n);
  const init = `(module (memory 1 1) (data $d "${"x".repeat(160)}") (func (export "f") (param i32)
    (memory.init $d (i32.const 0) (i32.const 0) (local.get 0))))`;
  assert.equal(run(init, 160).fuel, 14n);
  const table = `(module (table 10 funcref) (func (export "f") (param i32)
    (table.copy (i32.const 0) (i32.const 1) (local.get 0))))`;
  assert.equal(run(table, 9).fuel, 148n);
});

test("a bulk instruction that must trap does so, whatever the fuel", () => {
  const text = `(module (memory 1 1) (func (export "f") (param i32)
    (memory.fill (i32.const 0) (i32.const 7) (local.get 0))))`;
  const { result, fuel } = run(text, -1);
  assert.equal(result, "memory access out of bounds");
  assert.equal(fuel, 4n);
});
