/**
 * The command `npm run interop`: units of the old library and of this one in one application, in every mix.
 *
 * @module
 */

import { availableParallelism } from "node:os";
import { parseArgs } from "node:util";
import { add, type Cell, type Figures, type Group, groups, matrix, noFigures } from "./matrix.js";
import { type Outcome, roll } from "./rollout.js";
import { Zygote } from "./zygote.js";

const usage = `npm run interop -- [--seeds N] [--only GROUP] [--json]

Rolls a change through applications of units on the original charmhelpers.coordinator and units on this
project's libraries: each kind leading, 3 and 5 units, two policies, N seeds (20) of each.

  steady    leadership stays: nothing may go wrong
  moving    it moves four times: what goes wrong is the old library's own, and is counted
  upgrade   from all old to all new, while requests wait and a lock is held
`;

interface Result {
  readonly figures: Readonly<Record<Group, Figures>>;
  readonly wrong: readonly string[];
}

/** Rolls all cells, several at a time. */
export async function rollAll(cells: readonly Cell[]): Promise<Result> {
  const figures = { steady: noFigures(), moving: noFigures(), upgrade: noFigures() };
  const wrong: string[] = [];
  const left = cells.values();
  const work = async () => {
    const zygote = await Zygote.start();
    try {
      for (const { group, setting } of left) {
        const outcome: Outcome = await roll(zygote, setting);
        add(figures[group], outcome);
        wrong.push(...outcome.wrong.map((line) => `${JSON.stringify(setting)}: ${line}`));
      }
    } finally {
      await zygote.stop();
    }
  };
  // A fork waits for this process while it is answered, so that one more keeps all cores at work.
  await Promise.all(Array.from({ length: Math.min(4, availableParallelism() + 1) }, work));
  return { figures, wrong };
}

/** Runs the command. @returns the exit code: 0, 1 (something is wrong), 2 (a wrong option). */
export async function main(args: readonly string[]): Promise<number> {
  const options = read(args);
  if (typeof options === "number") return options;
  const began = performance.now();
  const cells = [...matrix(options.seeds)].filter(({ group }) => options.only.includes(group));
  const { figures, wrong } = await rollAll(cells);
  const seconds = Math.round((performance.now() - began) / 1000);
  const stream = options.json ? process.stderr : process.stdout;
  for (const line of wrong) stream.write(`${line}\n`);
  for (const group of options.only) stream.write(`${sentence(group, figures[group])}\n`);
  stream.write(`${seconds} s\n`);
  if (options.json) process.stdout.write(`${JSON.stringify({ ...figures, seconds })}\n`);
  return wrong.length === 0 ? 0 : 1;
}

interface Options {
  seeds: number;
  only: readonly Group[];
  json: boolean;
}

function read(args: readonly string[]): Options | number {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        seeds: { type: "string", default: "20" },
        only: { type: "string" },
        json: { type: "boolean", default: false },
        help: { type: "boolean", default: false },
      },
    });
    const { only, json, help } = values;
    const seeds = Number(values.seeds);
    const chosen = groups.filter((group) => only === undefined || group === only);
    if (help) {
      process.stdout.write(usage);
      return 0;
    }
    if (!Number.isInteger(seeds) || seeds < 1) throw new Error("--seeds: expected 1 or more");
    if (chosen.length === 0) throw new Error(`--only: expected one of ${groups.join(", ")}`);
    return { seeds, only: chosen, json };
  } catch (error) {
    process.stderr.write(`${(error as Error).message}; see npm run interop -- --help\n`);
    return 2;
  }
}

function sentence(group: Group, { runs, green, hooks, ticked, oldFaults }: Figures): string {
  const faults = Object.entries(oldFaults).map(([fault, times]) => `\n  ${times} times ${fault}`);
  return `${group}: ${green} of ${runs} rollouts green, ${hooks} hooks, ${ticked} needed update-status${faults.join("")}`;
}
