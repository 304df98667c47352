/**
 * Flat objects, such as databags: texts by key, many of which are JSON themselves. One that needs no unescaping, but for quotes, is left
 * where it stands, without a node or a copy of what it holds; whoever wants it walks through it.
 */
import { plainEnd } from "./lexer";
import { addressOf, compare, EMPTY, lengthOf, Slice, sliceOf } from "./slice";

/**
 * The address behind a flat object that may be left as it stands: no white space, nothing escaped but quotes, keys in ascending
 * order, so that none repeats. 0 for any other, which is no fault.
 */
export function skipFlat(brace: usize): usize {
  let at = brace;
  let last: Slice = EMPTY;
  do {
    if (load<u8>(at, 1) !== 0x22) return 0;
    const key = keyAt(at);
    const value = behindKey(key);
    if (load<u16>(value - 2) !== 0x3a22 || load<u8>(value) !== 0x22) return 0;
    if (at !== brace && compare(last, key) >= 0) return 0;
    last = key;
    at = skipText(value);
  } while (load<u8>(at) === 0x2c);
  return load<u8>(at) === 0x7d ? at + 1 : 0;
}

/** The key behind a brace or a comma. */
export function keyAt(before: usize): Slice {
  const from = before + 2;
  return sliceOf(from, <i32>(plainEnd(from) - from));
}

/** Where the value of such a key begins. */
export function behindKey(key: Slice): usize {
  return addressOf(key) + <usize>lengthOf(key) + 2;
}

/**
 * The address behind a text in which nothing is escaped but quotes; 0, where no sign of JSON's stands, for any other. Eight bytes at a
 * time: a quote must stand behind each backslash, and nowhere else.
 */
export function skipText(quote: usize): usize {
  let at = quote + 1;
  let before = HIGHEST;
  while (true) {
    const bytes = load<u64>(at);
    const noBackslash = (bytes ^ 0x5c5c5c5c5c5c5c5c) + 0x7f7f7f7f7f7f7f7f;
    const noQuote = (bytes ^ 0x2222222222222222) + 0x7f7f7f7f7f7f7f7f;
    const wrong = noQuote ^ ((noBackslash << 8) | (before >> 56));
    // What is beyond ASCII spoils only what stands behind it.
    const marks = (wrong | bytes | ~(bytes + 0x6060606060606060)) & HIGHEST;
    if (marks !== 0) {
      at += <usize>(ctz(marks) >> 3);
      return load<u8>(at) === 0x22 ? at + 1 : 0;
    }
    before = noBackslash;
    at += 8;
  }
}

/** The highest bit of each of eight bytes: of a sum that a byte of ASCII reaches, or not. */
const HIGHEST: u64 = 0x8080808080808080;
