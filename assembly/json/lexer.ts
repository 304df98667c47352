/**
 * The smallest pieces of JSON: white space, words, numbers and strings, read from UTF-8 bytes. A string is unescaped in place, in the
 * input itself, since what is unescaped is never longer. What RFC 8259 forbids is a fault with its byte offset; so are lone
 * surrogates and invalid UTF-8. A zero byte is put behind the input, where every piece ends, so that nothing looks for the end.
 * A reader takes an address and answers the one behind what it read, or 0 for a fault.
 */
import { addressOf, equal, firstBytes, lengthOf, Slice, sliceOf } from "./slice";
import { t, Word } from "./word";

let start: usize = 0;
let end: usize = 0;
let text: Slice = 0;
let behind: usize = 0;
let fault: Word = 0;
let faultAt: i32 = 0;

/** Begins to read these bytes. */
export function begin(bytes: Slice): void {
  start = addressOf(bytes);
  end = start + <usize>lengthOf(bytes);
  store<u8>(end, 0);
}

export function isEnd(at: usize): bool {
  return at === end;
}

/** What was read last: a string without its quotes, a number, a word. */
export function token(): Slice {
  return text;
}

/** Notes a fault; always 0, so that a reader can answer it. */
export function failAt(what: Word, at: usize): usize {
  fault = what;
  faultAt = <i32>(at - start);
  return 0;
}

export function faultText(): Word {
  return fault;
}

/** Byte offset of the fault in what was read. */
export function faultOffset(): i32 {
  return faultAt;
}

export function skipSpace(at: usize): usize {
  return load<u8>(at) > 0x20 ? at : skipSpaces(at);
}

function skipSpaces(from: usize): usize {
  let at = from;
  while (true) {
    const c = load<u8>(at);
    if (c !== 0x20 && c !== 0x0a && c !== 0x0d && c !== 0x09) return at;
    at += 1;
  }
}

/** Reads a word; 0 if it is another, which is no fault yet. */
export function readWord(at: usize, word: Slice): usize {
  const length = lengthOf(word);
  text = sliceOf(at, length);
  return equal(text, word) ? at + <usize>length : 0;
}

/** The address of the first byte from here on that is no digit. */
function skipDigits(from: usize): usize {
  let at = from;
  while (<u32>load<u8>(at) - 0x30 <= 9) at += 1;
  return at;
}

export function readNumber(from: usize): usize {
  const first: usize = load<u8>(from) === 0x2d ? from + 1 : from;
  let at = load<u8>(first) === 0x30 ? first + 1 : skipDigits(first);
  if (at === first) {
    if (at > from) return failAt(t("expected a digit"), at);
    return failAt(isEnd(at) ? t("a value is missing") : t("expected a value"), at);
  }
  if (load<u8>(at) === 0x2e) {
    const digits = at + 1;
    at = skipDigits(digits);
    if (at === digits) return failAt(t("expected a digit"), at);
  }
  if ((load<u8>(at) | 0x20) === 0x65) {
    const sign = load<u8>(at, 1);
    const digits: usize = at + (sign === 0x2b || sign === 0x2d ? 2 : 1);
    at = skipDigits(digits);
    if (at === digits) return failAt(t("expected a digit"), at);
  }
  text = sliceOf(from, <i32>(at - from));
  return at;
}

/**
 * The address of the first byte from here on that needs a look: in most strings their quote, else a backslash, a control character, or
 * what is not ASCII. Of eight bytes the lowest mark is exact; a borrow or carry can set false ones only above it.
 */
export function plainEnd(from: usize): usize {
  let at = from - 8;
  let marks: u64 = 0;
  while (marks === 0) {
    at += 8;
    const bytes = load<u64>(at);
    const quote = bytes ^ 0x2222222222222222;
    const backslash = bytes ^ 0x5c5c5c5c5c5c5c5c;
    marks =
      ((bytes - 0x2020202020202020) |
        (quote - 0x0101010101010101) |
        (backslash - 0x0101010101010101) |
        (bytes + 0x0101010101010101) |
        bytes) &
      0x8080808080808080;
  }
  return at + <usize>(ctz(marks) >> 3);
}

/** A string or key, from its quote on. */
export function readString(quote: usize): usize {
  const from = quote + 1;
  const at = plainEnd(from);
  text = inline.always(sliceOf(from, <i32>(at - from)));
  return load<u8>(at) === 0x22 ? at + 1 : readEscaped(from, at);
}

/** A string that begins at `from` and is plain up to `at`. From the first escape on, bytes move down to where the text so far ends. */
function readEscaped(from: usize, plain: usize): usize {
  let to = plain;
  let at = plain;
  while (true) {
    const end = plainEnd(at);
    to = copy(to, at, end);
    at = end;
    const c = load<u8>(at);
    if (c === 0x22) {
      text = inline.always(sliceOf(from, <i32>(to - from)));
      return at + 1;
    }
    if (c === 0x5c) {
      const escape = load<u8>(at, 1);
      if (escape === 0x22) {
        // By far the most frequent escape: documents within a document are full of quotes.
        store<u8>(to, escape);
        at += 2;
        to += 1;
        continue;
      }
      to = readEscape(at, to);
      if (to === 0) return 0;
    } else {
      if (c < 0x20)
        return failAt(
          isEnd(at) ? t("a string without end") : t("a control character in a string"),
          at,
        );
      behind = at + sequenceLength(at, c);
      if (behind === at) return failAt(t("invalid UTF-8"), at);
      to = copy(to, at, behind);
    }
    at = behind;
  }
}

/** Moves bytes down, or nowhere; answers the address behind them. Nothing is written behind it, where more may be still to be read. */
function copy(to: usize, from: usize, end: usize): usize {
  const way = from - to;
  let at = from;
  while (at < end) {
    const left = <i32>(end - at);
    const mask = left < 8 ? firstBytes(left) : u64.MAX_VALUE;
    store<u64>(at - way, (load<u64>(at) & mask) | (load<u64>(at - way) & ~mask));
    at += 8;
  }
  return end - way;
}

/** Writes what one escape stands for at `to`; answers the address behind it, 0 for a fault. What is read next is `behind`. */
function readEscape(at: usize, to: usize): usize {
  const c = load<u8>(at, 1);
  let plain: u8 = 0;
  if (c === 0x5c || c === 0x2f) plain = c;
  else if (c === 0x6e) plain = 0x0a;
  else if (c === 0x74) plain = 0x09;
  else if (c === 0x72) plain = 0x0d;
  else if (c === 0x62) plain = 0x08;
  else if (c === 0x66) plain = 0x0c;
  else if (c === 0x75) return readUnicode(at, to);
  else return failAt(t("an unknown escape"), at);
  store<u8>(to, plain);
  behind = at + 2;
  return to + 1;
}

function readUnicode(at: usize, to: usize): usize {
  const high = unitAt(at);
  if (high < 0) return failAt(t("expected four hexadecimal digits"), at);
  behind = at + 6;
  if (high < 0xd800 || high > 0xdfff) return utf8(to, high);
  const low = load<u8>(at, 6) === 0x5c && load<u8>(at, 7) === 0x75 ? unitAt(behind) : -1;
  if (high > 0xdbff || low < 0xdc00 || low > 0xdfff) return failAt(t("a lone surrogate"), at);
  behind = at + 12;
  return utf8(to, 0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00));
}

/** The UTF-16 unit of the escape at an address, or -1. */
function unitAt(escape: usize): i32 {
  let result = 0;
  for (let i: usize = 2; i < 6; i++) {
    const c = <i32>load<u8>(escape + i);
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
  const more = point < 0x800 ? 1 : point < 0x10000 ? 2 : 3;
  // As many of its highest bits are set as there are bytes.
  store<u8>(to, (0xff80 >> more) | (point >> (6 * more)));
  let at = to;
  for (let shift = 6 * more - 6; shift >= 0; shift -= 6) {
    at += 1;
    store<u8>(at, 0x80 | ((point >> shift) & 0x3f));
  }
  return at + 1;
}

/** The length of the UTF-8 sequence that begins here, 0 where it is none (Unicode, table 3-7: no overlong form, no surrogate, none over U+10FFFF). */
function sequenceLength(at: usize, first: u8): usize {
  const second = load<u8>(at, 1);
  let length: usize = 2;
  let low: u8 = 0x80;
  let high: u8 = 0xbf;
  if (first === 0x7f) return 1;
  if (first < 0xc2 || first > 0xf4) return 0;
  if (first >= 0xe0) {
    length = first >= 0xf0 ? 4 : 3;
    if (first === 0xe0) low = 0xa0;
    if (first === 0xed) high = 0x9f;
    if (first === 0xf0) low = 0x90;
    if (first === 0xf4) high = 0x8f;
  }
  if (second < low || second > high) return 0;
  for (let i: usize = 2; i < length; i++) {
    if ((load<u8>(at + i) & 0xc0) !== 0x80) return 0;
  }
  return length;
}
