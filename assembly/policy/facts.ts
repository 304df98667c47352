import { firstOf, NONE, Node, nextOf, textOf } from "../json/document";
import { Names } from "../json/names";
import { Slice } from "../json/slice";
import { NO_TIME, Time } from "../json/time";
import { Rule } from "./rule";

/**
 * What a rule may look at. Who holds what is counted here, the grants made a moment ago in the same decision included; all else comes
 * from whoever decides: the core has read it, a module has been told. Units and locks are numbers; `unitName` and `lockName` give
 * their names. Whoever decides adds all holders, then calls `prepare`, and `addHolder` again for each grant it makes.
 */
export abstract class Facts {
  now: Time = NO_TIME;
  /** The unit that decides. */
  leader: i32 = 0;
  /** Number of units in relation-list, and this one. */
  n: i32 = 0;
  /** Values of config options, an object; NONE if none were asked for. */
  config: Node = NONE;
  /** Statuses by unit as goal-state has them, an object; NONE if it was not asked for or could not be had. */
  statuses: Node = NONE;
  /** How many units hold at least one lock. */
  unitsHolding: i32 = 0;
  /** How many of the N units hold at least one lock. */
  presentHolding: i32 = 0;
  /** Those who held when the decision began: a unit, and at the same place its lock. */
  holdingUnits: Array<i32> = new Array<i32>();
  holdingLocks: Array<i32> = new Array<i32>();

  private isPrepared: bool = false;
  private holdersOfLock: Array<i32>;
  private firstOfLock: Array<i32>;
  private locksOfUnit: Array<i32>;
  private lastUnit: i32 = -1;
  private lastLock: i32 = -1;
  private firstUnit: i32 = -1;
  private firstLock: i32 = -1;

  /** The names of all units and all locks that will be spoken of. */
  constructor(
    private units: Names,
    private locks: Names,
  ) {
    this.holdersOfLock = new Array<i32>(locks.length);
    this.firstOfLock = new Array<i32>(locks.length);
    this.locksOfUnit = new Array<i32>(units.length);
  }

  // ---- from whoever decides

  /** Whether a unit is one of the N. */
  abstract isMember(unit: i32): bool;

  /** Whether a unit waits for a lock or holds it: the leader, too, where its own request does not stand in the queue just now. */
  abstract wants(unit: i32, lock: i32): bool;

  /** The id of a request that waits. */
  abstract idOf(unit: i32, lock: i32): Time;

  /** What came with a request, whether it waits or is held: an object; NONE if nothing did, or it cannot be seen. */
  abstract dataOf(unit: i32, lock: i32): Node;

  /** When a unit released a lock last, never later than now; NO_TIME if that is not known. Needs `needs.addReleases` with that unit. */
  abstract releaseOf(unit: i32, lock: i32): Time;

  /** When a lock was released last, by whomever, never later than now; NO_TIME if that is not known. Needs `needs.addReleases`. */
  abstract lastRelease(lock: i32): Time;

  /** The unit and the lock of an item of the queue; what the items are, he who decides knows. */
  abstract unitOf(item: i32): i32;
  abstract lockOf(item: i32): i32;

  // ---- who holds

  /** All who hold have been added: the rules are made ready. */
  prepare(rules: Array<Rule>): void {
    this.isPrepared = true;
    for (let i = 0; i < rules.length; i++) rules[i].prepare(this);
  }

  addHolder(unit: i32, lock: i32): void {
    if (!this.isPrepared) {
      this.holdingUnits.push(unit);
      this.holdingLocks.push(lock);
    }
    if (unchecked(this.holdersOfLock[lock]) === 0) this.firstOfLock[lock] = unit;
    this.holdersOfLock[lock] += 1;
    if (unchecked(this.locksOfUnit[unit]) === 0) {
      this.unitsHolding += 1;
      if (this.isMember(unit)) this.presentHolding += 1;
      if (this.firstUnit < 0) {
        this.firstUnit = unit;
        this.firstLock = lock;
      }
      this.lastUnit = unit;
      this.lastLock = lock;
    }
    this.locksOfUnit[unit] += 1;
  }

  holders(lock: i32): i32 {
    return unchecked(this.holdersOfLock[lock]);
  }

  /** The first unit that holds this lock; only if one does. */
  holderOf(lock: i32): i32 {
    return this.firstOfLock[lock];
  }

  holdsAny(unit: i32): bool {
    return unchecked(this.locksOfUnit[unit]) > 0;
  }

  /** A unit other than this one that holds a lock, as `app/2 holds restart`; only if there is one. */
  otherHolder(unit: i32): i32 {
    return this.firstUnit !== unit ? this.firstUnit : this.lastUnit;
  }

  otherLock(unit: i32): i32 {
    return this.firstUnit !== unit ? this.firstLock : this.lastLock;
  }

  // ---- names

  unitName(unit: i32): Slice {
    return this.units.at(unit);
  }

  lockName(lock: i32): Slice {
    return this.locks.at(lock);
  }

  /** The number of a unit, or -1 if nothing is known of it. */
  unitNamed(name: Slice): i32 {
    return this.units.find(name);
  }

  get lockCount(): i32 {
    return this.locks.length;
  }

  /** By unit, its place in a list of names, counted from 1; 0 for who is not in it. */
  placesIn(names: Node): Array<i32> {
    const places = new Array<i32>(this.units.length);
    const stop = nextOf(names);
    let place = 0;
    for (let item = firstOf(names); item < stop; item = nextOf(item)) {
      const unit = this.unitNamed(textOf(item));
      place += 1;
      if (unit >= 0 && places[unit] === 0) places[unit] = place;
    }
    return places;
  }
}
