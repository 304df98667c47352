import { Text } from "../../json/text";
import { t, Word } from "../../json/word";
import { Rule, writeHolds } from "../rule";
import { Tally } from "../tally";

/** One unit at a time, whatever the lock; that unit may have all its locks. */
export class Simple extends Rule {
  name(): Word {
    return t("simple");
  }

  permits(unit: i32, lock: i32, tally: Tally): bool {
    return tally.unitsHolding === 0 || (tally.unitsHolding === 1 && tally.holdsAny(unit));
  }

  reason(unit: i32, lock: i32, tally: Tally, out: Text): void {
    writeHolds(tally.unitName(tally.otherHolder(unit)), tally.lockName(tally.otherLock(unit)), out);
  }
}
