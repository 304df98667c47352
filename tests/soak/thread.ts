/**
 * The program of a worker thread: does the jobs it is given, one after another, and says what each came to.
 *
 * @module
 */

import { parentPort } from "node:worker_threads";
import type { Figures } from "./figures.js";
import { doJob, type JobKind } from "./jobs.js";

export interface Job {
  readonly kind: JobKind;
  readonly seed: number;
}

/** What a job came to. The history is told only where something was lost. */
export interface Report extends Job {
  readonly wrong: readonly string[];
  readonly figures: Figures;
  readonly history: readonly string[];
}

/** Does one job. @param tells its history even if nothing was lost. */
export async function report({ kind, seed }: Job, tells = false): Promise<Report> {
  const { wrong, figures, history } = await doJob(kind, seed);
  return { kind, seed, wrong, figures, history: tells || wrong.length > 0 ? history() : [] };
}

parentPort?.on("message", async (job: Job) => parentPort!.postMessage(await report(job)));
