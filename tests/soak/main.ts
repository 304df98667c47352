/**
 * The command `npm run soak`: jobs until the time is over or something is lost.
 *
 * @module
 */

import { availableParallelism } from "node:os";
import { work } from "./crew.js";
import { add, type Figures, noFigures } from "./figures.js";
import type { JobKind } from "./jobs.js";
import { OptionError, readOptions, type SoakOptions, usage } from "./options.js";
import { type Job, type Report, report } from "./thread.js";

/** What the threads do in turn; real processes are this thread's own, as the agent runs in it. */
const turns: readonly JobKind[] = ["wire", "form", "json", "abi"].flatMap(
  (kind) => [kind, "rollout", "rollout"] as JobKind[],
);
const progressMs = 60_000;

/** One soak. */
class Soak {
  readonly #options: SoakOptions;
  readonly #say: (line: string) => void;
  readonly #figures = noFigures();
  readonly #began = performance.now();
  #jobs = 0;
  #processSeed: number;
  #lost: Report | null = null;
  #stopped = false;

  constructor(options: SoakOptions, say: (line: string) => void) {
    this.#options = options;
    this.#say = say;
    this.#processSeed = options.seed;
  }

  get figures(): Figures & { seed: number; minutes: number; lost: number } {
    const minutes = Math.round((performance.now() - this.#began) / 600) / 100;
    const lost = this.#lost?.wrong.length ?? 0;
    return { seed: this.#options.seed, minutes, ...this.#figures, lost };
  }

  stop(): void {
    this.#stopped = true;
  }

  /** @returns what was lost first; null if nothing was. */
  async run(): Promise<Report | null> {
    const progress = setInterval(() => this.#say(sentence(this.figures)), progressMs);
    try {
      // Processes wait for each other most of the time: nothing is kept free for them.
      const threads = availableParallelism();
      await Promise.all([
        work(
          threads,
          () => this.#next(),
          (done) => this.#take(done),
        ),
        this.#runProcesses(),
      ]);
    } finally {
      clearInterval(progress);
    }
    return this.#lost;
  }

  get #isOver(): boolean {
    const left = this.#options.minutes * 60_000 - (performance.now() - this.#began);
    return this.#stopped || this.#lost !== null || left <= 0;
  }

  #next(): Job | null {
    if (this.#isOver) return null;
    const turn = this.#jobs++;
    return { kind: turns[turn % turns.length]!, seed: (this.#options.seed + turn) % 2 ** 32 };
  }

  async #runProcesses(): Promise<void> {
    while (!this.#isOver) {
      this.#take(await report({ kind: "processes", seed: this.#processSeed++ % 2 ** 32 }));
    }
  }

  #take(done: Report): void {
    add(this.#figures, done.figures);
    if (done.wrong.length > 0) this.#lost ??= done;
  }
}

function sentence(figures: Soak["figures"]): string {
  const { rollouts, processRollouts, hooks, kills, leaderChanges, corruptedValues } = figures;
  const { signals, exits, refusals } = figures;
  const { unitsAdded, unitsRemoved, skews, fuzzInputs, minutes, lost } = figures;
  return (
    `${minutes} min: ${rollouts} rollouts in one process and ${processRollouts} on real processes, ${hooks} hooks, ` +
    `${kills} kills, ${signals} ends by a signal, ${exits} by an exit code, ${refusals} refused commits, ${leaderChanges} leader changes, ${unitsAdded} units added and ${unitsRemoved} removed, ${skews} skewed clocks, ` +
    `${corruptedValues} corrupted values, ${fuzzInputs} fuzz inputs; ${lost === 0 ? "nothing lost" : `${lost} lost`}`
  );
}

function tell({ kind, seed, wrong, history }: Report, say: (line: string) => void): void {
  for (const line of history) say(line);
  for (const line of wrong) say(`lost: ${line}`);
  if (wrong.length === 0) say("nothing lost");
  say(`seed ${seed}; again: npm run soak -- --seed ${kind}:${seed}`);
}

/** One job again, with its history whatever it came to. @returns the exit code */
function replay(done: Report, say: (line: string) => void): number {
  tell(done, say);
  return done.wrong.length === 0 ? 0 : 1;
}

/** Runs the command. @returns the exit code: 0, 1 (something was lost), 2 (a wrong option). */
export async function main(args: readonly string[]): Promise<number> {
  let options: SoakOptions | null;
  try {
    options = readOptions(args);
  } catch (error) {
    if (!(error instanceof OptionError)) throw error;
    process.stderr.write(`${error.message}; see npm run soak -- --help\n`);
    return 2;
  }
  if (options === null) {
    process.stdout.write(usage);
    return 0;
  }
  const stream = options.json ? process.stderr : process.stdout;
  const say = (line: string): void => void stream.write(`${line}\n`);
  const { only, seed } = options;
  if (only !== null) return replay(await report({ kind: only, seed }, true), say);
  const soak = new Soak(options, say);
  const stop = (): void => soak.stop();
  process.once("SIGINT", stop);
  process.once("SIGTERM", stop);
  const lost = await soak.run();
  if (lost !== null) tell(lost, say);
  say(sentence(soak.figures));
  if (options.json) process.stdout.write(`${JSON.stringify(soak.figures)}\n`);
  return lost === null ? 0 : 1;
}
