import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { before, test } from "node:test";
import { fileURLToPath } from "node:url";
import type { Callable } from "../../bindings/typescript/engine.js";
import * as wasm from "../../bindings/typescript/webassembly.js";
import { type Bound, bound } from "./bound.js";
import { check } from "./check.js";
import { freshCoreOf, ours } from "./library.js";

// Faults are seeded into the core, one at a time. Each must be caught: by the checker where faults.json names a bound, else by
// the vectors, because the binding or another rule of the core keeps the fault from doing harm.

interface Fault {
  readonly name: string;
  readonly bound?: Partial<Bound>;
}

interface Vector {
  readonly steps: readonly { readonly in: unknown }[];
}

const root = fileURLToPath(new URL("../../../../", import.meta.url));
const file = (name: string) => readFileSync(join(root, name));
const faults = JSON.parse(file("tests/model/faults.json").toString()) as Fault[];
const folder = "tests/conformance/vectors";
const vectors = readdirSync(join(root, folder)).flatMap(
  (name) => JSON.parse(file(join(folder, name)).toString()) as Vector[],
);
const encoder = new TextEncoder();
const decoder = new TextDecoder();
let core: Uint8Array;

before(async () => {
  const seeded = new URL("../../../../scripts/seeded.mjs", import.meta.url).href;
  const { buildSeeded } = (await import(seeded)) as { buildSeeded(): Promise<string[]> };
  await buildSeeded();
  core = file("build/seeded.wasm");
});

/** What a core answers to each vector, up to the first failure to answer. */
function answers(fresh: () => Callable): string[] {
  return vectors.map(({ steps }) => {
    const instance = fresh();
    let all = "";
    try {
      for (const { in: input } of steps) {
        all += decoder.decode(instance.call(encoder.encode(JSON.stringify(input))));
      }
    } catch (problem) {
      all += problem;
    }
    return all;
  });
}

function seeded(fault: number): string[] {
  return answers(freshCoreOf(new wasm.Module(core), fault));
}

/** How many vectors a core with this fault answers otherwise than without. */
function answeredOtherwise(fault: number): number {
  const without = seeded(0);
  return seeded(fault).filter((answer, index) => answer !== without[index]).length;
}

test("with all faults switched off it answers as the core", () => {
  const built = new wasm.Module(file("build/coordinator.wasm"));
  assert.deepEqual(seeded(0), answers(freshCoreOf(built, 0)));
});

faults.forEach(({ name, bound: options }, index) => {
  const fault = index + 1;
  test(`caught: ${name}`, (t) => {
    const others = answeredOtherwise(fault);
    let model = "finds no harm in it";
    if (options !== undefined) {
      const library = ours({ core, fault });
      const { violation, history, states } = check(bound(name, options), library);
      assert.notEqual(violation, null, "the checker finds nothing");
      model = `${violation?.rule} after ${history.length} steps (${states} states)`;
    } else assert.ok(others > 0, "no vector fails");
    t.diagnostic(`checker: ${model}; vectors: ${others} answered otherwise`);
  });
});
