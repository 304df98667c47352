/**
 * What a soak has done so far, in numbers.
 *
 * @module
 */

import type { HistoryRecord } from "../../host/juju/model/history.js";

export interface Figures {
  /** Rollouts in one process. */
  rollouts: number;
  /** Rollouts on real processes. */
  processRollouts: number;
  /** Hooks of both. */
  hooks: number;
  /** Hooks that were stopped or made to fail: by a signal, an exit code, a crash of the agent, a refused commit. */
  kills: number;
  /** Of these hooks, those that ended by a signal. */
  signals: number;
  /** Hooks that ended with an exit code other than 0. */
  exits: number;
  /** Hooks whose commit Juju refused. */
  refusals: number;
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
    signals: 0,
    exits: 0,
    refusals: 0,
    leaderChanges: 0,
    unitsAdded: 0,
    unitsRemoved: 0,
    skews: 0,
    corruptedValues: 0,
    fuzzInputs: 0,
  };
}

/** How hooks have ended, as Juju saw it. */
export function endsOf(
  history: readonly HistoryRecord[],
): Pick<Figures, "signals" | "exits" | "refusals"> {
  const hooks = history.filter((one) => one.type === "hook");
  return {
    signals: hooks.filter(({ outcome }) => "signal" in outcome).length,
    exits: hooks.filter(({ outcome }) => "exit" in outcome && outcome.exit !== 0).length,
    refusals: hooks.filter(({ ending }) => ending === "refused").length,
  };
}

/** The faults that none of these rollouts had: nothing was seen to withstand them. */
export function missing(figures: Figures): string[] {
  const faults = [
    ...(["kills", "signals", "exits", "refusals", "leaderChanges", "unitsRemoved"] as const),
    ...(["skews", "corruptedValues"] as const),
  ];
  return faults.filter((fault) => figures[fault] === 0);
}

/** Adds `more` to `total`. */
export function add(total: Figures, more: Figures): void {
  for (const name of Object.keys(total) as (keyof Figures)[]) total[name] += more[name];
}
