/**
 * The kinds of charms that the soak runs as real processes. Each does what the sample charm does: when `version` changes it asks for
 * the lock `restart`, says `status-set maintenance "restart: …"` while it operates, and `active` when it serves that version.
 *
 * @module
 */

import { fileURLToPath } from "node:url";
import { runsGo } from "../go.js";
import { runsPython } from "../python.js";

export interface Kind {
  readonly name: string;
  readonly directory: string;
  /** What sets the clock of its programs so many seconds ahead: a part of their environment. */
  readonly clock: (seconds: number) => Readonly<Record<string, string>>;
}

// The compiled file lies in build/js/tests/soak; charms are no TypeScript alone and stay beside the sources.
const root = new URL("../../../../", import.meta.url);
const charm = (name: string): string => fileURLToPath(new URL(`host/charms/${name}/`, root));
const builtCharm = (name: string): string => fileURLToPath(new URL(`build/charms/${name}/`, root));

const nodeClock = (seconds: number) => ({
  NODE_OPTIONS: `--import=${new URL("./clock.js", import.meta.url)}`,
  SOAK_SECONDS_AHEAD: String(seconds),
});

const pythonClock = (seconds: number) => ({
  PYTHONPATH: fileURLToPath(new URL("tests/soak/python/", root)),
  SOAK_SECONDS_AHEAD: String(seconds),
});

/** Nothing in the environment sets the clock of a static program: these have the machine's. */
const noClock = () => ({});

/** A line each. */
const all: readonly (Kind & { readonly runs: boolean })[] = [
  { name: "typescript", directory: charm("typescript"), clock: nodeClock, runs: true },
  { name: "ops", directory: charm("ops"), clock: pythonClock, runs: runsPython },
  { name: "reactive", directory: charm("reactive"), clock: pythonClock, runs: runsPython },
  { name: "go", directory: builtCharm("go"), clock: noClock, runs: runsGo },
  { name: "bash", directory: builtCharm("bash"), clock: noClock, runs: runsGo },
];

/** Those that run on this machine. */
export const kinds: readonly Kind[] = all.filter(({ runs }) => runs);
