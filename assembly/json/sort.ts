import { addressOf, alloc, compare, EMPTY, lengthOf, Slice } from "./slice";

/** A record being sorted: its key, and the item it stands for. */
const RECORD: usize = 12;
/** How many records of each value of a byte there are: 256 numbers. */
const COUNTS: usize = 1024;
/** From so many items on, sorting by bytes is worth its tables. */
const MANY: i32 = 64;

/**
 * What items are sorted by: ascending keys, and between items of one key what `compare` says. An order gives them names, by whose bytes
 * they are sorted, or has a key and a comparison of its own. None of these may take memory for good.
 */
export abstract class Order {
  nameOf(item: i32): Slice {
    return EMPTY;
  }

  keyOf(item: i32): u64 {
    return prefixOf(this.nameOf(item));
  }

  compare(a: i32, b: i32): i32 {
    return compare(this.nameOf(a), this.nameOf(b));
  }
}

/**
 * Sorts numbers, or objects as the numbers that their addresses are. The room for sorting is given back.
 * Stable, N log N whatever the input, with few calls: thousands are lined up in every decision. One function for all that is
 * sorted; the standard library's would stand in the module once for every type.
 */
export function sort(items: Array<i32>, order: Order): void {
  const length = items.length;
  const size = <usize>length * RECORD;
  const room = size * 2 + (length < MANY ? 0 : COUNTS);
  const scratch = alloc(<i32>room);
  let from = scratch;
  let to = scratch + size;
  let varying: u64 = 0;
  for (let i = 0; i < length; i++) {
    const record = from + <usize>i * RECORD;
    const item = unchecked(items[i]);
    const key = order.keyOf(item);
    store<u64>(record, key);
    store<i32>(record, item, 8);
    varying |= key ^ load<u64>(from);
  }
  let width = RECORD;
  if (length >= MANY) {
    for (let byte: usize = 0; byte < 8; byte++) {
      if (((varying >> ((<u64>byte) << 3)) & 255) === 0) continue;
      spread(from, to, size, byte, scratch + size * 2);
      const spreadOut = to;
      to = from;
      from = spreadOut;
    }
    if (areDifferent(from, size)) width = size;
  }
  for (; width < size; width *= 2) {
    for (let start: usize = 0; start < size; start += 2 * width) {
      let left = from + start;
      let right = from + min(start + width, size);
      merge(left, right, from + min(start + 2 * width, size), to + start, order);
    }
    const sorted = to;
    to = from;
    from = sorted;
  }
  for (let i = 0; i < length; i++) items[i] = load<i32>(from + <usize>i * RECORD, 8);
  // What is given out next must be zero, as all memory is.
  memory.fill(scratch, 0, room);
  heap.free(scratch);
}

/** Puts records in the order of one byte of their keys, those of one value in the order they had. */
function spread(from: usize, to: usize, size: usize, byte: usize, counts: usize): void {
  const end = from + size;
  memory.fill(counts, 0, COUNTS);
  for (let at = from + byte; at < end; at += RECORD) {
    const count = counts + ((<usize>load<u8>(at)) << 2);
    store<usize>(count, load<usize>(count) + RECORD);
  }
  let place = to;
  for (let count = counts; count < counts + COUNTS; count += 4) {
    const taken = load<usize>(count);
    store<usize>(count, place);
    place += taken;
  }
  for (let at = from; at < end; at += RECORD) {
    const count = counts + ((<usize>load<u8>(at + byte)) << 2);
    const target = load<usize>(count);
    store<usize>(count, target + RECORD);
    store<u64>(target, load<u64>(at));
    store<i32>(target, load<i32>(at, 8), 8);
  }
}

/** Whether no two neighbours have one key. */
function areDifferent(from: usize, size: usize): bool {
  for (let at = from + RECORD; at < from + size; at += RECORD) {
    if (load<u64>(at) === load<u64>(at - RECORD)) return false;
  }
  return true;
}

/** Puts two rows of sorted records into one; the second begins where the first ends. */
function merge(first: usize, middle: usize, stop: usize, to: usize, order: Order): void {
  let left = first;
  let right = middle;
  let target = to;
  while (left < middle || right < stop) {
    let isRight: bool = left === middle;
    if (!isRight && right < stop) {
      const x = load<u64>(left);
      const y = load<u64>(right);
      isRight = x === y ? order.compare(load<i32>(left, 8), load<i32>(right, 8)) > 0 : y < x;
    }
    // Which one comes next is as good as random: it is reckoned, since a branch would be guessed wrongly half the time.
    const next = select(right, left, isRight);
    store<u64>(target, load<u64>(next));
    store<i32>(target, load<i32>(next, 8), 8);
    right += select<usize>(RECORD, 0, isRight);
    left += select<usize>(0, RECORD, isRight);
    target += RECORD;
  }
}

/** A key that sorts texts by their first eight bytes; those that are alike so far are for `compare`. */
export function prefixOf(text: Slice): u64 {
  let key: u64 = 0;
  for (let i = 0; i < 8; i++) {
    key <<= 8;
    if (i < lengthOf(text)) key |= <u64>load<u8>(addressOf(text) + <usize>i);
  }
  return key;
}
