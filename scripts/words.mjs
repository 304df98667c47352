// The core's fixed texts (assembly/json/word.ts): how they lie in memory, and how the module carries them. Two bytes that often stand
// beside each other become one that stands for both, over and over; assembly/runtime/unpack.ts undoes it when an instance begins.

/** Stands behind each text. */
const END = 0x7f;

/** What is no pair is a byte less this. */
const PLAIN = 0x20;
const FIRST_PAIR = END + 1 - PLAIN;
const PAIRS = 256 - FIRST_PAIR;

/** The place of each text in memory, counted from the first, and behind all of them. */
export function layOut(texts) {
  const places = new Map();
  let size = 0;
  for (const text of texts) {
    places.set(text, size);
    size += text.length + 1;
  }
  return { places, size };
}

/** The two bytes of each pair, and the texts written with them. */
export function pack(texts) {
  const pairs = [];
  let row = texts.flatMap((text) => [...Buffer.from(text, "latin1"), END]).map((c) => c - PLAIN);
  while (pairs.length < PAIRS) {
    const [pair, count] = mostFrequent(row);
    // A pair costs two bytes itself.
    if (count < 3) break;
    row = replaced(row, pair, FIRST_PAIR + pairs.length);
    pairs.push(pair);
  }
  return { pairs: pairs.flat(), row };
}

/** The pair of neighbours that stands there most often, the first of several, and how often. */
function mostFrequent(row) {
  const counts = new Map();
  for (let i = 1; i < row.length; i++) {
    const pair = (row[i - 1] << 8) | row[i];
    counts.set(pair, (counts.get(pair) ?? 0) + 1);
  }
  let best = [0, 0];
  for (const entry of counts) if (entry[1] > best[1]) best = entry;
  return [[best[0] >> 8, best[0] & 0xff], best[1]];
}

function replaced(row, [first, second], pair) {
  const out = [];
  for (let i = 0; i < row.length; i++) {
    if (row[i] === first && row[i + 1] === second) {
      out.push(pair);
      i += 1;
    } else out.push(row[i]);
  }
  return out;
}
