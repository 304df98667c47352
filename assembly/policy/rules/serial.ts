import { Slice } from "../../json/slice";
import { holds, Rule, SERIAL } from "../rule";
import { Tally } from "../tally";

/** One holder per lock; different units may hold different locks. */
export class Serial extends Rule {
  constructor() {
    super(SERIAL);
  }

  closes(lock: i32, tally: Tally): bool {
    return tally.holders(lock) > 0;
  }

  reason(unit: i32, lock: i32, tally: Tally): Slice {
    return holds(tally.holderOf(lock), tally.lockName(lock));
  }
}
