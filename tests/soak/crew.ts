/**
 * Worker threads that do jobs side by side, each one job at a time.
 *
 * @module
 */

import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { noFigures } from "./figures.js";
import type { Job, Report } from "./thread.js";

/** A thread that gives no sign of life for so long is in a loop without end: the longest job takes seconds. */
const patienceMs = 180_000;

const program = new URL("./thread.js", import.meta.url);

/**
 * Does jobs in so many threads until there are no more, and tells each report as it comes. A job that ends its thread, or comes to
 * no end, is lost, and the next one gets a new thread.
 *
 * @param next the next job; null if there is none.
 */
export async function work(
  threads: number,
  next: () => Job | null,
  tell: (report: Report) => void,
): Promise<void> {
  const workOne = async (): Promise<void> => {
    let worker = new Worker(program);
    for (let job = next(); job !== null; job = next()) {
      const done = await doIn(worker, job);
      if (typeof done === "string") {
        await worker.terminate();
        worker = new Worker(program);
        tell({ ...job, wrong: [done], figures: noFigures(), history: [] });
      } else tell(done);
    }
    await worker.terminate();
  };
  await Promise.all(Array.from({ length: threads }, workOne));
}

/** @returns why there is no report, if there is none. */
async function doIn(worker: Worker, job: Job): Promise<Report | string> {
  const patience = AbortSignal.timeout(patienceMs);
  worker.postMessage(job);
  try {
    const [report] = await once(worker, "message", { signal: patience });
    return report as Report;
  } catch (problem) {
    return patience.aborted ? `it came to no end in ${patienceMs / 1000} s` : String(problem);
  }
}
