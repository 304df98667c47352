/**
 * Unpacks the core's fixed texts when an instance begins; scripts/words.mjs packs them. The build alone calls this (scripts/asc.mjs):
 * as-pect has its texts from `t`.
 */

/** From here on a byte stands for two others; what is less is a character less a space. */
const FIRST_PAIR: u32 = 96;
/** Stands for a stretch of the row, whose place and length the two bytes behind it hold. */
const REPEAT: u32 = 255;

/** Where the two bytes of each pair stand, and right behind them the row. */
let pairs: usize = 0;
let row: usize = 0;

/** Writes the texts that are packed in a row. */
export function unpack(packed: usize, from: usize, end: usize, words: usize): void {
  pairs = packed;
  row = from;
  writeAll(from, end, words);
}

/** Writes what a stretch of the row stands for; answers the address behind it. */
function writeAll(from: usize, end: usize, words: usize): usize {
  let to = words;
  for (let at = from; at < end; at++) {
    const byte = <u32>load<u8>(at);
    if (byte === REPEAT) {
      const repeat = <usize>load<u16>(at, 1);
      const first = row + (repeat & 0xfff);
      to = writeAll(first, first + (repeat >> 12) + 4, to);
      at += 2;
    } else {
      to = write(byte, to);
    }
  }
  return to;
}

/** Writes what one byte stands for; answers the address behind it. */
function write(byte: u32, from: usize): usize {
  let rest = byte;
  let to = from;
  while (rest >= FIRST_PAIR) {
    const pair = pairs + ((rest - FIRST_PAIR) << 1);
    to = write(load<u8>(pair), to);
    rest = load<u8>(pair, 1);
  }
  store<u8>(to, rest + 0x20);
  return to + 1;
}
