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

const sizes: Readonly<Record<Effort, readonly number[]>> = {
  quick: [3],
  full: [10, 100, 1_000, 10_000],
};
/** Pairs that are timed for one size, milliseconds of others before them, and processes that prepare a module each. */
const efforts = {
  quick: { pairs: 2, warm: 0, processes: 1 },
  full: { pairs: 4_000, warm: 600, processes: 15 },
} as const;
/** Milliseconds for all pairs of one size, once there are enough to tell. */
const PATIENCE = 3_000;
const ENOUGH = 21;

const FUEL = 100_000_000_000n;
const BUDGET = { pages: 1024, fuel: FUEL };
const CORE = new URL("../../../coordinator.wasm", import.meta.url);
const METER = new URL("../../bindings/typescript/meter.js", import.meta.url);

interface Result {
  readonly units: number;
  readonly plain: Spread;
  readonly metered: Spread;
  /** Of two that were timed one after the other. */
  readonly ratio: Spread;
  readonly fuel: number;
}

function compare(
  decision: Decision,
  plain: wasm.CompiledModule,
  metered: wasm.CompiledModule,
  { pairs, warm }: { readonly pairs: number; readonly warm: number },
): Result {
  let fuel = 0;
  const time = (module: wasm.CompiledModule): number => {
    const hasFuel = module === metered;
    const instance = new Instance(module, {
      text: 64 << 20,
      time: null,
      fuel: hasFuel ? FUEL : null,
    });
    const start = performance.now();
    decide(instance, decision);
    const milliseconds = performance.now() - start;
    if (hasFuel) fuel = Number(instance.fuelUsed);
    return milliseconds;
  };
  // What comes first is no measurement: V8 has compiled for good after this.
  const begin = performance.now() + warm;
  for (let i = 0; i < 2 || performance.now() < begin; i++) time(i % 2 === 0 ? plain : metered);
  const samples: { plain: number; metered: number }[] = [];
  const end = performance.now() + PATIENCE;
  while (samples.length < pairs && (samples.length < ENOUGH || performance.now() < end)) {
    const isPlainFirst = samples.length % 2 === 0;
    const before = time(isPlainFirst ? plain : metered);
    const after = time(isPlainFirst ? metered : plain);
    samples.push(
      isPlainFirst ? { plain: before, metered: after } : { plain: after, metered: before },
    );
  }
  return {
    units: decision.units,
    plain: spreadOf(samples.map((one) => one.plain)),
    metered: spreadOf(samples.map((one) => one.metered)),
    ratio: spreadOf(samples.map((one) => one.metered / one.plain)),
    fuel,
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
  const [plain, metered] = [new wasm.Module(bytes), new wasm.Module(prepared)];
  const { processes, ...measured } = efforts[effort];
  const results = sizes[effort].map((units) => {
    say(`decisions of ${units} units with fuel and without`);
    return compare(decisionOf(units, "settings"), plain, metered, measured);
  });
  say("modules that are prepared");
  const policy = await moduleOf5KB();
  const modules = [policy, bytes].map((module) => ({
    bytes: module.length,
    prepared: prepare(module, "none", BUDGET).length,
    first: firstInProcess(module, processes),
  }));
  const { first } = modules[0]!;
  const most = results.reduce((one, other) =>
    other.ratio.median > one.ratio.median ? other : one,
  );
  return {
    tables: [
      {
        title: "Fuel",
        head: ["units", "without, ms", "with, ms", "ratio", "fuel"],
        rows: results.map((one) => [
          ...[count(one.units), withSpread(one.plain), withSpread(one.metered)],
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
        "fuel: a decision with, by one without",
        "≤ 1.25",
        withSpread(most.ratio),
        most.ratio.median <= 1.25,
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
