import { alloc, equal, hash, Slice } from "./slice";

/** A place of the table: the number of the name plus one; 0 is an empty place. */
const PLACE: usize = 4;
const SLICE: usize = 8;

/** Names numbered in the order in which they were first seen: a hash table with open addressing. */
export class Names {
  private slices: usize = 0;
  private places: usize = 0;
  /** How many names there is room for, a power of two; there are twice as many places. */
  private capacity: i32 = 4;
  private used: i32 = 0;
  /** The name that was asked for last. Names often come again in the order in which they came before. */
  private last: i32 = -1;

  /** Makes room for `expected` names; more may come. */
  constructor(expected: i32 = 8) {
    this.grow(expected);
  }

  get length(): i32 {
    return this.used;
  }

  at(number: i32): Slice {
    return load<u64>(this.slices + <usize>number * SLICE);
  }

  /** The number of a name, or -1. */
  find(name: Slice): i32 {
    return load<i32>(this.place(name)) - 1;
  }

  /** The number of a name, given one now if it is new. */
  add(name: Slice): i32 {
    const behind = this.last + 1;
    const next = behind < this.used ? behind : 0;
    if (this.used > 0 && inline.always(equal(inline.always(this.at(next)), name))) {
      this.last = next;
      return next;
    }
    let place = this.place(name);
    let number = load<i32>(place) - 1;
    if (number < 0) {
      number = this.used;
      if (number === this.capacity) {
        this.grow(number + 1);
        place = this.place(name);
      }
      store<u64>(this.slices + <usize>number * SLICE, name);
      this.used = number + 1;
      store<i32>(place, this.used);
    }
    this.last = number;
    return number;
  }

  /** Where a name stands, or the empty place where it would. */
  private place(name: Slice): usize {
    const mask = <u32>this.capacity * 2 - 1;
    let index = inline.always(hash(name));
    while (true) {
      const place = this.places + <usize>(index & mask) * PLACE;
      const number = load<i32>(place) - 1;
      if (number < 0 || equal(this.at(number), name)) return place;
      index += 1;
    }
  }

  private grow(needed: i32): void {
    const slices = this.slices;
    while (this.capacity < needed) this.capacity *= 2;
    this.slices = alloc(this.capacity * <i32>SLICE);
    // What `alloc` gives is zero: all places are empty.
    this.places = alloc(this.capacity * 2 * <i32>PLACE);
    memory.copy(this.slices, slices, <usize>this.used * SLICE);
    for (let number = 0; number < this.used; number++)
      store<i32>(this.place(this.at(number)), number + 1);
  }
}
