import { Text } from "../../json/text";
import { t, Word } from "../../json/word";
import { Rule, writeHolds } from "../rule";
import { Tally } from "../tally";

/** One holder per lock; different units may hold different locks. */
export class Serial extends Rule {
  name(): Word {
    return t("serial");
  }

  permits(unit: i32, lock: i32, tally: Tally): bool {
    return tally.holders(lock) === 0;
  }

  reason(unit: i32, lock: i32, tally: Tally, out: Text): void {
    writeHolds(tally.holderOf(lock), tally.lockName(lock), out);
  }
}
