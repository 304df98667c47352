/**
 * Reading JSON. A document becomes a row of nodes of eight bytes each on one tape: a container is followed by what it holds, a key by
 * its value. Beyond what the lexer refuses, duplicate keys are a fault (two readers could take different ones), and more than
 * 64 levels.
 */
import {
  fail,
  failAt,
  here,
  isDigit,
  place,
  read,
  readNumber,
  readString,
  readWord,
  skipSpace,
  step,
  token,
} from "./lexer";
import { Names } from "./names";
import { compare, EMPTY, equal, lengthOf, Slice } from "./slice";
import { t } from "./word";

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

/**
 * A node, from its lowest bit: 28 bits of length (of a text) or count (of what a container holds), 4 bits of kind, 32 bits of
 * address (of a text) or of the node behind it (of a container).
 */
const LENGTH: u64 = 0x0fffffff;
const KIND_SHIFT: u64 = 28;

/** Nodes there is room for. Room that is not used costs nothing: fresh pages of memory are only touched when written. */
let capacity: i32 = 1024;
let tape: usize = heap.alloc((<usize>capacity) << 3);
let used: i32 = 1;

/** Reads a document; answers its root, or NONE and then the lexer's `faultText` and `faultOffset` say what and where. */
export function parse(bytes: Slice): Node {
  read(bytes);
  if (used + lengthOf(bytes) / 6 > capacity) grow(lengthOf(bytes) / 6);
  const root = used;
  if (readValue(0)) {
    skipSpace();
    if (here() < 0) return root;
    fail(t("unexpected bytes after the value"));
  }
  used = root;
  return NONE;
}

function nodeAt(node: Node): u64 {
  return load<u64>(tape + ((<usize>node) << 3));
}

/** The kind of a node; 0 for NONE. */
export function kindOf(node: Node): i32 {
  return <i32>(nodeAt(node) >> KIND_SHIFT) & 15;
}

/** The text of a string or key, the digits of a number, or the word true, false or null. */
export function textOf(node: Node): Slice {
  return nodeAt(node) & 0xffffffff0fffffff;
}

/** How many values an array holds, or members an object. */
export function countOf(node: Node): i32 {
  return <i32>(nodeAt(node) & LENGTH);
}

/** The node behind this one and all it holds: `first + 1` is where a container's contents begin, `nextOf(container)` where they end. */
export function nextOf(node: Node): Node {
  return kindOf(node) >= ARRAY ? <i32>(nodeAt(node) >> 32) : node + 1;
}

/** How deep a value is nested: 0 for what holds nothing. */
export function depthOf(node: Node): i32 {
  if (kindOf(node) < ARRAY) return 0;
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
  const larger = heap.alloc((<usize>size) << 3);
  memory.copy(larger, tape, (<usize>used) << 3);
  tape = larger;
  capacity = size;
}

/** Adds a node of what the lexer read last. */
function push(kind: i32): bool {
  if (used === capacity) grow(1);
  store<u64>(tape + ((<usize>used) << 3), token() | ((<u64>kind) << KIND_SHIFT));
  used += 1;
  return true;
}

function close(node: Node, kind: i32, count: i32): bool {
  step();
  const value = ((<u64>used) << 32) | ((<u64>kind) << KIND_SHIFT) | <u64>count;
  store<u64>(tape + ((<usize>node) << 3), value);
  return true;
}

function readValue(depth: i32): bool {
  skipSpace();
  const c = here();
  if (c === 0x22) return readString() && push(STRING);
  if (c === 0x7b) return readObject(depth + 1);
  if (c === 0x5b) return readArray(depth + 1);
  if (c === 0x2d || isDigit(c)) return readNumber() && push(NUMBER);
  if (c === 0x74) return readWord(t("true")) && push(TRUE);
  if (c === 0x66) return readWord(t("false")) && push(FALSE);
  if (c === 0x6e) return readWord(t("null")) && push(NULL);
  return fail(c < 0 ? t("a value is missing") : t("expected a value"));
}

/** Opens a container: answers its node, or NONE where it is too deep. */
function open(kind: i32, depth: i32): Node {
  if (depth > MAX_DEPTH) {
    fail(t("more than 64 levels"));
    return NONE;
  }
  const node = used;
  push(kind);
  step();
  skipSpace();
  return node;
}

function readArray(depth: i32): bool {
  const node = open(ARRAY, depth);
  if (node === NONE) return false;
  if (here() === 0x5d) return close(node, ARRAY, 0);
  let count = 0;
  while (true) {
    count += 1;
    if (!readValue(depth)) return false;
    skipSpace();
    const c = here();
    if (c === 0x5d) return close(node, ARRAY, count);
    if (c !== 0x2c) return fail(t("expected , or ]"));
    step();
  }
}

function readObject(depth: i32): bool {
  const node = open(OBJECT, depth);
  if (node === NONE) return false;
  if (here() === 0x7d) return close(node, OBJECT, 0);
  let isAscending = true;
  let last: Slice = EMPTY;
  let table: Names | null = null;
  let count = 0;
  while (true) {
    count += 1;
    skipSpace();
    if (here() !== 0x22) return fail(t("expected a key"));
    const from = place();
    const key = used;
    if (!readString() || !push(STRING)) return false;
    // Keys in ascending order, as most writers give them, cannot repeat.
    isAscending = isAscending && (count === 1 || compare(last, token()) < 0);
    last = token();
    if (!isAscending) {
      if (table === null && count > FEW_KEYS) table = tableOf(node, key);
      if (table !== null ? isKnown(table, key) : isAmong(node, key))
        return failAt(t("duplicate key"), from);
    }
    skipSpace();
    if (here() !== 0x3a) return fail(t("expected :"));
    step();
    if (!readValue(depth)) return false;
    skipSpace();
    const c = here();
    if (c === 0x7d) return close(node, OBJECT, count);
    if (c !== 0x2c) return fail(t("expected , or }"));
    step();
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
