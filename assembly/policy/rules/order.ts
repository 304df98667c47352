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
 * number in what came with the request, the greater first. Between those that are alike the order stays as it was. A request for a lock of
 * which this rule does not speak is one like any other, without a number.
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
    for (let i = 0; i < queue.length; i++) lined.push(queue[i]);
    sort(lined, new ByRank(this, facts.placesIn(this.first), facts));
    return lined;
  }

  rankOf(item: i32, places: Array<i32>, facts: Facts): u64 {
    const unit = facts.unitOf(item);
    const lock = facts.lockOf(item);
    if (!this.speaksOf(facts.lockName(lock))) return rank(OTHERS, 0);
    let place = places[unit];
    if (place === 0) {
      place = OTHERS;
      if (this.leader >= 0 && unit === facts.leader) place += this.leader === LEADER_LAST ? 1 : -1;
    }
    const data = this.priority === EMPTY ? NONE : facts.dataOf(unit, lock);
    return rank(place, doubleOf(member(data, this.priority)));
  }
}

/** Place, then priority, in one number. */
function rank(place: i32, priority: f64): u64 {
  // The bits of a double are in the order of numbers, but for the sign; the greater one is to have the smaller rank.
  const bits = reinterpret<u64>(priority + 0);
  return ((<u64>place) << 44) | (((bits & SIGN) !== 0 ? bits : ~(bits | SIGN)) >> 20);
}

/** Of what has one rank sorting keeps the order. */
class ByRank extends Order {
  constructor(
    private rule: OrderRule,
    private places: Array<i32>,
    private facts: Facts,
  ) {
    super();
  }

  keyOf(item: i32): u64 {
    return this.rule.rankOf(item, this.places, this.facts);
  }
}
