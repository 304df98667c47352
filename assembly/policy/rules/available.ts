import { Slice } from "../../json/slice";
import { decimal, fill } from "../../json/text";
import { bytesOf, t } from "../../json/word";
import { Amount } from "../amount";
import { Facts } from "../facts";
import { Fields } from "../fields";
import { AVAILABLE, Rule } from "../rule";

/** As long as at least `min` of the N units hold nothing. Rounded up; where it has no value (division by zero) nothing is permitted. */
export class Available extends Rule {
  private min: Amount;
  private least: f64 = 0;

  constructor(fields: Fields) {
    super(AVAILABLE, fields);
    this.min = fields.amount(t("min"));
  }

  prepare(facts: Facts): void {
    this.least = Math.ceil(this.min.value(facts.n));
  }

  permits(unit: i32, lock: i32, facts: Facts): bool {
    const left = facts.n - facts.presentHolding - (facts.holdsAny(unit) ? 0 : 1);
    return <f64>left >= this.least;
  }

  reason(unit: i32, lock: i32, facts: Facts): Slice {
    const isCount = this.least >= 0 && this.least <= <f64>i32.MAX_VALUE;
    return fill(
      t("{} of {} units hold nothing; at least {} must be left"),
      decimal(facts.n - facts.presentHolding),
      decimal(facts.n),
      isCount ? decimal(<u64>this.least) : bytesOf(t("every one")),
    );
  }
}
