import { addressOf, alloc, EMPTY, equal, lengthOf, Slice, sliceOf } from "./slice";

/**
 * A fixed ASCII text of the core's own: the address of its bytes, with one behind them that no text has. AssemblyScript keeps a string
 * literal as UTF-16 behind a header of 20 bytes; the build packs all texts into one row of bytes instead, and writes for each
 * `t("…")` where its text will stand (scripts/asc.mjs). Without that step `t` makes it at run time.
 */
export type Word = u32;

const END: u8 = 0x7f;

export function t(text: string): Word {
  if (made === 0) made = alloc(<i32>(__heap_base >> 2));
  const place = made + ((changetype<usize>(text) >> 4) << 2);
  const known = load<u32>(place);
  if (known !== 0) return known;
  const length = text.length;
  const word = <u32>alloc(length + 1);
  for (let i = 0; i < length; i++) store<u8>(word + i, text.charCodeAt(i));
  store<u8>(word + length, END);
  store<u32>(place, word);
  return word;
}

/** The words made at run time: of each 16 bytes below the heap the word whose literal begins there. */
let made: usize = 0;

/** The bytes of a word. */
export function bytesOf(word: Word): Slice {
  let end = word;
  while (load<u8>(end) !== END) end += 1;
  return sliceOf(word, end - word);
}

/** Whether the bytes are this word. */
export function isText(slice: Slice, word: Word): bool {
  return equal(slice, bytesOf(word));
}

/** Whether the bytes begin with this word. */
export function startsWith(slice: Slice, word: Word): bool {
  const beginning = bytesOf(word);
  const length = lengthOf(beginning);
  return lengthOf(slice) >= length && equal(sliceOf(addressOf(slice), length), beginning);
}

/** One of some words divided by single spaces; EMPTY behind the last. */
export function wordAt(words: Word, place: i32): Slice {
  let from = words;
  for (let left = place; left > 0; left--) {
    const end = endOfWord(from);
    if (load<u8>(end) === END) return EMPTY;
    from = end + 1;
  }
  return sliceOf(from, endOfWord(from) - from);
}

/** Where a space or the end of a text follows. */
function endOfWord(from: u32): u32 {
  let end = from;
  while (load<u8>(end) !== 0x20 && load<u8>(end) !== END) end += 1;
  return end;
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
