import { NONE, Node } from "../json/document";
import { Names } from "../json/names";
import { EMPTY, Slice } from "../json/slice";

/**
 * What a rule may look at: who holds what now, the grants made a moment ago in the same decision included. Units and locks are
 * numbers; `unitName` and `lockName` give their names.
 */
export class Tally {
  /** Number of units in relation-list, and this one. */
  n: i32 = 0;
  /** Values of config options, an object; NONE if none were asked for. */
  config: Node = NONE;
  /** How many units hold at least one lock. */
  unitsHolding: i32 = 0;
  /** How many of the N units hold at least one lock. */
  presentHolding: i32 = 0;

  private holdersOfLock: Array<i32>;
  private firstOfLock: Array<i32>;
  private locksOfUnit: Array<i32>;
  private lastUnit: i32 = -1;
  private lastLock: i32 = -1;
  private firstUnit: i32 = -1;
  private firstLock: i32 = -1;

  constructor(
    private units: Names,
    private locks: Names,
  ) {
    this.holdersOfLock = new Array<i32>(locks.length);
    this.firstOfLock = new Array<i32>(locks.length);
    this.locksOfUnit = new Array<i32>(units.length);
  }

  /** `present`: whether the unit is one of the N. */
  addHolder(unit: i32, lock: i32, present: bool): void {
    if (unchecked(this.holdersOfLock[lock]) === 0) this.firstOfLock[lock] = unit;
    this.holdersOfLock[lock] += 1;
    if (unchecked(this.locksOfUnit[unit]) === 0) {
      this.unitsHolding += 1;
      if (present) this.presentHolding += 1;
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

  /** A unit that holds this lock. */
  holderOf(lock: i32): Slice {
    return unchecked(this.holdersOfLock[lock]) > 0 ? this.units.at(this.firstOfLock[lock]) : EMPTY;
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

  unitName(unit: i32): Slice {
    return this.units.at(unit);
  }

  lockName(lock: i32): Slice {
    return this.locks.at(lock);
  }
}
