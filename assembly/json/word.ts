import { addressOf, EMPTY, equal, lengthOf, Slice, sliceOf } from "./slice";

/**
 * A fixed ASCII text of the core's own, at most 127 bytes: address and length in 32 bits. AssemblyScript keeps a string literal as
 * UTF-16 behind a header of 20 bytes; the build turns each `t("…")` into bare bytes instead (scripts/asc.mjs), which
 * halves what the module carries. Without that step `t` does the same at run time.
 */
export type Word = u32;

export function t(text: string): Word {
  const literal = changetype<usize>(text);
  const words = known === null ? new Map<usize, Word>() : known!;
  known = words;
  if (words.has(literal)) return words.get(literal);
  const length = text.length;
  const address = heap.alloc(<usize>length);
  for (let i = 0; i < length; i++) store<u8>(address + <usize>i, text.charCodeAt(i));
  const word = ((<u32>address) << 7) | <u32>length;
  words.set(literal, word);
  return word;
}

/** Words made at run time, by the address of their literal. */
let known: Map<usize, Word> | null = null;

/** The bytes of a word. */
export function bytesOf(word: Word): Slice {
  return sliceOf(<usize>(word >> 7), <i32>(word & 127));
}

/** Whether the bytes are this word. */
export function isText(slice: Slice, word: Word): bool {
  return equal(slice, bytesOf(word));
}

/** Whether the bytes begin with this word. */
export function startsWith(slice: Slice, word: Word): bool {
  const length = <i32>(word & 127);
  return lengthOf(slice) >= length && equal(sliceOf(addressOf(slice), length), bytesOf(word));
}

/** One of some words divided by single spaces; EMPTY behind the last. */
export function wordAt(words: Word, place: i32): Slice {
  const row = bytesOf(words);
  const end = addressOf(row) + <usize>lengthOf(row);
  let from = addressOf(row);
  let left = place;
  while (from < end) {
    let to = from;
    while (to < end && load<u8>(to) !== 0x20) to += 1;
    if (left === 0) return sliceOf(from, <i32>(to - from));
    left -= 1;
    from = to + 1;
  }
  return EMPTY;
}

/** Which of some words the bytes are: its place among them, or -1. */
export function placeOf(slice: Slice, words: Word): i32 {
  let place = 0;
  while (true) {
    const word = wordAt(words, place);
    if (word === EMPTY) return -1;
    if (equal(slice, word)) return place;
    place += 1;
  }
}
