import { Slice } from "../../json/slice";
import { decimal, fill } from "../../json/text";
import { t } from "../../json/word";
import { Amount } from "../amount";
import { PARALLEL, Rule } from "../rule";
import { Tally } from "../tally";

/**
 * At most `max` holders per lock. Rounded down, but never under one: a rollout that may never begin would look like a hang.
 * To keep a lock shut there are `pause`, `gate` and `available`.
 */
export class Parallel extends Rule {
  private limit: i32 = 1;

  constructor(private max: Amount) {
    super(PARALLEL);
  }

  prepare(tally: Tally): void {
    const value = Math.floor(this.max.value(tally.n));
    this.limit = value >= 1 && value <= <f64>i32.MAX_VALUE ? <i32>value : 1;
  }

  closes(lock: i32, tally: Tally): bool {
    return tally.holders(lock) >= this.limit;
  }

  reason(unit: i32, lock: i32, tally: Tally): Slice {
    const count = decimal(tally.holders(lock));
    const ofMost = fill(t("{} of at most {}"), count, decimal(this.limit));
    return fill(t("{} hold {}, {} among them"), ofMost, tally.lockName(lock), tally.holderOf(lock));
  }
}
