import { equal, Slice } from "../json/slice";
import { Text } from "../json/text";
import { t, Word } from "../json/word";
import { Tally } from "./tally";

/**
 * One building block of a policy. A request is granted when every rule permits it, taken in queue order and counting the
 * grants made just before.
 */
export abstract class Rule {
  /** The locks this rule speaks of; none named means all. */
  locks: Array<Slice> = new Array<Slice>();

  abstract name(): Word;

  /** Whether this unit may have this lock now, given who holds what. */
  abstract permits(unit: i32, lock: i32, tally: Tally): bool;

  /** Why not, for a person; called only after `permits` said no. */
  abstract reason(unit: i32, lock: i32, tally: Tally, out: Text): void;

  /** Called once before a decision's first `permits`. */
  prepare(tally: Tally): void {}

  speaksOf(lock: Slice): bool {
    const locks = this.locks;
    for (let i = 0; i < locks.length; i++) {
      if (equal(locks[i], lock)) return true;
    }
    return locks.length === 0;
  }
}

/** `app/2 holds restart`. */
export function writeHolds(unit: Slice, lock: Slice, out: Text): void {
  out.bytes(unit).ascii(t(" holds ")).bytes(lock);
}
