/**
 * Where a function is changed: in the order in which they stand in its code.
 *
 * Most are places where fuel is taken for the instructions that follow and run as often, or seldomer. A branch that may be taken begins such a
 * part; if it is worth little, the part before pays for it.
 */

/** Charges, and looks whether anything is left: at the head of a function and of a loop, which no endless run can avoid. */
export const CHECKED: i32 = 0;
/** Charges alone. */
export const PLAIN: i32 = 1;
/** Charges for a bulk instruction by the length on the stack; `value` is the weight of one item, in sixteenths. */
export const BULK: i32 = 2;
/** Leaves the function: `value` is the number of blocks around it. */
export const LEAVE: i32 = 3;
/** Charges that have been put on those before. */
export const GONE: i32 = 4;

/** The first point that charges: before it stands the one that pays for what never runs. */
export const ENTRY: i32 = 1;

/** What a part must cost to be charged for on its own: below that, charging costs more than it tells. */
const LEAST: i64 = 16;
/** The most that a part pays for others: the functions of some compilers are hundreds of small parts in one loop. */
const MOST_TAKEN: i64 = 64;

export class Points {
  /** Where what is added goes, as an address in the source. */
  readonly places: Array<usize> = [];
  readonly kinds: Array<i32> = [];
  readonly values: Array<i64> = [];
  private readonly parents: Array<i32> = [];
  /** What each pays for others besides its own. */
  private readonly taken: Array<i64> = [];

  get count(): i32 {
    return this.places.length;
  }

  clear(): void {
    this.places.length = 0;
    this.kinds.length = 0;
    this.values.length = 0;
    this.parents.length = 0;
    this.taken.length = 0;
  }

  /** @param parent the charge that runs whenever this one does */
  add(kind: i32, place: usize, value: i64, parent: i32): i32 {
    this.places.push(place);
    this.kinds.push(kind);
    this.values.push(value);
    this.parents.push(parent);
    this.taken.push(0);
    return this.count - 1;
  }

  charge(point: i32, cost: i64): void {
    this.values[point] = this.values[point] + cost;
  }

  /** Puts what is worth little on the charge before it. A part stands behind the one it belongs to. */
  settle(): void {
    for (let point = this.count - 1; point > 0; point--) {
      const value = this.values[point];
      if (this.kinds[point] !== PLAIN || value >= LEAST) continue;
      const parent = this.parents[point];
      if (this.taken[parent] + value > MOST_TAKEN) continue;
      this.taken[parent] += value;
      this.charge(parent, value);
      this.kinds[point] = GONE;
    }
  }
}
