import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import fc from "fast-check";
import { ModuleError } from "../../bindings/typescript/errors.js";
import { prepare } from "../../bindings/typescript/meter.js";
import * as wasm from "../../bindings/typescript/webassembly.js";
import { assemble } from "./prepared.js";

const BUDGET = { pages: 1024, fuel: 1_000n };
const KIT = new URL("../../../../tests/conformance/guests/", import.meta.url);
const core = readFileSync(new URL("../../../coordinator.wasm", import.meta.url));
const guests = ["grows", "hog", "loop_of_fills", "trap_indirect", "works_in_start"].map((name) =>
  assemble(readFileSync(new URL(`${name}.wat`, KIT), "utf8")),
);
const everything = assemble(`(module
  (import "env" "f" (func (param i32) (result i32)))
  (type $pair (func (param i32 i64) (result i64 i32)))
  (table 3 9 funcref)
  (memory (export "memory") 1 2)
  (global $g (mut i64) (i64.const -5))
  (global f64 (f64.const 1.5))
  (func $swap (export "swap") (type $pair) (local f32 f64)
    (block (result i64) (local.get 1))
    (loop (result i32) (call 0 (local.get 0))))
  (func (export "f") (param i32) (result i32)
    (block (block (br_table 0 1 (local.get 0))) (return (i32.const 1)))
    (if (result i32) (i32.eqz (local.get 0)) (then (i32.load8_s offset=3 (i32.const 4)))
      (else (call_indirect (type $pair) (i32.const 1) (i64.const 2) (i32.const 0)) drop i32.wrap_i64))
    (memory.fill (i32.const 0) (i32.const 1) (i32.const 9))
    (memory.init $d (i32.const 0) (i32.const 1) (i32.const 1)) (data.drop $d)
    (table.copy (i32.const 0) (i32.const 1) (i32.const 1))
    (drop (i32.trunc_sat_f64_u (f64.const 1e9)))
    (i32.extend8_s))
  (elem (i32.const 0) $swap) (elem funcref (ref.func $swap) (ref.null func))
  (data (i32.const 8) "hello") (data $d "there")
  (func $start (global.set $g (i64.const 7))) (start $start))`);

/** Modules that are valid, each byte of which may be another. */
const modules = [...guests, everything, everything, everything, core];

const damaged = fc
  .tuple(
    fc.constantFrom(...modules),
    fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 3 }),
    fc.option(fc.nat()),
  )
  .map(([module, changes, cut]) => {
    const bytes = Uint8Array.from(module);
    for (const [at, byte] of changes) bytes[at % bytes.length] = byte;
    return cut === null || cut % 8 > 0 ? bytes : bytes.subarray(0, cut % bytes.length);
  });

const api = (globalThis as unknown as { WebAssembly: { validate(bytes: Uint8Array): boolean } })
  .WebAssembly;

test("all that is damaged here is valid as it was, and as it is prepared", () => {
  for (const module of modules) {
    assert.ok(api.validate(module));
    new wasm.Module(prepare(module, "none", BUDGET));
  }
});

test("a damaged module is refused with a code, or becomes just as valid as it was", () => {
  const counts = { refused: 0, valid: 0, invalid: 0 };
  fc.assert(
    fc.property(damaged, (bytes) => {
      let prepared: Uint8Array;
      try {
        prepared = prepare(bytes, "none", BUDGET);
      } catch (error) {
        assert.ok(error instanceof ModuleError, `${error}`);
        counts.refused++;
        return;
      }
      const isValid = api.validate(bytes);
      assert.equal(api.validate(prepared), isValid);
      counts[isValid ? "valid" : "invalid"]++;
    }),
    { numRuns: 3_000 },
  );
  // Each must have been seen, or nothing was shown.
  for (const [what, count] of Object.entries(counts)) assert.ok(count > 50, `${what}: ${count}`);
});
