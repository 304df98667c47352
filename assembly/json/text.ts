import { plainEnd } from "./lexer";
import { addressOf, lengthOf, Slice, sliceOf, widen } from "./slice";
import { bytesOf, t, Word } from "./word";

const QUOTE: i32 = 0x22;
const INNER_QUOTE: i32 = 0x225c;

/** Text being written, as UTF-8 bytes. */
export class Text {
  private from: usize = 0;
  /** Where the next byte goes, and where the room ends. */
  private at: usize = 0;
  private limit: usize = 0;
  /** A quote of JSON's own, lower byte first, and how many bytes it has: within another JSON string there is a backslash before it. */
  private quote: i32 = QUOTE;
  private width: i32 = 1;
  private backslashes: i32 = 0;

  get length(): i32 {
    return <i32>(this.at - this.from);
  }

  /** The length without the backslashes that are there only because one document stands within another. */
  get plainLength(): i32 {
    return this.length - this.backslashes;
  }

  slice(): Slice {
    return sliceOf(this.from, <i32>(this.at - this.from));
  }

  /** Takes back all that stands behind so many bytes. */
  cut(length: i32): void {
    this.at = this.from + <usize>length;
  }

  /** Begins or ends a document within a document: a string of which all is JSON again. */
  inner(begins: bool): void {
    this.byte(QUOTE);
    this.quote = begins ? INNER_QUOTE : QUOTE;
    this.width = begins ? 2 : 1;
  }

  byte(value: i32): Text {
    store<u8>(inline.always(this.reserve(1)), value);
    return this;
  }

  /** Two bytes, the lower one first. */
  two(value: i32): Text {
    store<u16>(inline.always(this.reserve(2)), value);
    return this;
  }

  /** A fixed text as it stands. */
  ascii(word: Word): Text {
    return this.bytes(bytesOf(word));
  }

  /** Bytes as they stand. */
  bytes(slice: Slice): Text {
    inline.always(put(slice, this.reserve(lengthOf(slice))));
    return this;
  }

  number(value: u64): Text {
    if (value >= 10) this.number(value / 10);
    return this.byte(0x30 + <i32>(value % 10));
  }

  /** A JSON string of bytes of which none is escaped. */
  plain(slice: Slice): Text {
    const length = lengthOf(slice);
    const width = this.width;
    const quote = inline.always(this.reserve(length + 2 * width));
    const to = quote + <usize>width;
    // Of a quote without a backslash the second byte is overwritten, or lies where anything may be written.
    store<u16>(quote, this.quote);
    inline.always(put(slice, to));
    store<u16>(to + <usize>length, this.quote);
    this.backslashes += 2 * (width - 1);
    return this;
  }

  /** A JSON string of valid UTF-8 bytes, as Python writes it: ASCII only, `\\uXXXX` in lower case. */
  quoted(slice: Slice): Text {
    let from = addressOf(slice);
    const end = from + <usize>lengthOf(slice);
    let to = plainEnd(from);
    if (to >= end) return this.plain(slice);
    this.sign(QUOTE);
    while (to < end) {
      this.bytes(sliceOf(from, <i32>(to - from)));
      from = this.escape(to);
      to = plainEnd(from);
    }
    return this.bytes(sliceOf(from, <i32>(end - from))).sign(QUOTE);
  }

  /** A quote or a backslash of JSON's own. */
  private sign(value: i32): Text {
    if (this.width === 1) return this.byte(value);
    this.backslashes += 1;
    return this.two(0x5c | (value << 8));
  }

  /** What cannot stand as it is; answers the address behind it. */
  private escape(from: usize): usize {
    const c = <i32>load<u8>(from);
    if (c >= 0x80) return this.codePoint(from, c);
    // The short escapes of 8 to 13; 11 has none.
    const isShort = c >= 8 && c <= 13 && c !== 11;
    if (isShort) this.sign(0x5c).byte(load<u8>(addressOf(bytesOf(t("btn fr"))) + <usize>(c - 8)));
    else if (c === 0x22 || c === 0x5c) this.sign(0x5c).sign(c);
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
    this.sign(0x5c).byte(0x75);
    for (let shift = 12; shift >= 0; shift -= 4) {
      const digit = (unit >> shift) & 15;
      this.byte(digit < 10 ? 0x30 + digit : 0x57 + digit);
    }
  }

  /** Makes the text longer by so many bytes, and answers where they stand. */
  private reserve(more: i32): usize {
    const at = this.at;
    this.at = at + <usize>more;
    return this.at <= this.limit ? at : this.extend(more);
  }

  private extend(more: i32): usize {
    const had = <i32>(this.limit - this.from);
    // At least doubled, in steps of eight.
    const added = (max(more, had) + 64) & ~7;
    const way = widen(this.from, had, added) - this.from;
    this.from += way;
    this.at += way;
    this.limit = this.from + <usize>(had + added);
    return this.at - <usize>more;
  }
}

/** Writes bytes where there is room for them, eight at a time: up to seven behind them are overwritten, too. */
function put(slice: Slice, to: usize): void {
  const from = addressOf(slice);
  const length = <usize>lengthOf(slice);
  for (let i: usize = 0; i < length; i += 8) store<u64>(to + i, load<u64>(from + i));
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
