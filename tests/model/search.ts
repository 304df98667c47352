/**
 * Every state within a bound, breadth first: the first violation found is one with the shortest history.
 *
 * @module
 */

import { Fold } from "./fold.js";
import type { Words } from "./layout.js";
import type { Violation } from "./oracle.js";
import { Seen } from "./seen.js";
import type { System } from "./system.js";

export interface SearchOptions {
  /** No more states than this are explored. */
  readonly most?: number;
  /** Whether states that differ in units' names alone are one; default: where that is sound. */
  readonly folds?: boolean;
  /** Told now and then how far the search is. */
  readonly progress?: (states: number, depth: number) => void;
}

export interface Result {
  readonly states: number;
  readonly transitions: number;
  /** Steps from the first state to the furthest. */
  readonly depth: number;
  /** How many names each state may have; 1: nothing was folded. */
  readonly names: number;
  /** Whether there was nothing more to explore. */
  readonly complete: boolean;
  readonly violation: Violation | null;
  /** The steps that lead to the violation, the one that is it included. */
  readonly history: readonly number[];
}

/** States of one depth, one after the other in one array. */
class Level {
  #words: Int32Array;
  count = 0;
  readonly #length: number;

  constructor(length: number) {
    this.#length = length;
    this.#words = new Int32Array(length * 1024);
  }

  push(state: Words): void {
    const at = this.count * this.#length;
    if (at === this.#words.length) {
      const more = new Int32Array(2 * at);
      more.set(this.#words);
      this.#words = more;
    }
    this.#words.set(state, at);
    this.count++;
  }

  read(index: number, into: Words): void {
    const at = index * this.#length;
    into.set(this.#words.subarray(at, at + this.#length));
  }
}

/** Explores until a violation is found, nothing is left, or `most` states are known. */
export function search(system: System, options: SearchOptions = {}): Result {
  const { most = Number.POSITIVE_INFINITY, progress, folds } = options;
  const seen = new Seen();
  const fold = new Fold(system, folds);
  const { length } = system.layout;
  const state = new Int32Array(length);
  const next = new Int32Array(length);
  const steps: number[] = [];
  let level = new Level(length);
  let transitions = 0;
  let depth = 0;
  const result = (complete: boolean, history: readonly number[]): Result => {
    const { found } = system.oracle;
    const steps = fold.unfold(history);
    return {
      ...{ states: seen.size, transitions, depth, complete, violation: found, history: steps },
      names: fold.names,
    };
  };

  state.set(system.initial());
  fold.fold(state);
  seen.add(state, -1, 0);
  level.push(state);
  for (let first = 0; level.count > 0; depth++) {
    const following = new Level(length);
    for (let index = 0; index < level.count; index++) {
      level.read(index, state);
      steps.length = 0;
      system.enabled(state, steps);
      if (system.isQuiet(state)) {
        const help = system.settle(state);
        if (system.oracle.found !== null) return result(false, seen.way(first + index));
        if (help >= 0) steps.push(help);
      }
      for (const step of steps) {
        next.set(state);
        system.apply(next, step);
        transitions++;
        if (system.oracle.found !== null) {
          return result(false, [...seen.way(first + index), step]);
        }
        fold.fold(next);
        if (seen.add(next, first + index, step) >= 0) following.push(next);
      }
      if (seen.size >= most) return result(false, []);
      if (progress !== undefined && (index & 0xfff) === 0) progress(seen.size, depth);
    }
    first += level.count;
    level = following;
  }
  return result(true, []);
}
