import { NONE, Node } from "../json/document";
import { Slice } from "../json/slice";
import { contains } from "../json/strings";
import { decimal, fill } from "../json/text";
import { NO_TIME, Time, timeText } from "../json/time";
import { t, Word, wordAt } from "../json/word";
import { Facts } from "./facts";
import { Fields } from "./fields";

/** The names of the rules, each in the place of its number. */
export const RULES: Word = t(
  "simple serial parallel available gate pause window cooldown zones order canary halt",
);

export const SIMPLE: i32 = 0;
export const SERIAL: i32 = 1;
export const PARALLEL: i32 = 2;
export const AVAILABLE: i32 = 3;
export const GATE: i32 = 4;
export const PAUSE: i32 = 5;
export const WINDOW: i32 = 6;
export const COOLDOWN: i32 = 7;
export const ZONES: i32 = 8;
export const ORDER: i32 = 9;
export const CANARY: i32 = 10;
export const HALT: i32 = 11;

/**
 * One building block of a policy. A request is granted when every rule permits it, taken in queue order and counting the
 * grants made just before. It reads its fields in its constructor, and looks at nothing but them and the facts: so it serves in the core
 * as in a module of its own.
 */
export abstract class Rule {
  /** The locks this rule speaks of, a list; NONE means all. */
  private locks: Node = NONE;
  /** When it would permit what it has just given a reason for, if that is a time that is known; else NO_TIME. */
  until: Time = NO_TIME;

  constructor(
    private kind: i32,
    fields: Fields,
  ) {
    this.locks = fields.strings(t("locks"));
  }

  get name(): Slice {
    return wordAt(RULES, this.kind);
  }

  /** Whether no unit at all may have this lock now. Who holds only grows in a decision: it stays so until its end. */
  closes(lock: i32, facts: Facts): bool {
    return false;
  }

  /** Whether this unit may have this lock now, given who holds what. */
  permits(unit: i32, lock: i32, facts: Facts): bool {
    return !this.closes(lock, facts);
  }

  /** Why not, for a person; called only after `permits` said no. Brings `until` up to date. */
  abstract reason(unit: i32, lock: i32, facts: Facts): Slice;

  /** Called once before a decision's first `permits`, when all who hold are known. */
  prepare(facts: Facts): void {}

  /** Lines up the queue anew: every other order of its items is to be found again where this rule has none of its own. */
  arrange(queue: Array<i32>, facts: Facts): Array<i32> {
    return queue;
  }

  speaksOf(lock: Slice): bool {
    return this.locks === NONE || contains(this.locks, lock);
  }
}

/** How long ago a lock must have been released. */
export function mustPass(lock: i32, released: Time, seconds: u64, facts: Facts): Slice {
  const message = t("{} was released at {}; {} seconds must pass");
  return fill(message, facts.lockName(lock), timeText(released), decimal(seconds));
}

/** `app/2 holds restart`. */
export function holds(unit: i32, lock: i32, facts: Facts): Slice {
  return fill(t("{} holds {}"), facts.unitName(unit), facts.lockName(lock));
}
