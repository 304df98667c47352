/**
 * The bench's part `meter`: what fuel costs, and what it costs to put it in. The module is the core, which does real work and is larger than
 * a policy should be; its decisions are timed with fuel and without, in turns.
 *
 * @module
 */

import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import wabt from "wabt";
import { Instance } from "../../bindings/typescript/engine.js";
import { prepare } from "../../bindings/typescript/meter.js";
import * as wasm from "../../bindings/typescript/webassembly.js";
import { type Decision, decide, decisionOf } from "./decision/input.js";
import { type Effort, type Findings, type Part, target } from "./part.js";
import { count, figure, type Spread, spreadOf, withSpread } from "./spread.js";
import { inputOf, vectors } from "./vectors.js";

const sizes: Readonly<Record<Effort, readonly number[]>> = {
  quick: [3],
  full: [10, 100, 1_000, 10_000],
};
/** Pairs that are timed for one size, milliseconds of others before them, and processes that prepare a module each. */
const efforts = {
  quick: { pairs: 2, warm: 0, processes: 1 },
  full: { pairs: 4_000, warm: 1_000, processes: 15 },
} as const;
/** Milliseconds for all pairs of one size, once there are enough to tell. */
const PATIENCE = 3_000;
const ENOUGH = 41;

const FUEL = 100_000_000_000n;
const BUDGET = { pages: 1024, fuel: FUEL };
const CORE = new URL("../../../coordinator.wasm", import.meta.url);
const METER = new URL("../../bindings/typescript/meter.js", import.meta.url);

/** What is timed: the inputs of hooks, each of which has an instance of its own. */
interface Work {
  readonly name: string;
  readonly hooks: readonly Pick<Decision, "inputs">[];
}

interface Result {
  readonly work: string;
  readonly plain: Spread;
  readonly metered: Spread;
  /** Of two that were timed one after the other. */
  readonly ratio: Spread;
  readonly fuel: number;
}

function decisionWork(units: number): Work {
  return { name: `${count(units)} units`, hooks: [decisionOf(units, "settings")] };
}

/** All that a host can be told and the core can answer, of which the rewriter must keep every word. */
function vectorsWork(): Work {
  const hooks = vectors().map(({ steps }) => ({ inputs: steps.map(inputOf) }));
  return { name: `all ${count(hooks.length)} vectors of the conformance kit`, hooks };
}

const order = ["plain", "metered"] as const;
const reversed = ["metered", "plain"] as const;
type Kind = (typeof order)[number];

function compare(
  { name, hooks }: Work,
  modules: Readonly<Record<Kind, wasm.CompiledModule>>,
  { pairs, warm }: { readonly pairs: number; readonly warm: number },
): Result {
  const instanceOf = (kind: Kind): Instance => {
    const fuel = kind === "metered" ? FUEL : null;
    return new Instance(modules[kind], { text: 64 << 20, time: null, fuel });
  };
  const fuelOf = (hook: Pick<Decision, "inputs">): number => {
    const instance = instanceOf("metered");
    decide(instance, hook);
    return Number(instance.fuelUsed);
  };
  // One right after the other, hook by hook: the machine may be twice as slow a moment later.
  const time = (turn: number): Record<Kind, number> => {
    const sum = { plain: 0, metered: 0 };
    for (const [at, hook] of hooks.entries()) {
      const isPlainFirst = (turn + at) % 2 === 0;
      for (const kind of isPlainFirst ? order : reversed) {
        const instance = instanceOf(kind);
        const start = performance.now();
        decide(instance, hook);
        sum[kind] += performance.now() - start;
      }
    }
    return sum;
  };
  // What comes first is no measurement: V8 has compiled for good after this.
  const begin = performance.now() + warm;
  for (let turn = 0; turn < 1 || performance.now() < begin; turn++) time(turn);
  const samples: Record<Kind, number>[] = [];
  const end = performance.now() + PATIENCE;
  while (samples.length < pairs && (samples.length < ENOUGH || performance.now() < end)) {
    samples.push(time(samples.length));
  }
  return {
    work: name,
    plain: spreadOf(samples.map((one) => one.plain)),
    metered: spreadOf(samples.map((one) => one.metered)),
    ratio: spreadOf(samples.map((one) => one.metered / one.plain)),
    fuel: hooks.reduce((sum, hook) => sum + fuelOf(hook), 0),
  };
}

/** A module of 5 KB: loops, branches and calls, again and again. */
async function moduleOf5KB(): Promise<Uint8Array> {
  const body = `(func (param i32) (result i32) (local i32)
    (block (loop
      (br_if 1 (i32.eqz (local.get 0)))
      (local.set 1 (i32.add (local.get 1) (i32.load (i32.mul (local.get 0) (i32.const 4)))))
      (if (i32.gt_u (local.get 1) (i32.const 1000)) (then (local.set 1 (call 0 (local.get 1)))))
      (br 0 (local.set 0 (i32.sub (local.get 0) (i32.const 1))))))
    (local.get 1))`;
  const text = `(module (memory 1) ${body.repeat(80)})`;
  return (await wabt()).parseWat("policy", text).toBinary({}).buffer;
}

/** Milliseconds for the first module that a process prepares, the rewriter's own compilation included. */
function firstInProcess(bytes: Uint8Array, processes: number): Spread {
  const program = `
    import { prepare } from ${JSON.stringify(METER)};
    const bytes = Buffer.from("${Buffer.from(bytes).toString("base64")}", "base64");
    const start = performance.now();
    prepare(bytes, "none", { pages: 256, fuel: 1n });
    console.log(performance.now() - start);`;
  const samples = Array.from({ length: processes }, () => {
    const { stdout, stderr } = spawnSync(process.execPath, ["--input-type=module", "-e", program], {
      encoding: "utf8",
    });
    if (stdout === "") throw new Error(stderr);
    return Number(stdout);
  });
  return spreadOf(samples);
}

async function measure(effort: Effort, say: (line: string) => void): Promise<Findings> {
  const bytes = readFileSync(CORE);
  const prepared = prepare(bytes, "none", BUDGET);
  const both = { plain: new wasm.Module(bytes), metered: new wasm.Module(prepared) };
  const { processes, ...measured } = efforts[effort];
  const kit = vectorsWork();
  const results = [...sizes[effort].map(decisionWork), kit].map((work) => {
    say(`with fuel and without: ${work.name}`);
    return compare(work, both, measured);
  });
  say("modules that are prepared");
  const policy = await moduleOf5KB();
  const modules = [policy, bytes].map((module) => ({
    bytes: module.length,
    prepared: prepare(module, "none", BUDGET).length,
    first: firstInProcess(module, processes),
  }));
  const { first } = modules[0]!;
  const { ratio } = results.at(-1)!;
  return {
    tables: [
      {
        title: "Fuel",
        head: ["hooks", "without, ms", "with, ms", "ratio", "fuel"],
        rows: results.map((one) => [
          ...[one.work, withSpread(one.plain), withSpread(one.metered)],
          ...[withSpread(one.ratio), count(one.fuel)],
        ]),
      },
      {
        title: "A module is prepared",
        head: ["bytes", "with fuel", "first in a process, ms"],
        rows: modules.map((one) => [
          ...[count(one.bytes), count(one.prepared), withSpread(one.first)],
        ]),
      },
    ],
    targets: [
      target(
        `fuel: ${kit.name} with, by the same without`,
        "≤ 1.25",
        withSpread(ratio),
        ratio.median <= 1.25,
      ),
      target(
        "a policy of 5 KB is prepared",
        "< 10 ms",
        `${figure(first.median)} ms`,
        first.median < 10,
      ),
    ],
    missing: [],
    data: { results, modules },
  };
}

export const meter: Part = {
  name: "meter",
  summary: "what fuel costs a policy, and what it costs to put it in",
  measure,
};
