import { Slice } from "../../json/slice";
import { decimal, fill } from "../../json/text";
import { bytesOf, t } from "../../json/word";
import { Amount } from "../amount";
import { AVAILABLE, Rule } from "../rule";
import { Tally } from "../tally";

/** As long as at least `min` of the N units hold nothing. Rounded up; where it has no value (division by zero) nothing is permitted. */
export class Available extends Rule {
  private least: f64 = 0;

  constructor(private min: Amount) {
    super(AVAILABLE);
  }

  prepare(tally: Tally): void {
    this.least = Math.ceil(this.min.value(tally.n));
  }

  permits(unit: i32, lock: i32, tally: Tally): bool {
    const left = tally.n - tally.presentHolding - (tally.holdsAny(unit) ? 0 : 1);
    return <f64>left >= this.least;
  }

  reason(unit: i32, lock: i32, tally: Tally): Slice {
    const isCount = this.least >= 0 && this.least <= <f64>i32.MAX_VALUE;
    return fill(
      t("{} of {} units hold nothing; at least {} must be left"),
      decimal(tally.n - tally.presentHolding),
      decimal(tally.n),
      isCount ? decimal(<u64>this.least) : bytesOf(t("every one")),
    );
  }
}
