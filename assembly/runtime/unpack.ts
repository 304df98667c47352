/**
 * Unpacks the core's fixed texts when an instance begins; scripts/words.mjs packs them. The build alone calls this (scripts/asc.mjs):
 * as-pect has its texts from `t`.
 */

/** From here on a byte stands for two others; what is less is a character less a space. */
const FIRST_PAIR: u32 = 96;

/** Where the two bytes of each pair stand. */
let pairs: usize = 0;

/** Writes the texts that are packed in a row, which lies right behind the pairs. */
export function unpack(packed: usize, row: usize, end: usize, words: usize): void {
  pairs = packed;
  let to = words;
  for (let at = row; at < end; at++) to = write(load<u8>(at), to);
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
