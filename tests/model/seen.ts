/**
 * The states that have been met: 64 bits of each, and how it was reached, so that the shortest way to it can be told.
 *
 * @module
 */

import type { Words } from "./layout.js";

const firstCapacity = 1 << 16;

/** Two states are taken for one if all 64 bits of their hashes agree: among 30 million states, with a probability of 1 in 40,000. */
export class Seen {
  #count = 0;
  #slots = new Int32Array(2 * firstCapacity);
  #high = new Int32Array(firstCapacity);
  #low = new Int32Array(firstCapacity);
  #parents = new Int32Array(firstCapacity);
  #actions = new Uint16Array(firstCapacity);

  get size(): number {
    return this.#count;
  }

  /** @returns the number of the state, or -1 if it was met before. */
  add(state: Words, parent: number, action: number): number {
    let high = 0x9e3779b9 | 0;
    let low = 0x7f4a7c15 | 0;
    for (let n = 0; n < state.length; n++) {
      const word = state[n]!;
      high = Math.imul(high ^ word, 0x85ebca6b);
      high = (high << 13) | (high >>> 19);
      low = Math.imul(low ^ word ^ (low >>> 15), 0xc2b2ae35);
      low = (low << 15) | (low >>> 17);
    }
    high = mix(high ^ state.length);
    low = mix(low ^ Math.imul(high, 0x27d4eb2f));
    return this.#insert(high, low, parent, action);
  }

  #insert(high: number, low: number, parent: number, action: number): number {
    if (this.#count === this.#high.length) this.#grow();
    const mask = this.#slots.length - 1;
    let slot = low & mask;
    for (;;) {
      const known = this.#slots[slot]! - 1;
      if (known < 0) break;
      if (this.#high[known] === high && this.#low[known] === low) return -1;
      slot = (slot + 1) & mask;
    }
    const number = this.#count++;
    this.#slots[slot] = number + 1;
    this.#high[number] = high;
    this.#low[number] = low;
    this.#parents[number] = parent;
    this.#actions[number] = action;
    return number;
  }

  /** The steps from the first state to this one. */
  way(number: number): number[] {
    const way: number[] = [];
    for (let at = number; at > 0; at = this.#parents[at]!) way.push(this.#actions[at]!);
    return way.reverse();
  }

  #grow(): void {
    const capacity = this.#high.length * 2;
    this.#high = copied(this.#high, new Int32Array(capacity));
    this.#low = copied(this.#low, new Int32Array(capacity));
    this.#parents = copied(this.#parents, new Int32Array(capacity));
    this.#actions = copied(this.#actions, new Uint16Array(capacity));
    this.#slots = new Int32Array(2 * capacity);
    const mask = this.#slots.length - 1;
    for (let number = 0; number < this.#count; number++) {
      let slot = this.#low[number]! & mask;
      while (this.#slots[slot] !== 0) slot = (slot + 1) & mask;
      this.#slots[slot] = number + 1;
    }
  }
}

function copied<T extends Int32Array | Uint16Array>(from: T, to: T): T {
  to.set(from);
  return to;
}

function mix(word: number): number {
  let mixed = Math.imul(word ^ (word >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return mixed ^ (mixed >>> 16);
}
