import { Slice } from "../../json/slice";
import { Facts } from "../facts";
import { Fields } from "../fields";
import { holds, Rule, SIMPLE } from "../rule";

/** One unit at a time, whatever the lock; that unit may have all its locks. */
export class Simple extends Rule {
  constructor(fields: Fields) {
    super(SIMPLE, fields);
  }

  permits(unit: i32, lock: i32, facts: Facts): bool {
    return facts.unitsHolding === 0 || (facts.unitsHolding === 1 && facts.holdsAny(unit));
  }

  reason(unit: i32, lock: i32, facts: Facts): Slice {
    return holds(facts.otherHolder(unit), facts.otherLock(unit), facts);
  }
}
