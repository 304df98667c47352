/**
 * What each vector of the conformance kit costs the core, in fuel: the same on every machine, so that a change which makes the core slower is
 * seen where it is made, and one that makes it faster is written down. `costs.json` is the baseline.
 *
 * @module
 */

import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { test } from "node:test";
import { Instance } from "../../bindings/typescript/engine.js";
import { prepare } from "../../bindings/typescript/meter.js";
import * as wasm from "../../bindings/typescript/webassembly.js";
import { type Costs, moved, movedLines } from "./costs.js";
import { inputOf, vectors } from "./vectors.js";

const CORE = new URL("../../../coordinator.wasm", import.meta.url);
const BASELINE = new URL("../../../../tests/bench/costs.json", import.meta.url);
/** More than any vector needs: nothing here may run out. */
const LIMITS = { text: 64 << 20, time: null, fuel: 100_000_000_000n };

/** Fuel for all steps of each vector; what an instance does before its first step is left out, since it is the same for all. */
function measure(): Costs {
  const budget = { pages: 1024, fuel: LIMITS.fuel };
  const core = new wasm.Module(prepare(readFileSync(CORE), "none", budget));
  const costs: Record<string, number> = {};
  for (const { file, name, steps } of vectors()) {
    const instance = new Instance(core, LIMITS);
    const before = instance.fuelUsed!;
    for (const step of steps) instance.call(inputOf(step));
    costs[`${file}: ${name}`] = Number(instance.fuelUsed! - before);
  }
  return costs;
}

test("no vector costs over 3 % more or less than costs.json says", () => {
  const costs = measure();
  assert.ok(Object.keys(costs).length >= 150, "the vectors are not there");
  if (process.env.REWRITE === "1") {
    writeFileSync(BASELINE, `${JSON.stringify(costs, null, 2)}\n`);
    return;
  }
  const baseline = JSON.parse(readFileSync(BASELINE, "utf8")) as Costs;
  assert.deepEqual(movedLines(moved(costs, baseline)), []);
});

test("what moved is told with how much, and what is new or gone with its name", () => {
  const baseline = { same: 1000, dearer: 1000, cheaper: 1000, close: 1000, gone: 1 };
  const costs = { same: 1000, dearer: 1031, cheaper: 969, close: 1030, fresh: 1 };
  assert.deepEqual(movedLines(moved(costs, baseline)), [
    "dearer: 1,031 instead of 1,000 (+3.1 %)",
    "cheaper: 969 instead of 1,000 (-3.1 %)",
    "fresh: 1, and no baseline",
    "gone: a baseline, and no vector",
    "If that is wanted: REWRITE=1 node --test build/js/tests/bench/cost.test.js",
  ]);
  assert.deepEqual(movedLines(moved(baseline, baseline)), []);
});
