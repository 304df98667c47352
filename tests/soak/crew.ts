/**
 * Worker threads that do jobs side by side, each one job at a time.
 *
 * @module
 */

import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { noFigures } from "./figures.js";
import type { Job, Report } from "./thread.js";

/**
 * A thread that gives no sign of life for so long is in a loop without end: the longest job takes seconds.
 */
const patienceMs = 180_000;

const program = new URL("./thread.js", import.meta.url);

/**
 * Does jobs in so many threads until there are no more, and tells each report as it comes.
 *
 * @param next the next job; null if there is none.
 * @throws Error if a job ends its thread, or comes to no end.
 */
export async function work(
  threads: number,
  next: () => Job | null,
  tell: (report: Report) => void,
): Promise<void> {
  const workOne = async (): Promise<void> => {
    const worker = new Worker(program);
    try {
      for (let job = next(); job !== null; job = next()) tell(await doIn(worker, job));
    } finally {
      await worker.terminate();
    }
  };
  await Promise.all(Array.from({ length: threads }, workOne));
}

async function doIn(worker: Worker, job: Job): Promise<Report> {
  const which = `${job.kind}:${job.seed}`;
  const patience = AbortSignal.timeout(patienceMs);
  worker.postMessage(job);
  try {
    const [report] = await once(worker, "message", { signal: patience });
    return report as Report;
  } catch (problem) {
    const why = patience.aborted ? `it came to no end in ${patienceMs / 1000} s` : String(problem);
    const figures = noFigures();
    return { ...job, wrong: [`${which}: ${why}`], figures, history: [] };
  }
}
