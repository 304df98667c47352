/**
 * Reading JSON. A document becomes a row of nodes of 16 bytes each on one tape: a container is followed by what it holds, a key
 * by its value. Strings are unescaped in place, in the input itself, since what is unescaped is never longer. Everything RFC 8259
 * forbids is an error with its byte offset; so are duplicate keys (two readers could take different ones), lone surrogates,
 * invalid UTF-8 and more than 64 levels.
 */
import { Names } from "./names";
import { addressOf, compare, EMPTY, equal, lengthOf, Slice, sliceOf } from "./slice";
import { bytesOf, t, Word } from "./word";

export type Node = i32;

/** No node: a member that is not there. The tape's first node is kept empty for it: its kind is 0 and it holds nothing. */
export const NONE: Node = 0;

export const NULL: i32 = 1;
export const FALSE: i32 = 2;
export const TRUE: i32 = 3;
export const NUMBER: i32 = 4;
export const STRING: i32 = 5;
export const ARRAY: i32 = 6;
export const OBJECT: i32 = 7;

export const MAX_DEPTH: i32 = 64;
/** Up to this many keys, a duplicate is looked for by walking; beyond, in a table. */
const FEW_KEYS: i32 = 8;

/** Nodes there is room for. Room that is not used costs nothing: fresh pages of memory are only touched when written. */
let capacity: i32 = 1024;
let tape: usize = heap.alloc((<usize>capacity) << 4);
let used: i32 = 1;

let at: usize = 0;
let begin: usize = 0;
let end: usize = 0;
let fault: Word = 0;
let faultAt: i32 = 0;

/** Reads a document; answers its root, or NONE and then `faultText` and `faultOffset` say what and where. */
export function parse(bytes: Slice): Node {
  begin = addressOf(bytes);
  at = begin;
  end = begin + <usize>lengthOf(bytes);
  fault = 0;
  if (used + lengthOf(bytes) / 6 > capacity) grow(lengthOf(bytes) / 6);
  const root = used;
  if (!readValue(0)) {
    used = root;
    return NONE;
  }
  space();
  if (at < end) {
    fail(t("unexpected bytes after the value"));
    used = root;
    return NONE;
  }
  return root;
}

export function faultText(): Word {
  return fault;
}

/** Byte offset of the fault in what was parsed. */
export function faultOffset(): i32 {
  return faultAt;
}

/** The kind of a node; 0 for NONE. */
export function kindOf(node: Node): i32 {
  return load<i32>(tape + ((<usize>node) << 4), 8);
}

/** The text of a string or key, the digits of a number, or the word true, false or null. */
export function textOf(node: Node): Slice {
  return load<u64>(tape + ((<usize>node) << 4));
}

/** How many values an array holds, or members an object. */
export function countOf(node: Node): i32 {
  return <i32>load<u64>(tape + ((<usize>node) << 4));
}

/** The node behind this one and all it holds: `first + 1` is where a container's contents begin, `nextOf(container)` where they end. */
export function nextOf(node: Node): Node {
  return load<i32>(tape + ((<usize>node) << 4), 12);
}

/** How deep a value is nested: 0 for what holds nothing. */
export function depthOf(node: Node): i32 {
  const kind = kindOf(node);
  if (kind !== ARRAY && kind !== OBJECT) return 0;
  let depth = 0;
  const stop = nextOf(node);
  for (let item = node + 1; item < stop; item = nextOf(item)) depth = max(depth, depthOf(item));
  return depth + 1;
}

/** The value of an object's member, or NONE. */
export function member(object: Node, name: Slice): Node {
  if (kindOf(object) !== OBJECT) return NONE;
  const stop = nextOf(object);
  for (let key = object + 1; key < stop; key = nextOf(key + 1)) {
    if (equal(textOf(key), name)) return key + 1;
  }
  return NONE;
}

/** How many nodes there are, to go back to with `forget`. */
export function mark(): i32 {
  return used;
}

/** Forgets all nodes since `mark` answered this. */
export function forget(nodes: i32): void {
  used = nodes;
}

function grow(more: i32): void {
  const size = max(capacity * 2, used + more);
  const larger = heap.alloc((<usize>size) << 4);
  memory.copy(larger, tape, (<usize>used) << 4);
  tape = larger;
  capacity = size;
}

function push(kind: i32, data: u64): Node {
  if (used === capacity) grow(1);
  const node = used;
  const address = tape + ((<usize>node) << 4);
  store<u64>(address, data);
  store<u64>(address, ((<u64>(node + 1)) << 32) | <u64>kind, 8);
  used = node + 1;
  return node;
}

function close(node: Node, count: i32): void {
  const address = tape + ((<usize>node) << 4);
  store<u64>(address, <u64>count);
  store<i32>(address, used, 12);
}

function fail(text: Word): bool {
  fault = text;
  faultAt = <i32>(at - begin);
  return false;
}

function space(): void {
  while (at < end) {
    const c = load<u8>(at);
    if (c !== 0x20 && c !== 0x0a && c !== 0x0d && c !== 0x09) return;
    at += 1;
  }
}

/** The byte here, or -1 at the end. */
function here(): i32 {
  return at < end ? <i32>load<u8>(at) : -1;
}

function readValue(depth: i32): bool {
  space();
  const c = here();
  if (c === 0x22) return readString();
  if (c === 0x7b) return readObject(depth + 1);
  if (c === 0x5b) return readArray(depth + 1);
  if (c === 0x2d || isDigit(c)) return readNumber();
  if (c === 0x74) return readWord(t("true"), TRUE);
  if (c === 0x66) return readWord(t("false"), FALSE);
  if (c === 0x6e) return readWord(t("null"), NULL);
  return fail(c < 0 ? t("a value is missing") : t("expected a value"));
}

function readWord(text: Word, kind: i32): bool {
  const expected = bytesOf(text);
  const length = lengthOf(expected);
  if (at + <usize>length > end || !equal(sliceOf(at, length), expected))
    return fail(t("expected a value"));
  at += <usize>length;
  push(kind, sliceOf(at - <usize>length, length));
  return true;
}

function isDigit(c: i32): bool {
  return c >= 0x30 && c <= 0x39;
}

function readDigits(): bool {
  const from = at;
  while (isDigit(here())) at += 1;
  return at > from;
}

function readNumber(): bool {
  const from = at;
  if (here() === 0x2d) at += 1;
  if (here() === 0x30) at += 1;
  else if (!readDigits()) return fail(t("expected a digit"));
  if (here() === 0x2e) {
    at += 1;
    if (!readDigits()) return fail(t("expected a digit"));
  }
  if ((here() | 0x20) === 0x65) {
    at += 1;
    if (here() === 0x2b || here() === 0x2d) at += 1;
    if (!readDigits()) return fail(t("expected a digit"));
  }
  push(NUMBER, sliceOf(from, <i32>(at - from)));
  return true;
}

function readArray(depth: i32): bool {
  if (depth > MAX_DEPTH) return fail(t("more than 64 levels"));
  const node = push(ARRAY, 0);
  let count = 0;
  at += 1;
  space();
  if (here() === 0x5d) {
    at += 1;
    close(node, 0);
    return true;
  }
  while (true) {
    if (!readValue(depth)) return false;
    count += 1;
    space();
    const c = here();
    if (c === 0x5d) {
      at += 1;
      close(node, count);
      return true;
    }
    if (c !== 0x2c) return fail(t("expected , or ]"));
    at += 1;
  }
}

function readObject(depth: i32): bool {
  if (depth > MAX_DEPTH) return fail(t("more than 64 levels"));
  const node = push(OBJECT, 0);
  let count = 0;
  let isAscending = true;
  let last: Slice = EMPTY;
  let table: Names | null = null;
  at += 1;
  space();
  if (here() === 0x7d) {
    at += 1;
    close(node, 0);
    return true;
  }
  while (true) {
    space();
    if (here() !== 0x22) return fail(t("expected a key"));
    const from = at;
    const key = used;
    if (!readString()) return false;
    // Keys in ascending order, as most writers give them, cannot repeat.
    const name = textOf(key);
    isAscending = isAscending && (count === 0 || compare(last, name) < 0);
    last = name;
    if (!isAscending) {
      if (table === null && count >= FEW_KEYS) table = tableOf(node, key);
      if (table !== null ? isKnown(table, key) : isAmong(node, key)) {
        at = from;
        return fail(t("duplicate key"));
      }
    }
    space();
    if (here() !== 0x3a) return fail(t("expected :"));
    at += 1;
    if (!readValue(depth)) return false;
    count += 1;
    space();
    const c = here();
    if (c === 0x7d) {
      at += 1;
      close(node, count);
      return true;
    }
    if (c !== 0x2c) return fail(t("expected , or }"));
    at += 1;
  }
}

function isAmong(object: Node, key: Node): bool {
  const name = textOf(key);
  for (let k = object + 1; k < key; k = nextOf(k + 1)) {
    if (equal(textOf(k), name)) return true;
  }
  return false;
}

function tableOf(object: Node, key: Node): Names {
  const names = new Names();
  for (let k = object + 1; k < key; k = nextOf(k + 1)) names.add(textOf(k));
  return names;
}

function isKnown(names: Names, key: Node): bool {
  const before = names.length;
  return names.add(textOf(key)) < before;
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
function readString(): bool {
  const stop = end;
  const from = at + 1;
  let here = from;
  let to = from;
  while (here < stop) {
    let c: u8 = 0;
    if (here + 8 <= stop) {
      const bytes = load<u64>(here);
      const marks = special(bytes);
      const plain: usize = marks === 0 ? 8 : <usize>(ctz(marks) >> 3);
      // All eight may be written where that does not reach into what is still to be read.
      if (to + 8 <= here + plain) store<u64>(to, bytes);
      else if (to !== here)
        for (let i: usize = 0; i < plain; i++) store<u8>(to + i, load<u8>(here + i));
      here += plain;
      to += plain;
      if (marks === 0) continue;
      c = <u8>(bytes >> ((<u64>plain) << 3));
    } else {
      c = load<u8>(here);
    }
    if (c === 0x22) {
      push(STRING, sliceOf(from, <i32>(to - from)));
      at = here + 1;
      return true;
    }
    if (c >= 0x20 && c < 0x80 && c !== 0x5c) {
      store<u8>(to, c);
      here += 1;
      to += 1;
      continue;
    }
    if (c === 0x5c && here + 1 < stop && load<u8>(here, 1) === 0x22) {
      // By far the most frequent escape: documents within a document are full of quotes.
      store<u8>(to, 0x22);
      here += 2;
      to += 1;
      continue;
    }
    at = here;
    if (c < 0x20) return fail(t("a control character in a string"));
    if (c === 0x5c) {
      to = readEscape(to);
      if (to === 0) return false;
    } else {
      if (!readSequence()) return false;
      memory.copy(to, here, at - here);
      to += at - here;
    }
    here = at;
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
