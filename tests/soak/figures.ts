/**
 * What a soak has done so far, in numbers.
 *
 * @module
 */

export interface Figures {
  /** Rollouts in one process. */
  rollouts: number;
  /** Rollouts on real processes. */
  processRollouts: number;
  /** Hooks of both. */
  hooks: number;
  /** Hooks that were stopped or made to fail: by a signal, an exit code, a crash of the agent, a refused commit. */
  kills: number;
  leaderChanges: number;
  unitsAdded: number;
  unitsRemoved: number;
  /** Clocks set to another hour. */
  skews: number;
  /** Values of databags and of grants that were made unreadable. */
  corruptedValues: number;
  /** Inputs given to the core by the fuzzer. */
  fuzzInputs: number;
}

export function noFigures(): Figures {
  return {
    rollouts: 0,
    processRollouts: 0,
    hooks: 0,
    kills: 0,
    leaderChanges: 0,
    unitsAdded: 0,
    unitsRemoved: 0,
    skews: 0,
    corruptedValues: 0,
    fuzzInputs: 0,
  };
}

/** Adds `more` to `total`. */
export function add(total: Figures, more: Figures): void {
  for (const name of Object.keys(total) as (keyof Figures)[]) total[name] += more[name];
}
