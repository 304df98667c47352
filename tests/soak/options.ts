/**
 * What the soak may be told, and what is wrong with it.
 *
 * @module
 */

import { parseArgs } from "node:util";
import { type JobKind, jobKinds } from "./jobs.js";

export interface SoakOptions {
  readonly minutes: number;
  /** The first seed; each job has the next one. */
  readonly seed: number;
  /** Play only the job of this kind with this seed, and tell all of it. */
  readonly only: JobKind | null;
  readonly json: boolean;
}

/** A wrong option; its message is one line. */
export class OptionError extends Error {
  override readonly name = "OptionError";
  readonly code = "bad_option";
}

export const usage = `usage: npm run soak -- [options]

Lets everything go wrong that Juju lets go wrong, and feeds the core what nobody would write, until the time is over or something
is lost. What is lost is told with its seed, the command that plays it again, and its history.

  --minutes M  how long (default: until it is interrupted)
  --seed S     the first seed, a whole number (default: from the clock)
  --seed K:S   play again what has failed: K is one of ${jobKinds.join(", ")}
  --json       the figures as one JSON object on the last line, everything else on standard error
  --help       this

exit code: 0 nothing was lost, 1 something was, 2 a wrong option
`;

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: false,
      options: {
        minutes: { type: "string" },
        seed: { type: "string" },
        json: { type: "boolean", default: false },
        help: { type: "boolean", default: false },
      },
    }).values;
  } catch (error) {
    throw new OptionError((error as Error).message.split(/[.\n]/, 1)[0]);
  }
}

/**
 * Reads the command line.
 *
 * @returns null if only help was asked for.
 * @throws OptionError
 */
export function readOptions(args: readonly string[]): SoakOptions | null {
  const { minutes, seed, json, help } = parse(args);
  if (help) return null;
  const time = minutes === undefined ? Number.POSITIVE_INFINITY : Number(minutes);
  if (!(time > 0)) {
    throw new OptionError(`--minutes ${minutes}: expected a number over 0`);
  }
  return { minutes: time, json, ...readSeed(seed ?? String(Date.now() % 2 ** 31)) };
}

function readSeed(text: string): Pick<SoakOptions, "seed" | "only"> {
  const [, kind, digits] = /^(?:([a-z]+):)?(\d{1,10})$/.exec(text) ?? [];
  const only = jobKinds.find((each) => each === kind) ?? null;
  const seed = Number(digits);
  if (!(seed < 2 ** 32) || (kind !== undefined && only === null)) {
    throw new OptionError(
      `--seed ${text}: expected a whole number under 2^32, or one of ${jobKinds.join(", ")} with such a number, as ${jobKinds[0]}:7`,
    );
  }
  return { seed, only };
}
