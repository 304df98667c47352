import { Slice } from "../../json/slice";
import { Facts } from "../facts";
import { Fields } from "../fields";
import { holds, Rule, SERIAL } from "../rule";

/** One holder per lock; different units may hold different locks. */
export class Serial extends Rule {
  constructor(fields: Fields) {
    super(SERIAL, fields);
  }

  closes(lock: i32, facts: Facts): bool {
    return facts.holders(lock) > 0;
  }

  reason(unit: i32, lock: i32, facts: Facts): Slice {
    return holds(facts.holderOf(lock), lock, facts);
  }
}
