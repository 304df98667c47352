/**
 * What a hook costs in each language: processor time of the charm's own process, without that of its hook tools, and how many of
 * those it calls. Beside the bindings run the libraries that they replace, programs that only read, and bare interpreters.
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
import { hasPython, python } from "../../python.js";
import { type Spread, spreadOf } from "../spread.js";
import { type Role, roles, type Situation, situationOf } from "./situation.js";

const root = fileURLToPath(new URL("../../../../../", import.meta.url));

/** As `npm run bench` builds it. */
const goProgram = join(root, "build/go-hookcost");
/** The Python of an environment that `npm run bench` makes, with charmlibs-rollingops and what that needs. */
const rollingOpsPython = join(root, "build/rollingops/bin/python");

const hooks = join(root, "tests/bench/hook/programs");

/** How each program is started, by its name; the last argument is the file that it writes its processor time into. */
const commands = {
  node: [process.execPath, join(hooks, "empty.mjs")],
  bareNode: [process.execPath, join(hooks, "bare.mjs")],
  typescript: [process.execPath, join(hooks, "ours.mjs")],
  python: [python, join(hooks, "run.py"), join(hooks, "empty.py")],
  bare: [python, join(hooks, "run.py"), join(hooks, "bare.py")],
  ours: [python, join(hooks, "run.py"), join(hooks, "ours.py")],
  dropIn: [python, join(hooks, "run.py"), join(hooks, "drop_in.py")],
  original: [python, join(hooks, "run.py"), join(hooks, "original.py")],
  rollingOps: [rollingOpsPython, join(hooks, "run.py"), join(hooks, "rollingops.py")],
  go: [goProgram],
} as const;

export type Program = keyof typeof commands;

const inPython: readonly Program[] = ["python", "bare", "ours", "dropIn", "original", "rollingOps"];

/** Why a program is not here; null if it is. */
export function absence(program: Program): string | null {
  if (inPython.includes(program) && !hasPython) return "no Python 3.10 or newer here";
  if (program === "rollingOps" && !existsSync(rollingOpsPython)) return "it could not be installed";
  if (program === "go" && !existsSync(goProgram)) return "no Go 1.24 or newer here";
  return null;
}

const all = Object.keys(commands) as Program[];

/** Those that are here. */
export const programs = all.filter((program) => absence(program) === null);

/** Those that are here and not. */
export const missing = all.filter((program) => absence(program) !== null);

/** Holders and leaders of charmlibs-rollingops start processes of their own that wait for the hook to end: that cannot be compared. */
function plays(program: Program, role: Role): boolean {
  return program !== "rollingOps" || role === "bystander" || role === "requester";
}

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
  readonly programs: Readonly<Partial<Record<Program, HookCost>>>;
}

const tools = [
  ...["config-get", "goal-state", "is-leader", "juju-log", "leader-get", "leader-set"],
  ...["relation-get", "relation-ids", "relation-list", "relation-set"],
  ...["state-get", "state-set", "status-set"],
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
    const [command, ...args] = commands[program];
    const { status, stderr } = spawnSync(command, [...args, time], {
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

/**
 * Measures each role among so many units; programs run in turns, `samples` times each after one that does not count. A bystander's do
 * so three times as often: its targets are differences of a few milliseconds, between processes that differ by more from run to run.
 */
export function benchHooks(units: readonly number[], samples: number): HookResult[] {
  const timesOf = (role: Role): number => (role === "bystander" ? 3 * samples : samples);
  return units.flatMap((count) => roles.map((role) => benchRole(role, count, timesOf(role))));
}

function benchRole(role: Role, units: number, samples: number): HookResult {
  const bench = new Bench(role, units);
  try {
    const taking = programs.filter((program) => plays(program, role));
    const runs = Array.from({ length: samples + 1 }, () =>
      taking.map((program) => bench.run(program)),
    ).slice(1);
    const costs = taking.map((program, index): [Program, HookCost] => {
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
