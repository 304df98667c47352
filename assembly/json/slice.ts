/**
 * A slice: address and length of bytes in linear memory, packed into one 64-bit value, so that text is never copied and costs
 * no object. The bytes belong to an input or to a `Text`; nothing is freed inside an instance, so a slice stays good.
 */
export type Slice = u64;

export const EMPTY: Slice = 0;

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
  return length === lengthOf(b) && memory.compare(addressOf(a), addressOf(b), <usize>length) === 0;
}

/** Byte order, which for UTF-8 is the order of code points, as Python's and Go's strings have it. */
export function compare(a: Slice, b: Slice): i32 {
  const x = lengthOf(a);
  const y = lengthOf(b);
  const order = memory.compare(addressOf(a), addressOf(b), <usize>min(x, y));
  return order !== 0 ? order : x - y;
}

/** Mixes eight bytes at a time; the last step brings the upper half, where a product is mixed best, to the front. */
export function hash(slice: Slice): u32 {
  let address = addressOf(slice);
  let left = lengthOf(slice);
  let h: u64 = 0x9e3779b97f4a7c15 ^ <u64>left;
  while (left > 0) {
    let part: u64 = 0;
    if (left >= 8) {
      part = load<u64>(address);
    } else {
      for (let i = 0; i < left; i++) part = (part << 8) | <u64>load<u8>(address + <usize>i);
    }
    h = (h ^ part) * 0xff51afd7ed558ccd;
    h ^= h >> 32;
    address += 8;
    left -= 8;
  }
  return <u32>((h * 0xc4ceb9fe1a85ec53) >> 32);
}
