import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { Instance } from "../../bindings/typescript/engine.js";
import { prepare } from "../../bindings/typescript/meter.js";
import * as wasm from "../../bindings/typescript/webassembly.js";

interface Step {
  readonly in?: unknown;
  readonly in_text?: string;
  readonly in_hex?: string;
  readonly out: string;
}

const VECTORS = new URL("../../../../tests/conformance/vectors/", import.meta.url);
const FUEL = 1_000_000_000n;
const core = new wasm.Module(
  prepare(readFileSync(new URL("../../../coordinator.wasm", import.meta.url)), "none", {
    pages: 1024,
    fuel: FUEL,
  }),
);

function inputOf(step: Step): Uint8Array {
  if (step.in_hex !== undefined) return Buffer.from(step.in_hex, "hex");
  return Buffer.from(step.in_text ?? JSON.stringify(step.in));
}

for (const file of readdirSync(VECTORS)) {
  test(`the core with fuel in it answers ${file} as it does without`, () => {
    const vectors = JSON.parse(readFileSync(new URL(file, VECTORS), "utf8")) as { steps: Step[] }[];
    for (const { steps } of vectors) {
      const instance = new Instance(core, { text: 64 << 20, time: null, fuel: FUEL });
      for (const step of steps) {
        const before = instance.fuelUsed!;
        assert.equal(Buffer.from(instance.call(inputOf(step))).toString(), step.out);
        assert.ok(instance.fuelUsed! > before);
      }
    }
  });
}
