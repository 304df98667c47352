import { Slice } from "../../json/slice";
import { holds, Rule, SIMPLE } from "../rule";
import { Tally } from "../tally";

/** One unit at a time, whatever the lock; that unit may have all its locks. */
export class Simple extends Rule {
  constructor() {
    super(SIMPLE);
  }

  permits(unit: i32, lock: i32, tally: Tally): bool {
    return tally.unitsHolding === 0 || (tally.unitsHolding === 1 && tally.holdsAny(unit));
  }

  reason(unit: i32, lock: i32, tally: Tally): Slice {
    return holds(tally.unitName(tally.otherHolder(unit)), tally.lockName(tally.otherLock(unit)));
  }
}
