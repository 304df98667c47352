import { Text } from "../../json/text";
import { t, Word } from "../../json/word";
import { Amount } from "../amount";
import { Rule } from "../rule";
import { Tally } from "../tally";

/** As long as at least `min` of the N units hold nothing. Rounded up; where it has no value (division by zero) nothing is permitted. */
export class Available extends Rule {
  private least: f64 = 0;

  constructor(private min: Amount) {
    super();
  }

  name(): Word {
    return t("available");
  }

  prepare(tally: Tally): void {
    this.least = Math.ceil(this.min.value(tally.n));
  }

  permits(unit: i32, lock: i32, tally: Tally): bool {
    const left = tally.n - tally.presentHolding - (tally.holdsAny(unit) ? 0 : 1);
    return <f64>left >= this.least;
  }

  reason(unit: i32, lock: i32, tally: Tally, out: Text): void {
    out
      .number(<u64>(tally.n - tally.presentHolding))
      .ascii(t(" of "))
      .number(<u64>tally.n)
      .ascii(t(" units hold nothing; at least "));
    if (this.least >= 0 && this.least <= <f64>i32.MAX_VALUE) out.number(<u64>this.least);
    else out.ascii(t("every one"));
    out.ascii(t(" must be left"));
  }
}
