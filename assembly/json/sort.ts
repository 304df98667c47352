import { addressOf, alloc, compare, EMPTY, firstBytes, lengthOf, Slice } from "./slice";

/** A record being sorted: its key, and the item it stands for. */
const RECORD: usize = 16;
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
  const scratch = alloc(<i32>(size * 2 + COUNTS));
  const counts = scratch + size * 2;
  let from = scratch;
  let to = scratch + size;
  let varying: u64 = 0;
  for (let i = 0; i < length; i++) {
    const record = from + <usize>i * RECORD;
    const item = inline.always(unchecked(items[i]));
    const key = order.keyOf(item);
    store<u64>(record, key);
    store<i32>(record, item, 8);
    varying |= key ^ load<u64>(from);
  }
  let isSorted: bool = length < 2;
  if (length >= MANY) {
    for (let shift: u64 = 0; shift < 64; shift += 8) {
      if (((varying >> shift) & 255) === 0) continue;
      spread(from, to, size, shift, counts);
      const spreadOut = to;
      to = from;
      from = spreadOut;
    }
    isSorted = areDifferent(from, size);
  }
  for (let width = isSorted ? size : RECORD; width < size; width *= 2) {
    for (let start: usize = 0; start < size; start += 2 * width) {
      let left = from + start;
      const middle = from + min(start + width, size);
      let right = middle;
      const stop = from + min(start + 2 * width, size);
      let target = to + start;
      while (left < middle && right < stop) {
        const x = load<u64>(left);
        const y = load<u64>(right);
        // Which one comes next is as good as random: it is reckoned, since a branch would be guessed wrongly half the time.
        let isRight: bool = y < x;
        if (x === y) isRight = order.compare(load<i32>(left, 8), load<i32>(right, 8)) > 0;
        store<u64>(target, select(y, x, isRight));
        store<u64>(target, load<u64>(select(right, left, isRight), 8), 8);
        right += select<usize>(RECORD, 0, isRight);
        left += select<usize>(0, RECORD, isRight);
        target += RECORD;
      }
      // Now one of the two is used up.
      while (left < middle || right < stop) {
        const next = left < middle ? left : right;
        store<u64>(target, load<u64>(next));
        store<u64>(target, load<u64>(next, 8), 8);
        if (left < middle) left += RECORD;
        else right += RECORD;
        target += RECORD;
      }
    }
    const sorted = to;
    to = from;
    from = sorted;
  }
  for (let i = 0; i < length; i++) items[i] = load<i32>(from + <usize>i * RECORD, 8);
  // Room must be zero when it is given out again. The arena sees to it, AssemblyScript's own stub does not.
  if (!isDefined(IS_ARENA)) memory.fill(scratch, 0, size * 2 + COUNTS);
  heap.free(scratch);
}

/** Puts records in the order of one byte of their keys, those of one value in the order they had. */
function spread(from: usize, to: usize, size: usize, shift: u64, counts: usize): void {
  memory.fill(counts, 0, COUNTS);
  for (let at: usize = 0; at < size; at += RECORD) {
    const count = counts + ((<usize>(load<u64>(from + at) >> shift) & 255) << 2);
    store<u32>(count, load<u32>(count) + 1);
  }
  let place: u32 = <u32>to;
  for (let count = counts; count < counts + COUNTS; count += 4) {
    const records = load<u32>(count);
    store<u32>(count, place);
    place += records * <u32>RECORD;
  }
  for (let at: usize = 0; at < size; at += RECORD) {
    const key = load<u64>(from + at);
    const count = counts + ((<usize>(key >> shift) & 255) << 2);
    const target = load<u32>(count);
    store<u64>(target, key);
    store<u64>(target, load<u64>(from + at, 8), 8);
    store<u32>(count, target + <u32>RECORD);
  }
}

/** Whether no two neighbours have one key. */
function areDifferent(from: usize, size: usize): bool {
  for (let at = RECORD; at < size; at += RECORD) {
    if (load<u64>(from + at) === load<u64>(from + at - RECORD)) return false;
  }
  return true;
}

/** A key that sorts texts by their first eight bytes; those that are alike so far are for `compare`. */
export function prefixOf(text: Slice): u64 {
  let bytes = load<u64>(addressOf(text));
  if (lengthOf(text) < 8) bytes &= firstBytes(lengthOf(text));
  return bswap<u64>(bytes);
}
