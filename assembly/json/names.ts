import { equal, hash, Slice } from "./slice";

/** Names numbered in the order in which they were first seen: a hash table with open addressing. */
export class Names {
  private slices: StaticArray<Slice>;
  private hashes: StaticArray<u32>;
  /** Number of a name plus one; 0 is an empty place. Always at least twice as many places as names. */
  private places: StaticArray<i32>;
  private used: i32 = 0;

  /** Makes room for `expected` names; more may come. */
  constructor(expected: i32 = 8) {
    let size = 8;
    while (size < expected) size *= 2;
    this.slices = new StaticArray<Slice>(size);
    this.hashes = new StaticArray<u32>(size);
    this.places = new StaticArray<i32>(size * 2);
  }

  get length(): i32 {
    return this.used;
  }

  at(number: i32): Slice {
    return this.slices[number];
  }

  /** The number of a name, or -1. */
  find(name: Slice): i32 {
    return this.places[this.place(name, hash(name))] - 1;
  }

  /** The number of a name, given one now if it is new. */
  add(name: Slice): i32 {
    const code = hash(name);
    const place = this.place(name, code);
    const known = this.places[place];
    if (known !== 0) return known - 1;
    const number = this.used;
    if (number === this.slices.length) {
      this.grow();
      this.places[this.place(name, code)] = number + 1;
    } else {
      this.places[place] = number + 1;
    }
    this.slices[number] = name;
    this.hashes[number] = code;
    this.used = number + 1;
    return number;
  }

  private place(name: Slice, code: u32): i32 {
    const mask = this.places.length - 1;
    let place = <i32>code & mask;
    while (true) {
      const number = this.places[place] - 1;
      if (number < 0) return place;
      if (this.hashes[number] === code && equal(this.slices[number], name)) return place;
      place = (place + 1) & mask;
    }
  }

  private grow(): void {
    const size = this.slices.length * 4;
    const slices = new StaticArray<Slice>(size);
    const hashes = new StaticArray<u32>(size);
    const places = new StaticArray<i32>(size * 2);
    const mask = places.length - 1;
    for (let i = 0; i < this.used; i++) {
      slices[i] = this.slices[i];
      hashes[i] = this.hashes[i];
      let place = <i32>hashes[i] & mask;
      while (places[place] !== 0) place = (place + 1) & mask;
      places[place] = i + 1;
    }
    this.slices = slices;
    this.hashes = hashes;
    this.places = places;
  }
}
