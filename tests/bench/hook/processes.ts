/**
 * What a hook costs in Python, and in Go where there is a program: processor time of the charm's own process, without that of its hook tools, and how many of those it
 * calls. Beside the binding and its drop-in run the library that the drop-in replaces, and a program that only reads.
 *
 * @module
 */

import { spawnSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import { python } from "../../python.js";
import { type Spread, spreadOf } from "../spread.js";
import { type Role, roles, type Situation, situationOf } from "./situation.js";

const root = fileURLToPath(new URL("../../../../../", import.meta.url));

/** As `npm run bench` builds it. */
const goProgram = join(root, "build/go-hookcost");
export const hasGoProgram = existsSync(goProgram);

/** Those in Python by the names of their files. */
const all = ["bare", "original", "drop_in", "ours", "go"] as const;
export type Program = (typeof all)[number];

/** Those that are here. */
export const programs = all.filter((program) => program !== "go" || hasGoProgram);

/** Of one program in one role. */
export interface HookCost {
  /** Milliseconds of processor time. */
  readonly time: Spread;
  /** The same, of each run. */
  readonly samples: readonly number[];
  readonly tools: number;
}

export interface HookResult {
  readonly role: Role;
  readonly units: number;
  readonly samples: number;
  readonly programs: Readonly<Record<Exclude<Program, "go">, HookCost> & { go?: HookCost }>;
}

const hooks = join(root, "tests/bench/hook/programs");
const tools = [
  ...["config-get", "goal-state", "is-leader", "juju-log", "leader-get", "leader-set"],
  ...["relation-get", "relation-ids", "relation-list", "relation-set"],
];

/** A folder in which the hook tools are. */
class Bench {
  readonly #folder = mkdtempSync(join(tmpdir(), "bench-"));
  readonly #role: Role;
  readonly #situation: Situation;

  constructor(role: Role, units: number) {
    this.#role = role;
    this.#situation = situationOf(role, units);
    mkdirSync(join(this.#folder, "bin"));
    for (const tool of tools) symlinkSync(join(hooks, "tool"), join(this.#folder, "bin", tool));
    const leads = { "is-leader": String(role === "leader") };
    for (const [name, text] of Object.entries({ ...this.#situation.answers, ...leads })) {
      writeFileSync(join(this.#folder, name), text);
    }
  }

  /** Runs the program once. @throws Error if it fails */
  run(program: Program): { time: number; tools: number } {
    writeFileSync(join(this.#folder, "calls"), "");
    const time = join(this.#folder, "time");
    const [command, args] =
      program === "go"
        ? [goProgram, [time]]
        : [python, [join(hooks, "run.py"), join(hooks, `${program}.py`), time]];
    const { status, stderr } = spawnSync(command, args, {
      encoding: "utf8",
      cwd: this.#folder,
      env: {
        HOME: process.env.HOME,
        PATH: [join(this.#folder, "bin"), process.env.PATH].join(delimiter),
        PYTHONPATH: join(root, "bindings/python"),
        BENCH: this.#folder,
        BENCH_ROLE: this.#role,
        JUJU_CONTEXT_ID: "bench",
        JUJU_HOOK_NAME: "update-status",
        JUJU_UNIT_NAME: this.#situation.unit,
        JUJU_VERSION: "3.6.0",
      },
    });
    if (status !== 0) throw new Error(`${program} as ${this.#role}: ${stderr}`);
    const calls = readFileSync(join(this.#folder, "calls"), "utf8").split("\n").length - 1;
    return { time: Number(readFileSync(time, "utf8")) * 1000, tools: calls };
  }

  remove(): void {
    rmSync(this.#folder, { recursive: true });
  }
}

/** Measures each role among so many units; programs run in turns, `samples` times each after one that does not count. */
export function benchHooks(units: readonly number[], samples: number): HookResult[] {
  return units.flatMap((count) => roles.map((role) => benchRole(role, count, samples)));
}

function benchRole(role: Role, units: number, samples: number): HookResult {
  const bench = new Bench(role, units);
  try {
    const runs = Array.from({ length: samples + 1 }, () =>
      programs.map((program) => bench.run(program)),
    ).slice(1);
    const costs = programs.map((program, index): [Program, HookCost] => {
      const own = runs.map((run) => run[index]!);
      const samples = own.map(({ time }) => time);
      return [program, { time: spreadOf(samples), samples, tools: own[0]!.tools }];
    });
    return {
      role,
      units,
      samples,
      programs: Object.fromEntries(costs) as HookResult["programs"],
    };
  } finally {
    bench.remove();
  }
}
