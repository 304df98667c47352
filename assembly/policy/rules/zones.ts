import { isString, member, textOf } from "../../json/document";
import { EMPTY, equal, lengthOf, Slice } from "../../json/slice";
import { fill } from "../../json/text";
import { bytesOf, t } from "../../json/word";
import { Facts } from "../facts";
import { Fields } from "../fields";
import { holds, Rule, ZONES } from "../rule";

/**
 * Units of one zone at a time, for each lock by itself. The zone is a text in what came with the request. Who names none, or whose cannot be
 * seen, is a zone of its own.
 */
export class Zones extends Rule {
  private key: Slice;
  /** By lock, a holder who is not of the first holder's zone, plus one; 0 where there is none. */
  private strays: Array<i32> = new Array<i32>();

  constructor(fields: Fields) {
    super(ZONES, fields);
    this.key = fields.main(t("key"), t("zone"));
  }

  /** Only those who held before can be of several zones: this rule has permitted all who come in the same decision. */
  prepare(facts: Facts): void {
    this.strays = new Array<i32>(facts.lockCount);
    for (let i = 0; i < facts.holdingUnits.length; i++) {
      const lock = facts.holdingLocks[i];
      const unit = facts.holdingUnits[i];
      const first = facts.holderOf(lock);
      if (unit !== first && !this.isSame(unit, first, lock, facts)) this.strays[lock] = unit + 1;
    }
  }

  closes(lock: i32, facts: Facts): bool {
    if (facts.holders(lock) === 0) return false;
    const zone = this.zoneOf(facts.holderOf(lock), lock, facts);
    return this.strays[lock] !== 0 || lengthOf(zone) === 0;
  }

  permits(unit: i32, lock: i32, facts: Facts): bool {
    if (facts.holders(lock) === 0) return true;
    return !this.closes(lock, facts) && this.isSame(unit, facts.holderOf(lock), lock, facts);
  }

  /** `app/1 holds restart in zone a; this unit is in zone b`. */
  reason(unit: i32, lock: i32, facts: Facts): Slice {
    const first = facts.holderOf(lock);
    const stray = this.strays[lock] - 1;
    const other = stray >= 0 && this.isSame(unit, first, lock, facts) ? stray : first;
    const own = this.inZone(unit, lock, facts);
    return fill(
      t("{} {}; this unit is {}"),
      holds(other, lock, facts),
      this.inZone(other, lock, facts),
      own,
    );
  }

  private isSame(unit: i32, other: i32, lock: i32, facts: Facts): bool {
    const zone = this.zoneOf(unit, lock, facts);
    return lengthOf(zone) > 0 && equal(zone, this.zoneOf(other, lock, facts));
  }

  private inZone(unit: i32, lock: i32, facts: Facts): Slice {
    const zone = this.zoneOf(unit, lock, facts);
    return lengthOf(zone) > 0 ? fill(t("in zone {}"), zone) : bytesOf(t("in no known zone"));
  }

  private zoneOf(unit: i32, lock: i32, facts: Facts): Slice {
    const zone = member(facts.dataOf(unit, lock), this.key);
    return isString(zone) ? textOf(zone) : EMPTY;
  }
}
