/**
 * What a rollout may be told, and what is wrong with it.
 *
 * @module
 */

import { parseArgs } from "node:util";
import { freshCore } from "../../../bindings/typescript/core.js";
import type { JujuVersion } from "../model/state.js";
import { type Language, languages } from "./languages.js";

export interface RolloutOptions {
  units: number;
  /** The languages that units take in turn; null: all that can run on this machine. */
  languages: readonly Language[] | null;
  policy: string;
  juju: JujuVersion;
  seed: number;
  /** The unit that leads when the configuration changes, or the language of that unit; null: as it comes. */
  leader: string | null;
  json: boolean;
  /** Leave the servers running until this is interrupted. */
  keepGoing: boolean;
}

/** A wrong option; its message is one line. */
export class OptionError extends Error {
  override readonly name = "OptionError";
  readonly code = "bad_option";
}

const names = languages.map(({ name }) => name);

export const usage = `usage: npm start -- [options]

Rolls a changed configuration through the units of an application in the local Juju, each a real process that serves HTTP.

  --units N         units, 1 to 100 (default 5)
  --languages A,B   the languages of the charms that units run in turn, of ${names.join(", ")} (default: all that run here)
  --policy P        which units may restart at the same time: serial (default), parallel:2, available:3, ...
  --juju V          3.6 (default) or 4.0
  --seed S          whole number that decides the order of what happens at the same time (default 1)
  --leader APP/K    the unit that leads when the configuration changes; or a language: the first unit in it
  --json            print the summary as one JSON object on the last line, everything else on standard error
  --keep-going      leave the servers running until Ctrl-C
  --help            this

exit code: 0 all units rolled and nothing was violated, 1 not, 2 a wrong option
`;

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: false,
      options: {
        units: { type: "string", default: "5" },
        languages: { type: "string" },
        policy: { type: "string", default: "serial" },
        juju: { type: "string", default: "3.6" },
        seed: { type: "string", default: "1" },
        leader: { type: "string" },
        json: { type: "boolean", default: false },
        "keep-going": { type: "boolean", default: false },
        help: { type: "boolean", default: false },
      },
    }).values;
  } catch (error) {
    throw new OptionError((error as Error).message.split(/[.\n]/, 1)[0]);
  }
}

function whole(name: string, text: string, least: number, most: number): number {
  const value = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
  if (value >= least && value <= most) return value;
  throw new OptionError(`--${name} ${text}: expected a whole number from ${least} to ${most}`);
}

function readLanguages(text: string): Language[] {
  const found = text.split(",").map((name) => languages.find((language) => language.name === name));
  if (found.every((language) => language !== undefined)) return found;
  throw new OptionError(
    `--languages ${text}: expected some of ${names.join(", ")}, with a comma between two`,
  );
}

/** The core itself says whether a policy is one. */
function checkPolicy(policy: string): void {
  const question = Buffer.from(JSON.stringify({ op: "check", policy }));
  const answer = JSON.parse(Buffer.from(freshCore().call(question)).toString());
  if (answer.error) throw new OptionError(`--policy ${policy}: ${answer.error.message}`);
}

/**
 * Reads the command line.
 *
 * @returns null if only help was asked for.
 * @throws OptionError
 */
export function readOptions(args: readonly string[]): RolloutOptions | null {
  const given = parse(args);
  if (given.help) return null;
  const units = whole("units", given.units, 1, 100);
  if (given.juju !== "3.6" && given.juju !== "4.0") {
    throw new OptionError(`--juju ${given.juju}: expected 3.6 or 4.0`);
  }
  const leader = given.leader ?? null;
  const isUnit = /^app\/\d+$/.test(leader ?? "") && Number(leader!.slice(4)) < units;
  if (leader !== null && !isUnit && !names.includes(leader)) {
    throw new OptionError(
      `--leader ${leader}: expected one of app/0 to app/${units - 1}, or of ${names.join(", ")}`,
    );
  }
  checkPolicy(given.policy);
  return {
    units,
    languages: given.languages === undefined ? null : readLanguages(given.languages),
    policy: given.policy,
    juju: given.juju,
    seed: whole("seed", given.seed, 0, 2 ** 32 - 1),
    leader,
    json: given.json,
    keepGoing: given["keep-going"],
  };
}
