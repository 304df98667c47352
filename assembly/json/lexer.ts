/**
 * The smallest pieces of JSON: white space, words, numbers and strings, read from UTF-8 bytes. A string is unescaped in place, in the
 * input itself, since what is unescaped is never longer. What RFC 8259 forbids is a fault with its byte offset; so are lone
 * surrogates and invalid UTF-8.
 */
import { addressOf, equal, lengthOf, Slice, sliceOf } from "./slice";
import { bytesOf, t, Word } from "./word";

let at: usize = 0;
let begin: usize = 0;
let end: usize = 0;
let text: Slice = 0;
let fault: Word = 0;
let faultAt: i32 = 0;

/** Begins to read these bytes. */
export function read(bytes: Slice): void {
  begin = addressOf(bytes);
  at = begin;
  end = begin + <usize>lengthOf(bytes);
  fault = 0;
}

/** The byte here, or -1 at the end. */
export function here(): i32 {
  return at < end ? <i32>load<u8>(at) : -1;
}

/** Goes one byte on. */
export function step(): void {
  at += 1;
}

/** Where reading is, to go back to with `fail`. */
export function place(): usize {
  return at;
}

/** What was read last: a string without its quotes, a number, a word. */
export function token(): Slice {
  return text;
}

/** Notes a fault here; always false, so that a reader can answer it. */
export function fail(what: Word): bool {
  return failAt(what, at);
}

export function failAt(what: Word, where: usize): bool {
  fault = what;
  faultAt = <i32>(where - begin);
  return false;
}

export function faultText(): Word {
  return fault;
}

/** Byte offset of the fault in what was read. */
export function faultOffset(): i32 {
  return faultAt;
}

export function skipSpace(): void {
  while (at < end) {
    const c = load<u8>(at);
    if (c !== 0x20 && c !== 0x0a && c !== 0x0d && c !== 0x09) return;
    at += 1;
  }
}

/** Reads `true`, `false` or `null`. */
export function readWord(word: Word): bool {
  const length = lengthOf(bytesOf(word));
  text = sliceOf(at, length);
  if (at + <usize>length > end || !equal(text, bytesOf(word))) return fail(t("expected a value"));
  at += <usize>length;
  return true;
}

export function isDigit(c: i32): bool {
  return c >= 0x30 && c <= 0x39;
}

function readDigits(): bool {
  const from = at;
  while (isDigit(here())) at += 1;
  return at > from || fail(t("expected a digit"));
}

export function readNumber(): bool {
  const from = at;
  if (here() === 0x2d) at += 1;
  if (here() === 0x30) at += 1;
  else if (!readDigits()) return false;
  if (here() === 0x2e) {
    at += 1;
    if (!readDigits()) return false;
  }
  if ((here() | 0x20) === 0x65) {
    at += 1;
    if (here() === 0x2b || here() === 0x2d) at += 1;
    if (!readDigits()) return false;
  }
  text = sliceOf(from, <i32>(at - from));
  return true;
}

/**
 * Marks, among eight bytes, those that need a look: a quote, a backslash, a control character or a byte beyond ASCII. The lowest
 * mark is exact; a borrow can set false ones only above it.
 */
function special(bytes: u64): u64 {
  const quote = bytes ^ 0x2222222222222222;
  const backslash = bytes ^ 0x5c5c5c5c5c5c5c5c;
  const marks =
    (bytes - 0x2020202020202020) |
    (quote - 0x0101010101010101) |
    (backslash - 0x0101010101010101) |
    bytes;
  return marks & 0x8080808080808080;
}

/** A string or key. Runs ahead over plain text; from the first escape on, bytes move down to where the text so far ends. */
export function readString(): bool {
  const stop = end;
  const from = at + 1;
  let next = from;
  let to = from;
  while (next < stop) {
    let c: u8 = 0;
    if (next + 8 <= stop) {
      const bytes = load<u64>(next);
      const marks = special(bytes);
      const plain: usize = marks === 0 ? 8 : <usize>(ctz(marks) >> 3);
      // All eight may be written where that does not reach into what is still to be read.
      if (to + 8 <= next + plain) store<u64>(to, bytes);
      else if (to !== next)
        for (let i: usize = 0; i < plain; i++) store<u8>(to + i, load<u8>(next + i));
      next += plain;
      to += plain;
      if (marks === 0) continue;
      c = <u8>(bytes >> ((<u64>plain) << 3));
    } else {
      c = load<u8>(next);
    }
    if (c === 0x22) {
      text = sliceOf(from, <i32>(to - from));
      at = next + 1;
      return true;
    }
    if (c >= 0x20 && c < 0x80 && c !== 0x5c) {
      store<u8>(to, c);
      next += 1;
      to += 1;
      continue;
    }
    if (c === 0x5c && next + 1 < stop && load<u8>(next, 1) === 0x22) {
      // By far the most frequent escape: documents within a document are full of quotes.
      store<u8>(to, 0x22);
      next += 2;
      to += 1;
      continue;
    }
    at = next;
    if (c < 0x20) return fail(t("a control character in a string"));
    if (c === 0x5c) {
      to = readEscape(to);
      if (to === 0) return false;
    } else {
      if (!readSequence()) return false;
      memory.copy(to, next, at - next);
      to += at - next;
    }
    next = at;
  }
  at = stop;
  return fail(t("a string without end"));
}

/** Writes what one escape stands for at `to`; answers the address behind it, 0 for a fault. */
function readEscape(to: usize): usize {
  const c = at + 1 < end ? <i32>load<u8>(at, 1) : -1;
  let plain = 0;
  if (c === 0x22 || c === 0x5c || c === 0x2f) plain = c;
  else if (c === 0x6e) plain = 0x0a;
  else if (c === 0x74) plain = 0x09;
  else if (c === 0x72) plain = 0x0d;
  else if (c === 0x62) plain = 0x08;
  else if (c === 0x66) plain = 0x0c;
  if (plain !== 0) {
    store<u8>(to, plain);
    at += 2;
    return to + 1;
  }
  if (c === 0x75) return readUnicode(to);
  fail(t("an unknown escape"));
  return 0;
}

function readUnicode(to: usize): usize {
  const high = unit(at);
  if (high < 0) {
    fail(t("expected four hexadecimal digits"));
    return 0;
  }
  if (high < 0xd800 || high > 0xdfff) {
    at += 6;
    return utf8(to, high);
  }
  const low =
    at + 6 < end && load<u8>(at, 6) === 0x5c && at + 7 < end && load<u8>(at, 7) === 0x75
      ? unit(at + 6)
      : -1;
  if (high > 0xdbff || low < 0xdc00 || low > 0xdfff) {
    fail(t("a lone surrogate"));
    return 0;
  }
  at += 12;
  return utf8(to, 0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00));
}

/** The UTF-16 unit of the escape at an address, or -1. */
function unit(escape: usize): i32 {
  if (escape + 6 > end) return -1;
  let result = 0;
  for (let i = 2; i < 6; i++) {
    const c = <i32>load<u8>(escape + <usize>i);
    let digit = c - 0x30;
    if (digit < 0 || digit > 9) {
      digit = (c | 0x20) - 0x57;
      if (digit < 10 || digit > 15) return -1;
    }
    result = (result << 4) | digit;
  }
  return result;
}

function utf8(to: usize, point: i32): usize {
  if (point < 0x80) {
    store<u8>(to, point);
    return to + 1;
  }
  if (point < 0x800) {
    store<u8>(to, 0xc0 | (point >> 6));
    store<u8>(to, 0x80 | (point & 0x3f), 1);
    return to + 2;
  }
  if (point < 0x10000) {
    store<u8>(to, 0xe0 | (point >> 12));
    store<u8>(to, 0x80 | ((point >> 6) & 0x3f), 1);
    store<u8>(to, 0x80 | (point & 0x3f), 2);
    return to + 3;
  }
  store<u8>(to, 0xf0 | (point >> 18));
  store<u8>(to, 0x80 | ((point >> 12) & 0x3f), 1);
  store<u8>(to, 0x80 | ((point >> 6) & 0x3f), 2);
  store<u8>(to, 0x80 | (point & 0x3f), 3);
  return to + 4;
}

/** Passes over one UTF-8 sequence of two to four bytes (Unicode, table 3-7: no overlong form, no surrogate, none over U+10FFFF). */
function readSequence(): bool {
  const first = <i32>load<u8>(at);
  let more = 0;
  let low = 0x80;
  let high = 0xbf;
  if (first >= 0xc2 && first <= 0xdf) more = 1;
  else if (first >= 0xe0 && first <= 0xef) {
    more = 2;
    if (first === 0xe0) low = 0xa0;
    if (first === 0xed) high = 0x9f;
  } else if (first >= 0xf0 && first <= 0xf4) {
    more = 3;
    if (first === 0xf0) low = 0x90;
    if (first === 0xf4) high = 0x8f;
  }
  if (more === 0 || at + <usize>more >= end) return fail(t("invalid UTF-8"));
  for (let i = 1; i <= more; i++) {
    const c = <i32>load<u8>(at + <usize>i);
    if (c < low || c > high) return fail(t("invalid UTF-8"));
    low = 0x80;
    high = 0xbf;
  }
  at += <usize>(more + 1);
  return true;
}
