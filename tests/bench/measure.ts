/**
 * Times two functions side by side: in turns, so that whatever slows the machine down slows both.
 *
 * @module
 */

/** Half of all samples lie between `low` and `high`. */
export interface Spread {
  readonly median: number;
  readonly low: number;
  readonly high: number;
}

export interface Comparison {
  /** Milliseconds. */
  readonly first: Spread;
  /** Milliseconds. */
  readonly second: Spread;
  /** First by second, of the two samples that were taken one after the other. */
  readonly ratio: Spread;
  readonly samples: number;
}

export interface Effort {
  /** Milliseconds to run both before anything counts, so that V8 has compiled them for good. */
  readonly warmUp: number;
  /** Milliseconds to go on measuring. */
  readonly time: number;
  /** Samples to take at least, however long it takes. */
  readonly least: number;
}

export function spreadOf(samples: readonly number[]): Spread {
  const sorted = [...samples].sort((a, b) => a - b);
  const at = (part: number): number => sorted[Math.round((sorted.length - 1) * part)]!;
  return { median: at(0.5), low: at(0.25), high: at(0.75) };
}

/** Makes ready what is not timed, and answers what is. */
export type Task = () => () => unknown;

function timeOf(task: Task): number {
  const run = task();
  const start = performance.now();
  run();
  return performance.now() - start;
}

export function compare(first: Task, second: Task, { warmUp, time, least }: Effort): Comparison {
  const warm = performance.now() + warmUp;
  do {
    first()();
    second()();
  } while (performance.now() < warm);

  const samples: { first: number; second: number }[] = [];
  const end = performance.now() + time;
  while (samples.length < least || performance.now() < end) {
    // Now the one goes before, now the other: none always pays for the garbage of its neighbour.
    const isFirstFirst = samples.length % 2 === 0;
    const before = timeOf(isFirstFirst ? first : second);
    const after = timeOf(isFirstFirst ? second : first);
    samples.push(
      isFirstFirst ? { first: before, second: after } : { first: after, second: before },
    );
  }
  return {
    first: spreadOf(samples.map((sample) => sample.first)),
    second: spreadOf(samples.map((sample) => sample.second)),
    ratio: spreadOf(samples.map((sample) => sample.first / sample.second)),
    samples: samples.length,
  };
}
