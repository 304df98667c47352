/**
 * The command `npm run interop`: units of the old library and of this one in one application, in every mix.
 *
 * @module
 */

import { parseArgs } from "node:util";
import type { Policy } from "./program.js";
import { type Outcome, roll, type Setting } from "./rollout.js";
import { Zygote } from "./zygote.js";

const usage = `npm run interop -- [--seeds N] [--json]

Rolls a change through applications of units on the original charmhelpers.coordinator and units on this
project's libraries: each kind leading, 3 and 5 units, two policies, N seeds of each (20).
`;

/** Every cell of the matrix. */
function* matrix(seeds: number): Generator<Setting> {
  for (const leader of ["old", "new"] as const) {
    for (const units of [3, 5]) {
      for (const policy of ["serial", "simple"] as Policy[]) {
        for (let seed = 1; seed <= seeds; seed++) yield { leader, units, policy, seed };
      }
    }
  }
}

/** Runs the command. @returns the exit code */
export async function main(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      seeds: { type: "string", default: "20" },
      json: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) {
    process.stdout.write(usage);
    return 0;
  }
  const stream = values.json ? process.stderr : process.stdout;
  const began = performance.now();
  const zygote = await Zygote.start();
  const outcomes: Outcome[] = [];
  try {
    for (const setting of matrix(Number(values.seeds))) {
      const outcome = await roll(zygote, setting);
      outcomes.push(outcome);
      for (const line of outcome.wrong) stream.write(`${JSON.stringify(setting)}: ${line}\n`);
    }
  } finally {
    await zygote.stop();
  }
  const green = outcomes.filter(({ wrong }) => wrong.length === 0).length;
  const hooks = outcomes.reduce((sum, { hooks }) => sum + hooks, 0);
  const seconds = Math.round((performance.now() - began) / 1000);
  stream.write(`${green} of ${outcomes.length} rollouts green, ${hooks} hooks, ${seconds} s\n`);
  if (values.json) {
    process.stdout.write(`${JSON.stringify({ runs: outcomes.length, green, hooks, seconds })}\n`);
  }
  return green === outcomes.length ? 0 : 1;
}
