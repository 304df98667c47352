/**
 * A slice: address and length of bytes in linear memory, packed into one 64-bit value, so that text is never copied and costs
 * no object. The bytes belong to an input or to a `Text`; nothing is freed inside an instance, so a slice stays good. Eight bytes
 * are looked at at a time, so behind all bytes there must be seven more that may be read (`alloc` sees to it).
 */
export type Slice = u64;

export const EMPTY: Slice = 0;

/** What may be read and written behind the bytes of some room. */
const BEHIND: usize = 8;

/** Room for bytes, with what may be read and written behind them. */
export function alloc(length: i32): usize {
  return heap.alloc(<usize>length + BEHIND);
}

/**
 * Room for `more` bytes than some room that `had` so many, both multiples of eight: the same room, if nothing was given out since, else
 * another with the same bytes in it. So what grows is hardly ever copied, and does not lie in memory twice.
 */
export function widen(room: usize, had: i32, more: i32): usize {
  if (heap.alloc(more) === room + <usize>had + BEHIND) return room;
  const wider = alloc(had + more);
  memory.copy(wider, room, <usize>had);
  return wider;
}

export function sliceOf(address: usize, length: i32): Slice {
  return ((<u64>address) << 32) | <u64>(<u32>length);
}

export function addressOf(slice: Slice): usize {
  return <usize>(slice >> 32);
}

export function lengthOf(slice: Slice): i32 {
  return <i32>slice;
}

/** The bytes from `from` on. */
export function tail(slice: Slice, from: i32): Slice {
  return sliceOf(addressOf(slice) + <usize>from, lengthOf(slice) - from);
}

export function equal(a: Slice, b: Slice): bool {
  const length = lengthOf(a);
  return length === lengthOf(b) && areSame(addressOf(a), addressOf(b), length);
}

/** Whether the same bytes stand at two addresses. */
export function areSame(a: usize, b: usize, length: i32): bool {
  let left = length;
  while (left > 8) {
    if (load<u64>(a) !== load<u64>(b)) return false;
    a += 8;
    b += 8;
    left -= 8;
  }
  return left === 0 || (load<u64>(a) ^ load<u64>(b)) << ((<u64>(8 - left)) << 3) === 0;
}

/** Byte order, which for UTF-8 is the order of code points, as Python's and Go's strings have it. */
export function compare(a: Slice, b: Slice): i32 {
  const x = lengthOf(a);
  const y = lengthOf(b);
  const first = order(addressOf(a), addressOf(b), min(x, y));
  return first !== 0 ? first : x - y;
}

/** The difference of the first two bytes that differ, or 0. */
function order(a: usize, b: usize, length: i32): i32 {
  let left = length;
  while (left > 0) {
    let difference = load<u64>(a) ^ load<u64>(b);
    if (left < 8) difference &= inline.always(firstBytes(left));
    if (difference !== 0) {
      const at = <usize>(ctz(difference) >> 3);
      return <i32>load<u8>(a + at) - <i32>load<u8>(b + at);
    }
    a += 8;
    b += 8;
    left -= 8;
  }
  return 0;
}

/** A mask of the first one to seven bytes of eight. */
export function firstBytes(count: i32): u64 {
  return ((<u64>1) << ((<u64>count) << 3)) - 1;
}

/** Mixes eight bytes at a time; the last step brings the upper half, where a product is mixed best, to the front. */
export function hash(slice: Slice): u32 {
  let address = addressOf(slice);
  let left = lengthOf(slice);
  let h: u64 = left;
  while (left > 0) {
    let part = load<u64>(address);
    if (left < 8) part &= inline.always(firstBytes(left));
    h = (h ^ part) * 0xff51afd7ed558ccd;
    h ^= h >> 32;
    address += 8;
    left -= 8;
  }
  return <u32>((h * 0xff51afd7ed558ccd) >> 32);
}
