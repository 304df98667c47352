import { special } from "./lexer";
import { addressOf, alloc, lengthOf, Slice, sliceOf } from "./slice";
import { bytesOf, t, Word } from "./word";

/** Text being written, as UTF-8 bytes. */
export class Text {
  private written: Slice;

  constructor(private capacity: i32 = 128) {
    this.written = sliceOf(alloc(capacity), 0);
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
    if (length > 16) {
      memory.copy(to, from, <usize>length);
    } else {
      if (length > 8) store<u64>(to + <usize>length - 8, load<u64>(from + <usize>length - 8));
      store<u64>(to, load<u64>(from));
    }
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
    let left = lengthOf(slice);
    this.byte(0x22);
    while (left > 0) {
      // Eight bytes at a time up to the next that is escaped; hardly any is.
      let to = this.reserve(left);
      let plain = 8;
      while (plain === 8) {
        const bytes = load<u64>(from);
        store<u64>(to, bytes);
        plain = min(plainBytes(bytes), left);
        from += plain;
        to += plain;
        left -= plain;
      }
      this.cut(this.length - left);
      if (left === 0) break;
      const next = this.escape(from);
      left -= <i32>(next - from);
      from = next;
    }
    return this.byte(0x22);
  }

  /** What cannot stand as it is; answers the address behind it. */
  private escape(from: usize): usize {
    const c = <i32>load<u8>(from);
    if (c >= 0x80) return this.codePoint(from, c);
    // The short escapes of 8 to 13; 11 has none.
    const isShort = c >= 8 && c <= 13 && c !== 11;
    if (isShort) this.byte(0x5c).byte(load<u8>(addressOf(bytesOf(t("btn fr"))) + <usize>(c - 8)));
    else if (c === 0x22 || c === 0x5c) this.byte(0x5c).byte(c);
    else this.hex(c);
    return from + 1;
  }

  /** One code point beyond ASCII; answers the address behind it. */
  private codePoint(from: usize, first: i32): usize {
    const more = first < 0xe0 ? 1 : first < 0xf0 ? 2 : 3;
    let point = first & (0x3f >> more);
    for (let i = 1; i <= more; i++) point = (point << 6) | (<i32>load<u8>(from + <usize>i) & 0x3f);
    if (point > 0xffff) {
      this.hex(0xd7c0 + (point >> 10));
      point = 0xdc00 | (point & 0x3ff);
    }
    this.hex(point);
    return from + <usize>more + 1;
  }

  /** `\u` and four digits. */
  private hex(unit: i32): void {
    this.byte(0x5c).byte(0x75);
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
      const larger = alloc(this.capacity);
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

/** How many of eight bytes stand as they are: from space to tilde, but for quote and backslash. */
function plainBytes(bytes: u64): i32 {
  const marks =
    inline.always(special(bytes)) |
    (((bytes ^ 0x7f7f7f7f7f7f7f7f) - 0x0101010101010101) & 0x8080808080808080);
  return marks === 0 ? 8 : <i32>(ctz(marks) >> 3);
}
