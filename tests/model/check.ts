/**
 * Checks a library against a list of bounds.
 *
 * @module
 */

import { action, decode, describe } from "./actions.js";
import type { Bound } from "./bound.js";
import type { Library } from "./conversations.js";
import { rules } from "./oracle.js";
import { type Result, search } from "./search.js";
import { System } from "./system.js";

export interface Checked extends Result {
  readonly bound: Bound;
  readonly seconds: number;
  /** The steps to the violation, for a person. */
  readonly story: readonly string[];
}

export interface CheckOptions {
  /** No more states than this in each bound. */
  readonly most?: number;
  /** Whether states that differ in units' names alone are one; default: where that is sound. */
  readonly folds?: boolean;
  readonly progress?: (bound: Bound, states: number, depth: number) => void;
}

/** Explores one bound. */
export function check(bound: Bound, library: Library, options: CheckOptions = {}): Checked {
  const began = performance.now();
  const { most, folds, progress } = options;
  const result = search(new System(bound, library), {
    ...(most === undefined ? {} : { most }),
    ...(folds === undefined ? {} : { folds }),
    ...(progress && { progress: (states, depth) => progress(bound, states, depth) }),
  });
  const seconds = Math.round(performance.now() - began) / 1000;
  const story = tell(new System(bound, library), result.history);
  return { ...result, bound, seconds, story };
}

/** What happens in a history, a line for each step, and what rule its end breaks. */
export function tell(system: System, history: readonly number[]): string[] {
  const s = system.initial();
  const lines = history.map((step) => {
    const { kind, unit } = decode(step);
    const before = s[system.layout.place(unit)]!;
    system.apply(s, step);
    const runs = s[system.layout.place(unit)] !== 0;
    const ended = before !== 0 && !runs && kind === action.go ? ": its hook is over" : "";
    const { places } = system.conversations;
    return describe(step, before === 0 ? null : places[before]!) + ended;
  });
  if (history.length > 0 && system.isQuiet(s)) system.settle(s);
  const { found } = system.oracle;
  if (found !== null) lines.push(`${found.rule} (${rules[found.rule]}): ${found.text}`);
  return lines;
}
