import { NONE, Node } from "../json/document";
import { EMPTY, Slice } from "../json/slice";
import { contains } from "../json/strings";
import { fill } from "../json/text";
import { t, Word, wordAt } from "../json/word";
import { Tally } from "./tally";

/** The names of the rules, each in the place of its number. */
export const RULES: Word = t("simple serial parallel available gate pause");

export const SIMPLE: i32 = 0;
export const SERIAL: i32 = 1;
export const PARALLEL: i32 = 2;
export const AVAILABLE: i32 = 3;
export const GATE: i32 = 4;
export const PAUSE: i32 = 5;

/**
 * One building block of a policy. A request is granted when every rule permits it, taken in queue order and counting the
 * grants made just before.
 */
export abstract class Rule {
  /** The locks this rule speaks of, a list; NONE means all. */
  locks: Node = NONE;
  /** The config option that it looks at; EMPTY if it looks at none. */
  option: Slice = EMPTY;

  constructor(private kind: i32) {}

  get name(): Slice {
    return wordAt(RULES, this.kind);
  }

  /** Whether no unit at all may have this lock now. Who holds only grows in a decision: it stays so until its end. */
  closes(lock: i32, tally: Tally): bool {
    return false;
  }

  /** Whether this unit may have this lock now, given who holds what. */
  permits(unit: i32, lock: i32, tally: Tally): bool {
    return !this.closes(lock, tally);
  }

  /** Why not, for a person; called only after `permits` said no. */
  abstract reason(unit: i32, lock: i32, tally: Tally): Slice;

  /** Called once before a decision's first `permits`. */
  prepare(tally: Tally): void {}

  speaksOf(lock: Slice): bool {
    return this.locks === NONE || contains(this.locks, lock);
  }
}

/** `app/2 holds restart`. */
export function holds(unit: Slice, lock: Slice): Slice {
  return fill(t("{} holds {}"), unit, lock);
}
