import { addressOf, EMPTY, lengthOf, Slice, sliceOf } from "./slice";
import { bytesOf, Word } from "./word";

/** Text being written, as UTF-8 bytes. */
export class Text {
  private written: Slice;

  constructor(private capacity: i32 = 128) {
    this.written = sliceOf(heap.alloc(<usize>capacity), 0);
  }

  get length(): i32 {
    return lengthOf(this.written);
  }

  slice(): Slice {
    return this.written;
  }

  /** Takes back all that stands behind so many bytes. */
  cut(length: i32): void {
    this.written = sliceOf(addressOf(this.written), length);
  }

  byte(value: i32): Text {
    store<u8>(this.reserve(1), value);
    return this;
  }

  /** A fixed text as it stands. */
  ascii(word: Word): Text {
    return this.bytes(bytesOf(word));
  }

  /** Bytes as they stand. */
  bytes(slice: Slice): Text {
    const length = lengthOf(slice);
    const from = addressOf(slice);
    const to = this.reserve(length);
    // Most pieces are a few bytes; a call into the engine costs more than they do.
    if (length > 16) memory.copy(to, from, <usize>length);
    else for (let i: usize = 0; i < <usize>length; i++) store<u8>(to + i, load<u8>(from + i));
    return this;
  }

  number(value: u64): Text {
    if (value >= 10) this.number(value / 10);
    return this.byte(0x30 + <i32>(value % 10));
  }

  /** A decimal of a fixed number of digits, zeros in front. */
  digits(value: u64, count: i32): Text {
    if (count > 1) this.digits(value / 10, count - 1);
    return this.byte(0x30 + <i32>(value % 10));
  }

  /** A JSON string of valid UTF-8 bytes, as Python writes it: ASCII only, `\\uXXXX` in lower case. */
  quoted(slice: Slice): Text {
    let from = addressOf(slice);
    const end = from + <usize>lengthOf(slice);
    this.byte(0x22);
    while (from < end) {
      // A run of plain bytes at a time: nearly all are.
      let to = from;
      while (to < end && isPlain(load<u8>(to))) to += 1;
      this.bytes(sliceOf(from, <i32>(to - from)));
      if (to === end) break;
      const c = <i32>load<u8>(to);
      if (c < 0x80) this.escape(c);
      from = c < 0x80 ? to + 1 : this.codePoint(to, c);
    }
    return this.byte(0x22);
  }

  private escape(c: i32): void {
    this.byte(0x5c);
    if (c === 0x22 || c === 0x5c) this.byte(c);
    else if (c === 0x0a) this.byte(0x6e);
    else if (c === 0x0d) this.byte(0x72);
    else if (c === 0x09) this.byte(0x74);
    else if (c === 0x08) this.byte(0x62);
    else if (c === 0x0c) this.byte(0x66);
    else this.hex(c);
  }

  /** One code point beyond ASCII; answers the address behind it. */
  private codePoint(from: usize, first: i32): usize {
    const second = <i32>load<u8>(from, 1) & 0x3f;
    if (first < 0xe0) {
      this.byte(0x5c).hex(((first & 0x1f) << 6) | second);
      return from + 2;
    }
    const third = <i32>load<u8>(from, 2) & 0x3f;
    if (first < 0xf0) {
      this.byte(0x5c).hex(((first & 0x0f) << 12) | (second << 6) | third);
      return from + 3;
    }
    const fourth = <i32>load<u8>(from, 3) & 0x3f;
    const point = (((first & 0x07) << 18) | (second << 12) | (third << 6) | fourth) - 0x10000;
    this.byte(0x5c).hex(0xd800 | (point >> 10));
    this.byte(0x5c).hex(0xdc00 | (point & 0x3ff));
    return from + 4;
  }

  private hex(unit: i32): void {
    this.byte(0x75);
    for (let shift = 12; shift >= 0; shift -= 4) {
      const digit = (unit >> shift) & 15;
      this.byte(digit < 10 ? 0x30 + digit : 0x57 + digit);
    }
  }

  /** Makes the text longer by so many bytes, and answers where they stand. */
  private reserve(more: i32): usize {
    const used = this.length;
    if (used + more > this.capacity) {
      this.capacity = max(used + more, this.capacity * 2);
      const larger = heap.alloc(<usize>this.capacity);
      memory.copy(larger, addressOf(this.written), <usize>used);
      this.written = sliceOf(larger, used);
    }
    this.written += <u64>more;
    return addressOf(this.written) + <usize>used;
  }
}

/** A sentence: a template whose gaps, `{}`, are filled in order. */
export function fill(template: Word, first: Slice, second: Slice = 0, third: Slice = 0): Slice {
  const text = bytesOf(template);
  const out = new Text();
  let gap = first;
  let next = second;
  for (let i = 0; i < lengthOf(text); i++) {
    const c = load<u8>(addressOf(text) + <usize>i);
    if (c !== 0x7b) {
      out.byte(c);
      continue;
    }
    out.bytes(gap);
    gap = next;
    next = third;
    i += 1;
  }
  return out.slice();
}

export function decimal(value: u64): Slice {
  return new Text().number(value).slice();
}

export function quoted(slice: Slice): Slice {
  return new Text().quoted(slice).slice();
}

function isPlain(c: i32): bool {
  return c >= 0x20 && c < 0x7f && c !== 0x22 && c !== 0x5c;
}
