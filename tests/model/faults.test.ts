import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { before, test } from "node:test";
import { fileURLToPath } from "node:url";
import type { Callable } from "../../bindings/typescript/engine.js";
import * as wasm from "../../bindings/typescript/webassembly.js";
import { type Bound, bound } from "./bound.js";
import { check } from "./check.js";
import { mayFold } from "./fold.js";
import { freshCoreOf, ours } from "./library.js";
import { type Rule, rules } from "./oracle.js";

// Faults are seeded into the core, one at a time. Each must be caught: by the checker where faults.json names a bound, else by
// the vectors, because the binding or another rule of the core keeps the fault from doing harm. And each rule of the checker must
// be seen to be broken by some fault: a rule that nothing breaks may be one that does not look.

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
/** What caught what, as it is found out. */
const table: string[] = [];
const broken = new Map<Rule, string>();

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
      assert.ok(violation !== null, "the checker finds nothing");
      model = `${violation.rule} after ${history.length} steps (${states} states)`;
      broken.set(violation.rule, name);
    } else assert.ok(others > 0, "no vector fails");
    t.diagnostic(`checker: ${model}; vectors: ${others} answered otherwise`);
    table.push(`${name} | ${model} | ${others} vectors`);
  });
});

test("every rule of the checker is broken by some fault", (t) => {
  for (const line of table) t.diagnostic(line);
  for (const [rule, name] of broken) t.diagnostic(`${rule} (${rules[rule]}) | ${name}`);
  // That one asks the library itself, and finds row 9 of the old one (old.test.ts).
  const others = Object.keys(rules).filter((rule) => rule !== "matching");
  assert.deepEqual([...broken.keys()].sort(), others.sort());
});

test("folded or not, a fault does the same harm after as many steps", () => {
  let compared = 0;
  faults.forEach(({ name, bound: options }, index) => {
    if (options?.acquires === undefined || options.wants !== undefined) return;
    const { acquires } = options;
    const one = bound(name, {
      ...options,
      acquires: [acquires[0]!, ...acquires.slice(1), acquires.at(-1)!],
    });
    if (!mayFold(one) || acquires.length > 2) return;
    const found = [true, false].map((folds) => {
      const library = ours({ core, fault: index + 1 });
      const { violation, history } = check(one, library, { folds, most: 20_000 });
      return violation === null ? null : { rule: violation.rule, steps: history.length };
    });
    if (found.includes(null)) return;
    assert.deepEqual(found[0], found[1], name);
    compared++;
  });
  assert.ok(compared >= 10, `${compared} compared`);
});
