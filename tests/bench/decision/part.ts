/**
 * The bench's part `decision`: one decision of a leader all of whose other units wait, from the bytes of the input to the bytes of
 * the answer. All are timed in rounds, in turns, so that whatever slows the machine down slows all of them; a ratio is that
 * of two medians of the same round.
 *
 * @module
 */

import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { loadModule } from "../../../bindings/typescript/index.js";
import { hasPython, python } from "../../python.js";
import {
  type Curve,
  type Effort,
  type Findings,
  type Part,
  type Target,
  target,
  unmeasured,
} from "../part.js";
import { count, figure, type Spread, spreadOf, withSpread } from "../spread.js";
import { type Contender, inParser, inTypeScript, inV8, PARSER } from "./contender.js";
import { type Decision, decisionOf } from "./input.js";
import { Program } from "./program.js";

const sizes: Readonly<Record<Effort, readonly number[]>> = {
  quick: [2, 3],
  full: [10, 100, 1_000, 10_000, 100_000],
};
/** Milliseconds that each has in one round, and how many rounds there are; fewer where one decision takes longer than a turn. */
const turns = { quick: 1, full: 150 } as const;
const roundsOf = (effort: Effort, units: number): number =>
  effort === "quick" ? 1 : units < 1_000 ? 9 : 5;

/** What one contender took for a decision of one size. */
interface Result {
  readonly units: number;
  readonly bytes: number;
  readonly contender: string;
  readonly milliseconds: Spread;
  /** By JSON.parse of the same bytes. */
  readonly ratio: Spread;
}

const root = new URL("../../../../../", import.meta.url);
const pathOf = (path: string): string => fileURLToPath(new URL(path, root));
const core = pathOf("build/coordinator.wasm");
/** As `npm run bench` builds it. */
const goProgram = pathOf("build/go-decision");

/** Those that are here; `missing` is told of the others. */
function contenders(missing: string[]): Contender[] {
  const module = loadModule(readFileSync(core), { kind: "core" });
  const found = [
    ...[inV8(module, "the decision"), inV8(module, "its instance too")],
    ...[inTypeScript, inParser(module)],
  ];
  const programs = "tests/bench/decision";
  if (!hasPython) {
    missing.push("core on wasmtime, and charmhelpers: no Python 3.10 or newer here");
  } else {
    const inPython = (file: string): string[] => [
      ...["env", `PYTHONPATH=${pathOf("bindings/python")}`, python, pathOf(`${programs}/${file}`)],
      core,
    ];
    found.push(new Program("core, wasmtime", inPython("in_wasmtime.py")));
    found.push(new Program("charmhelpers handle()", inPython("in_charmhelpers.py"), 1_000));
  }
  if (existsSync(goProgram)) found.push(new Program("core, wazero", [goProgram, core]));
  else missing.push("core on wazero: no Go 1.24 or newer here");
  return found;
}

async function measureSize(
  decision: Decision,
  all: readonly Contender[],
  effort: Effort,
): Promise<Result[]> {
  const turn = turns[effort];
  const rounds = roundsOf(effort, decision.units);
  const taking = all.filter(({ most }) => decision.units <= most);
  await requireSameAnswer(decision, taking);
  // What comes first is no measurement: V8 has compiled for good after this.
  for (const contender of taking) await contender.time(decision, 2 * turn);
  const medians = new Map<string, number[]>(taking.map(({ name }) => [name, []]));
  for (let round = 0; round < rounds; round++) {
    // Each goes first in turn: none always pays for what its neighbour has left behind.
    for (let at = 0; at < taking.length; at++) {
      const contender = taking[(at + round) % taking.length]!;
      const samples = await contender.time(decision, turn);
      medians.get(contender.name)!.push(spreadOf(samples).median);
    }
  }
  const { units, bytes } = decision;
  return taking.map(({ name }) => {
    const own = medians.get(name)!;
    const ratios = own.map((median, round) => median / medians.get(PARSER)![round]!);
    return {
      ...{ units, bytes, contender: name },
      ...{ milliseconds: spreadOf(own), ratio: spreadOf(ratios) },
    };
  });
}

/** Whoever decides otherwise has not done the same work. */
async function requireSameAnswer(decision: Decision, all: readonly Contender[]): Promise<void> {
  const answers = new Set<string>();
  for (const contender of all) {
    const granted = await contender.granted(decision);
    if (granted !== null) answers.add(`${contender.name}: ${granted.join()}`);
  }
  const different = new Set([...answers].map((answer) => answer.replace(/^.*: /, "")));
  if (different.size !== 1) throw new Error(`not the same decision: ${[...answers].join("; ")}`);
}

/** Instructions of a decision, by units. */
type Fuel = ReadonlyMap<number, number>;

/** What N log N allows a decision to take at the largest size, by what it takes at 1,000 units. */
function growthTarget(fuel: Fuel): Target {
  const what = "decision: growth of its instructions from 1,000 to 100,000 units";
  const [from, to] = [fuel.get(1_000), fuel.get(100_000)];
  const allowed = (100_000 * Math.log(100_000)) / (1_000 * Math.log(1_000));
  const aim = `no worse than N log N: ${figure(allowed)} ×`;
  if (from === undefined || to === undefined) {
    return unmeasured(what, aim, "no wasmtime, or not these sizes");
  }
  return target(what, aim, `${figure(to / from)} ×`, to / from <= allowed);
}

const isCore = ({ contender }: Result): boolean => contender === "core, V8";

function targetsOf(results: readonly Result[], fuel: Fuel): Target[] {
  const parsing = results
    .filter((one) => isCore(one) && one.units >= 100)
    .map(({ units, ratio }) =>
      target(
        `decision at ${count(units)} units, by JSON.parse of its input`,
        "< 1",
        withSpread(ratio),
        ratio.median < 1,
      ),
    );
  const old = results.find((one) => one.contender.startsWith("charmhelpers") && one.units === 1000);
  const own = results.find((one) => isCore(one) && one.units === 1000);
  const what = "decision at 1,000 units: times faster than charmhelpers";
  const faster =
    old === undefined || own === undefined
      ? unmeasured(what, "≥ 1,000", "charmhelpers is not here")
      : target(
          what,
          "≥ 1,000",
          figure(old.ratio.median / own.ratio.median),
          old.ratio.median / own.ratio.median >= 1000,
        );
  return [...parsing, growthTarget(fuel), faster];
}

function curvesOf(results: readonly Result[]): Curve[] {
  const names = [...new Set(results.map(({ contender }) => contender))];
  return names.map((name) => ({
    name,
    points: results
      .filter(({ contender }) => contender === name)
      .map(({ units, milliseconds }) => ({ units, milliseconds: milliseconds.median })),
  }));
}

export const decision: Part = {
  name: "decision",
  summary: "a leader's decision, bytes to bytes, beside JSON.parse and charmhelpers",
  async measure(effort, say): Promise<Findings> {
    const missing: string[] = [];
    const all = contenders(missing);
    const results: Result[] = [];
    const fuel = new Map<number, number>();
    try {
      for (const units of sizes[effort]) {
        say(`decisions of ${units} units`);
        const decision = decisionOf(units, "settings");
        results.push(...(await measureSize(decision, all, effort)));
        for (const contender of all) {
          const counted =
            contender instanceof Program && contender.most > 1_000
              ? await contender.fuel(decision)
              : undefined;
          if (counted !== undefined) fuel.set(units, counted);
        }
      }
    } finally {
      for (const contender of all) contender.close();
    }
    const instructions = [...fuel].map(([units, each]) => [
      ...[count(units), count(each), count(Math.round(each / units))],
    ]);
    const rows = results.map(({ units, bytes, contender, milliseconds, ratio }) => [
      ...[count(units), count(bytes), contender],
      ...[withSpread(milliseconds), withSpread(ratio)],
    ]);
    return {
      tables: [
        {
          title: "A decision, bytes to bytes",
          head: ["units", "bytes", "by", "ms", "ratio to JSON.parse"],
          rows,
        },
        {
          title:
            "A decision in instructions of WebAssembly (wasmtime's fuel), the same on every machine",
          head: ["units", "instructions", "a unit"],
          rows: instructions,
        },
      ],
      targets: targetsOf(results, fuel),
      missing,
      curves: curvesOf(results),
      data: { results, fuel: Object.fromEntries(fuel) },
    };
  },
};
