// The core's fixed texts (assembly/json/word.ts): how they lie in memory, and how the module carries them. Two bytes that often stand
// beside each other become one that stands for both, over and over; then a stretch that stood there before becomes three bytes that say
// where. assembly/runtime/unpack.ts undoes it when an instance begins.

/** Stands behind each text. */
const END = 0x7f;

/** What is no pair is a byte less this. */
const PLAIN = 0x20;
const FIRST_PAIR = END + 1 - PLAIN;
/** Behind it stand two bytes, the lower one first: twelve bits of place in the row, and four of how much longer than SHORTEST. */
const REPEAT = 255;
const PAIRS = REPEAT - FIRST_PAIR;
const PLACE_BITS = 12;
const SHORTEST = 4;
const LONGEST = SHORTEST + 15;

/** The texts that must lie in memory: those that others end with lie there already. */
function laidOut(texts) {
  return texts.filter((text) => !texts.some((other) => other !== text && other.endsWith(text)));
}

/** The place of each text in memory, counted from the first, and behind all of them. */
export function layOut(texts) {
  const ends = new Map();
  let size = 0;
  for (const text of laidOut(texts)) {
    size += text.length + 1;
    ends.set(text, size);
  }
  const places = new Map();
  for (const text of texts) {
    const [, end] = [...ends].find(([other]) => other.endsWith(text));
    places.set(text, end - text.length - 1);
  }
  return { places, size };
}

/** The two bytes of each pair, and the texts written with them. */
export function pack(texts) {
  const pairs = [];
  let row = laidOut(texts)
    .flatMap((text) => [...Buffer.from(text, "latin1"), END])
    .map((c) => c - PLAIN);
  while (pairs.length < PAIRS) {
    const [pair, count] = mostFrequent(row);
    // A pair costs two bytes itself.
    if (count < 3) break;
    row = replaced(row, pair, FIRST_PAIR + pairs.length);
    pairs.push(pair);
  }
  return { pairs: pairs.flat(), row: withRepeats(row) };
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

/** The row with each stretch that stands in it already replaced by its place; such a stretch may hold others. */
function withRepeats(row) {
  const out = [];
  /** What is in `out` so far: where each byte that is no place, or each place, begins, and what it stands for. */
  const parts = [];
  for (let at = 0; at < row.length; ) {
    const { place, size, length } = longestRepeat(row, at, parts, out.length);
    const bytes = size < SHORTEST ? [row[at]] : repeat(place, size);
    const stands = row.slice(at, at + (size < SHORTEST ? 1 : length));
    parts.push({ place: out.length, stands });
    out.push(...bytes);
    at += stands.length;
  }
  if (out.length >> PLACE_BITS !== 0) throw new Error("the texts are too long for their places");
  return out;
}

function repeat(place, size) {
  const bits = place | ((size - SHORTEST) << PLACE_BITS);
  return [REPEAT, bits & 0xff, bits >> 8];
}

/** The stretch of `out` that stands for most of what is next in the row: where it is, how many bytes it has, and for how many it stands. */
function longestRepeat(row, at, parts, end) {
  let best = { place: 0, size: 0, length: 0 };
  for (let first = 0; first < parts.length; first++) {
    const { place } = parts[first];
    let length = 0;
    for (let i = first; i < parts.length; i++) {
      const { stands } = parts[i];
      const size = (i + 1 < parts.length ? parts[i + 1].place : end) - place;
      if (size > LONGEST || !stands.every((byte, k) => byte === row[at + length + k])) break;
      length += stands.length;
      if (size >= SHORTEST && length > best.length) best = { place, size, length };
    }
  }
  return best;
}
