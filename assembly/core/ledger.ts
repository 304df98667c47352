/**
 * The ledger: all units known in this hook, what each asks for, has done and holds. It decides what may be dropped (rule 5) and
 * who stands in the queue (rule 6); it never grants.
 */
import { Names } from "../json/names";
import { compare, Slice } from "../json/slice";
import { Order, sort } from "../json/sort";
import { Time } from "../json/time";
import { Entry, entryOf, idOf, NOT_RECORDED, Unit } from "./unit";

/** Which of this unit's own requests stand in the queue: none, those committed when the hook began, or all. */
export const NO_OWN: i32 = 0;
export const COMMITTED_OWN: i32 = 1;
export const ALL_OWN: i32 = 2;

export class Ledger {
  /** How many units there are in relation-list, this unit among them: the N of policies. */
  size: i32 = 0;
  /** Units that hold something, or held it earlier in this hook: never many, while there may be thousands of units. */
  holders: Array<Unit> = new Array<Unit>();
  /** The queue as it was sorted last, and how often one was asked for. */
  private lined: Array<Entry> = new Array<Entry>();
  private round: i32 = 0;
  units: Array<Unit> = new Array<Unit>();
  unitNames: Names;
  lockNames: Names = new Names();
  /** Whose data is as new as the controller's: the unit whose relation hook this is (Juju empties its cache then). */
  remoteUnit: i32 = -1;

  /** Begins with this unit itself; `expected` units are likely to be named. */
  constructor(
    public self: Unit,
    expected: i32,
  ) {
    this.unitNames = new Names(expected);
    this.unitNames.add(self.name);
    this.units.push(self);
    this.addMember(self);
  }

  unit(name: Slice): Unit {
    const number = this.unitNames.add(name);
    const units = this.units;
    if (number === units.length) units.push(new Unit(number, name));
    return inline.always(unchecked(units[number]));
  }

  /** Takes a unit for one in relation-list; this unit itself is always one. */
  addMember(unit: Unit): void {
    if (!unit.member) this.size += 1;
    unit.member = true;
  }

  addGrant(unit: Unit, lock: i32, id: Time): Entry {
    if (!unit.isHolder) this.holders.push(unit);
    unit.isHolder = true;
    return unit.addGrant(lock, id);
  }

  /**
   * Rule 5: a grant is spent only if an id says so, or the unit is dead. A request that is merely missing, or smaller, is an
   * old copy. Only a unit of the old library, which has no `done`, is believed by what is missing, and only where the copy
   * cannot be old.
   */
  isSpent(grant: Entry): bool {
    const unit = grant.unit;
    if (unit.gone) return true;
    if (!unit.read || unit.isQuarantined) return false;
    if (isDone(grant)) return true;
    const request = entryOf(unit.requests, grant.lock);
    if (request !== null) return request.id > grant.id;
    return !unit.hasV1 && !grant.marked && this.isFresh(unit);
  }

  /** Whether a grant that was dropped was given back, and not merely asked for anew, or held by a unit that died. */
  isReleased(grant: Entry): bool {
    const unit = grant.unit;
    return !unit.gone && (isDone(grant) || entryOf(unit.requests, grant.lock) === null);
  }

  private isFresh(unit: Unit): bool {
    return unit === this.self || unit.number === this.remoteUnit || !unit.member;
  }

  /** Rule 6: the requests of this unit and of the units in relation-list that wait, in order. */
  queue(own: i32): Array<Entry> {
    const queue = new Array<Entry>();
    this.round += 1;
    const units = this.units;
    for (let i = 0; i < units.length; i++) {
      const unit = inline.always(unchecked(units[i]));
      let request = unit.requests;
      if (request === null || !inline.always(unit.mayBeGranted())) continue;
      const isSelf = unit === this.self;
      if (isSelf && own === NO_OWN) continue;
      const grants = unit.grants;
      const done = unit.done;
      while (request !== null) {
        const isIn = !isSelf || own === ALL_OWN || request.committed;
        if (
          isIn &&
          (grants === null || entryOf(grants, request.lock) === null) &&
          (done === null || idOf(done, request.lock) < request.id)
        ) {
          request.round = this.round;
          queue.push(request);
        }
        request = request.next;
      }
    }
    const again = this.sameOrder(queue.length);
    if (again !== null) return again;
    sort(changetype<Array<i32>>(queue), new ByArrival(this.lockNames));
    this.lined = queue;
    return queue;
  }

  /**
   * This round's requests in the order of the last time that all were sorted, or null where one was not among them or now comes
   * at another place. From one decision of a hook to the next hardly anything changes but who has left the queue.
   */
  private sameOrder(length: i32): Array<Entry> | null {
    const lined = this.lined;
    const queue = new Array<Entry>();
    let last: u64 = 0;
    for (let i = 0; i < lined.length; i++) {
      const request = inline.always(unchecked(lined[i]));
      if (request.round !== this.round) continue;
      const place = placeOf(<i32>changetype<usize>(request));
      if (place < last) return null;
      last = place;
      queue.push(request);
    }
    return queue.length === length ? queue : null;
  }

  /** Holders this unit does not see in relation-list, such as those that depart or that a young leader has not met. */
  strangers(unread: bool): Array<Unit> {
    const strangers = new Array<Unit>();
    const units = this.holders;
    for (let i = 0; i < units.length; i++) {
      const unit = unchecked(units[i]);
      if (unit.grants !== null && !unit.member && !(unread && unit.read)) strangers.push(unit);
    }
    return strangers;
  }

  /** Whether any unit that was read is of the old library. */
  hasOld(): bool {
    const units = this.units;
    for (let i = 0; i < units.length; i++) {
      if (unchecked(units[i]).isOld && unchecked(units[i]) !== this.self) return true;
    }
    return false;
  }

  forgetArrival(): void {
    for (let i = 0; i < this.units.length; i++) {
      let request = unchecked(this.units[i]).requests;
      while (request !== null) {
        request.arrival = NOT_RECORDED;
        request = request.next;
      }
    }
  }

  clearGrants(): void {
    for (let i = 0; i < this.holders.length; i++) unchecked(this.holders[i]).grants = null;
  }
}

/** Whether a unit says that it is done with what it was granted. */
function isDone(grant: Entry): bool {
  return idOf(grant.unit.done, grant.lock) >= grant.id;
}

/**
 * Arrival as recorded, then id, then unit and lock by UTF-8 bytes: the same on every leader for the same data. Every id is greater
 * than every place among the arrivals, so that one number holds both.
 */
function placeOf(item: i32): u64 {
  const request = changetype<Entry>(<usize>item);
  return request.arrival !== NOT_RECORDED ? <u64>request.arrival : request.id;
}

class ByArrival extends Order {
  constructor(private locks: Names) {
    super();
  }

  keyOf(request: i32): u64 {
    return placeOf(request);
  }

  compare(first: i32, second: i32): i32 {
    const a = changetype<Entry>(<usize>first);
    const b = changetype<Entry>(<usize>second);
    if (a.unit !== b.unit) return compare(a.unit.name, b.unit.name);
    return compare(this.locks.at(a.lock), this.locks.at(b.lock));
  }
}
