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

  permits(unit: i32, lock: i32, facts: Facts): bool {
    if (facts.holders(lock) === 0) return true;
    return this.strays[lock] === 0 && this.isSame(unit, facts.holderOf(lock), lock, facts);
  }

  /** `app/1 holds restart in zone a; this unit is in b`. */
  reason(unit: i32, lock: i32, facts: Facts): Slice {
    const first = facts.holderOf(lock);
    const other = this.isSame(unit, first, lock, facts) ? this.strays[lock] - 1 : first;
    const message = t("{} in zone {}; this unit is in {}");
    const zone = named(this.zoneOf(other, lock, facts));
    return fill(message, holds(other, lock, facts), zone, named(this.zoneOf(unit, lock, facts)));
  }

  private isSame(unit: i32, other: i32, lock: i32, facts: Facts): bool {
    const zone = this.zoneOf(unit, lock, facts);
    return lengthOf(zone) > 0 && equal(zone, this.zoneOf(other, lock, facts));
  }

  private zoneOf(unit: i32, lock: i32, facts: Facts): Slice {
    const zone = member(facts.dataOf(unit, lock), this.key);
    return isString(zone) ? textOf(zone) : EMPTY;
  }
}

function named(zone: Slice): Slice {
  return lengthOf(zone) > 0 ? zone : bytesOf(t("unknown"));
}
