import { Slice } from "../../json/slice";
import { decimal, fill } from "../../json/text";
import { t } from "../../json/word";
import { Amount } from "../amount";
import { Facts } from "../facts";
import { AMOUNT_RULE, Fields } from "../fields";
import { PARALLEL, Rule } from "../rule";

/**
 * At most `max` holders per lock. Rounded down, but never under one: a rollout that may never begin would look like a hang.
 * To keep a lock shut there are `pause`, `gate` and `available`.
 */
export class Parallel extends Rule {
  private max: Amount;
  private limit: i32 = 1;

  constructor(fields: Fields) {
    super(PARALLEL, fields);
    this.max = fields.amount(t("max"));
    if (this.max.isNeverOne()) fields.fail(t("max"), AMOUNT_RULE);
  }

  prepare(facts: Facts): void {
    const value = Math.floor(this.max.value(facts.n));
    this.limit = value >= 1 && value <= <f64>i32.MAX_VALUE ? <i32>value : 1;
  }

  closes(lock: i32, facts: Facts): bool {
    return facts.holders(lock) >= this.limit;
  }

  reason(unit: i32, lock: i32, facts: Facts): Slice {
    const count = decimal(facts.holders(lock));
    const ofMost = fill(t("{} of at most {}"), count, decimal(this.limit));
    const holder = facts.unitName(facts.holderOf(lock));
    return fill(t("{} hold {}, {} among them"), ofMost, facts.lockName(lock), holder);
  }
}
