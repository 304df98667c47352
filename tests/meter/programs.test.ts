import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type * as wasm from "../../bindings/typescript/webassembly.js";
import { Prepared, SLOTS } from "./prepared.js";
import { costOf, decisions, type Program, program, textOf } from "./programs.js";

/** Enough for each part to be charged on its own. */
const PADDING = 16;
const PLENTY = 1n << 40n;

function fuelOf(functions: Program, padding: number, bytes: Uint8Array): number {
  const prepared = new Prepared(textOf(functions, padding), PLENTY);
  new Uint8Array((prepared.exports.memory as wasm.Memory).buffer).set(bytes);
  const { result, fuel, stack } = prepared.call("f");
  assert.equal(result, undefined);
  assert.equal(stack, SLOTS);
  return Number(fuel);
}

const example: Program = [
  [
    { kind: "loop", turns: 2, body: [{ kind: "call", function: 1 }] },
    { kind: "if", yes: [{ kind: "return" }], no: null },
  ],
  [{ kind: "nops", count: 3 }],
];

test("the cost of a program is the number of its instructions that run", () => {
  // A local set and a loop; twice a call, three instructions and what counts; a decision, an if and a return.
  assert.equal(costOf(example, 0, Uint8Array.of(1)), 3 + 2 * (5 + 3 + 5) + 8 + 1 + 1);
  assert.equal(costOf(example, 0, Uint8Array.of(0)), 3 + 2 * (5 + 3 + 5) + 8 + 1);
});

test("where each part is long, what runs is charged, to the instruction", () => {
  fc.assert(
    fc.property(program, decisions, (functions, bytes) => {
      assert.equal(fuelOf(functions, PADDING, bytes), costOf(functions, PADDING, bytes));
    }),
    { numRuns: 300 },
  );
});

test("where parts are short, never less than what runs is charged", () => {
  fc.assert(
    fc.property(program, decisions, (functions, bytes) => {
      assert.ok(fuelOf(functions, 0, bytes) >= costOf(functions, 0, bytes));
    }),
    { numRuns: 300 },
  );
});
