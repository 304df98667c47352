import { member, NONE, Node } from "../../json/document";
import { doubleOf } from "../../json/number";
import { EMPTY, Slice } from "../../json/slice";
import { Order, sort } from "../../json/sort";
import { placeOf, t } from "../../json/word";
import { Facts } from "../facts";
import { Fields } from "../fields";
import { ORDER, Rule } from "../rule";

const NOWHERE: i32 = -1;
const LEADER_LAST: i32 = 1;
/** The place of those who are not named; beyond so many names there is no order among them. */
const OTHERS: i32 = 0xffffe;
const SIGN: u64 = 0x8000000000000000;

/**
 * Permits everything, and lines up the queue: first the units named, in the order given; then the leader first or last; then by a
 * number in what came with the request, the greater first. Between those that are alike the order stays as it was, and
 * requests for locks of which this rule does not speak keep their places.
 */
export class OrderRule extends Rule {
  private leader: i32 = NOWHERE;
  private first: Node;
  private priority: Slice;

  constructor(fields: Fields) {
    super(ORDER, fields);
    const leader = fields.text(t("leader"));
    this.first = fields.strings(t("first"));
    this.priority = fields.text(t("priority"));
    if (leader !== EMPTY) {
      this.leader = placeOf(leader, t("first last"));
      if (this.leader < 0) fields.fail(t("leader"), t("expected first or last"));
    } else if (this.first === NONE && this.priority === EMPTY) {
      fields.faults.fail(t("expected leader, first or priority"));
    }
  }

  reason(unit: i32, lock: i32, facts: Facts): Slice {
    return EMPTY;
  }

  arrange(queue: Array<i32>, facts: Facts): Array<i32> {
    const lined = new Array<i32>();
    const places = new Array<i32>();
    const items = new Array<i32>();
    for (let i = 0; i < queue.length; i++) {
      lined.push(queue[i]);
      if (!this.speaksOf(facts.lockName(facts.lockOf(queue[i])))) continue;
      places.push(i);
      items.push(queue[i]);
    }
    sort(items, new ByRank(this.leader, facts.placesIn(this.first), this.priority, facts));
    for (let i = 0; i < items.length; i++) lined[places[i]] = items[i];
    return lined;
  }
}

/** Place, then priority, in one number. Of what is alike sorting keeps the order. */
class ByRank extends Order {
  constructor(
    private leader: i32,
    private places: Array<i32>,
    private priority: Slice,
    private facts: Facts,
  ) {
    super();
  }

  keyOf(item: i32): u64 {
    const unit = this.facts.unitOf(item);
    let place = this.places[unit];
    if (place === 0) {
      place = OTHERS;
      if (this.leader >= 0 && unit === this.facts.leader)
        place += this.leader === LEADER_LAST ? 1 : -1;
    }
    if (this.priority === EMPTY) return place;
    const data = this.facts.dataOf(unit, this.facts.lockOf(item));
    // The bits of a double are in the order of numbers, but for the sign; the greater one is to have the smaller key.
    const bits = reinterpret<u64>(doubleOf(member(data, this.priority)) + 0);
    return ((<u64>place) << 44) | (((bits & SIGN) !== 0 ? bits : ~(bits | SIGN)) >> 20);
  }
}
