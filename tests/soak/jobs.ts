/**
 * The jobs of a soak: each is one kind with one seed, and comes to the same whenever it is done again.
 *
 * @module
 */

import { fuzzers } from "../fuzz/fuzzers.js";
import { noFigures } from "./figures.js";
import { rollProcesses } from "./processes.js";
import { type Outcome, rollOut } from "./rollout.js";

/** `rollout`: in one process. `processes`: on real processes. The others: inputs for the core, many in one job. */
export const jobKinds = ["rollout", "processes", "json", "wire", "form", "abi"] as const;
export type JobKind = (typeof jobKinds)[number];

/** Inputs of one fuzz job: about a second's work. */
const inputsOf = { json: 20_000, wire: 3_000, form: 3_000, abi: 4_000 } as const;

export async function doJob(kind: JobKind, seed: number): Promise<Outcome> {
  if (kind === "rollout") return rollOut(seed);
  if (kind === "processes") return await rollProcesses(seed);
  const inputs = inputsOf[kind];
  const failure = fuzzers[kind](seed, inputs);
  return {
    seed,
    wrong: failure === null ? [] : [failure],
    figures: { ...noFigures(), fuzzInputs: inputs },
    history: () => [],
  };
}
