/**
 * Reading JSON. A document becomes a row of nodes of eight bytes each on one tape: a container is followed by what it holds, a key by
 * its value. Beyond what the lexer refuses, duplicate keys are a fault (two readers could take different ones), and more than
 * 64 levels.
 */
import { begin, failAt, isEnd, readNumber, readString, readWord, skipSpace, token } from "./lexer";
import { Names } from "./names";
import { addressOf, alloc, compare, equal, lengthOf, Slice } from "./slice";
import { t, Word } from "./word";

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
/** An object that is still open, whose keys are not in ascending order. */
const UNORDERED: i32 = 8;

export const MAX_DEPTH: i32 = 64;
/** Up to this many keys, a duplicate is looked for by walking; beyond, in a table. */
const FEW_KEYS: i32 = 8;

/**
 * A node, from its lowest bit: 28 bits of length (of a text) or count (of what a container holds), 4 bits of kind, 32 bits of
 * address (of a text) or of the way to the node behind it (of a container; while it is open, back to the container around it).
 */
const NODE: i32 = 8;
const LENGTH: u32 = 0x0fffffff;
const KIND_SHIFT: u32 = 28;

/** The tape. Room that is not used costs nothing: fresh pages of memory are only touched when written. */
let tape: i32 = <i32>alloc(1024 * NODE);
let limit: i32 = tape + 1024 * NODE;
let used: i32 = tape;

/**
 * Reads a document; answers its root, or NONE and then the lexer's `faultText` and `faultOffset` say what and where. The byte
 * behind it is overwritten. One loop over all values, whatever their depth: here a decision spends its time.
 */
export function parse(bytes: Slice): Node {
  begin(bytes);
  const expected = lengthOf(bytes) / 6;
  if (used + expected * NODE > limit) extend(used, expected);
  let at = addressOf(bytes);
  let node = used;
  // The container that is open, its kind, how many values it holds so far, and its last key.
  let open: Node = NONE;
  let kind = 0;
  let count = 0;
  let key: Node = NONE;
  let depth = 0;
  let isKeyDue = false;
  while (true) {
    at = inline.always(skipSpace(at));
    const c = load<u8>(at);
    if (node === limit) {
      const way = extend(node, 1);
      node += way;
      if (open !== NONE) open += way;
      if (key !== NONE) key += way;
    }
    let closes = false;
    if (c === 0x22) {
      at = inline.always(readString(at));
      if (at === 0) return NONE;
      inline.always(put(node, STRING));
      if (isKeyDue) {
        // Keys in ascending order, as most writers give them, cannot repeat.
        if (key !== NONE && inline.always(compare(textOf(key), token())) >= 0) kind = UNORDERED;
        key = node;
        node += NODE;
        at = inline.always(skipSpace(at));
        if (load<u8>(at) !== 0x3a) return refuse(t("expected :"), at);
        at += 1;
        isKeyDue = false;
        continue;
      }
      node += NODE;
    } else if (isKeyDue) {
      return refuse(t("expected a key"), at);
    } else if ((c | 0x20) === 0x7b) {
      depth += 1;
      if (depth > MAX_DEPTH) return refuse(t("more than 64 levels"), at);
      if (open !== NONE) store<u32>(open, (kind << KIND_SHIFT) | count);
      store<i32>(node, open === NONE ? 0 : node - open, 4);
      open = node;
      node += NODE;
      kind = c === 0x7b ? OBJECT : ARRAY;
      count = 0;
      key = NONE;
      at = inline.always(skipSpace(at + 1));
      closes = load<u8>(at) === c + 2;
      isKeyDue = kind === OBJECT;
      if (!closes) continue;
    } else {
      at = readPlain(at, c, node);
      if (at === 0) return NONE;
      node += NODE;
    }
    // A value has ended, and with it perhaps the containers around it.
    while (true) {
      if (!closes) {
        at = inline.always(skipSpace(at));
        if (open === NONE) {
          if (!isEnd(at)) return refuse(t("unexpected bytes after the value"), at);
          const root = used;
          used = node;
          return root;
        }
        count += 1;
        const c = load<u8>(at);
        if (c === 0x2c) break;
        if (c !== (kind === ARRAY ? 0x5d : 0x7d))
          return refuse(kind === ARRAY ? t("expected , or ]") : t("expected , or }"), at);
      }
      closes = false;
      at += 1;
      if (kind === UNORDERED && !areUnique(firstOf(open), node, count)) return NONE;
      const way = load<i32>(open, 4);
      store<u32>(open, (min(kind, OBJECT) << KIND_SHIFT) | count);
      store<i32>(open, node - open, 4);
      // Where the one around is an object, the key before this value was its last.
      key = open - NODE;
      open = way === 0 ? NONE : open - way;
      kind = kindOf(open);
      count = countOf(open);
      depth -= 1;
    }
    at += 1;
    isKeyDue = kind !== ARRAY;
  }
}

/** Reads a word or a number into a node; answers the address behind it, 0 for a fault. */
function readPlain(at: usize, c: i32, node: Node): usize {
  let kind = NUMBER;
  let next: usize = 0;
  if (c === 0x74) {
    kind = TRUE;
    next = readWord(at, t("true"));
  } else if (c === 0x66) {
    kind = FALSE;
    next = readWord(at, t("false"));
  } else if (c === 0x6e) {
    kind = NULL;
    next = readWord(at, t("null"));
  } else {
    next = readNumber(at);
  }
  put(node, kind);
  return next;
}

function refuse(what: Word, at: usize): Node {
  failAt(what, at);
  return NONE;
}

/** Makes a node of what the lexer read last. */
function put(node: Node, kind: i32): void {
  store<u64>(node, token() | ((<u64>kind) << KIND_SHIFT));
}

/** The kind of a node; 0 for NONE. */
export function kindOf(node: Node): i32 {
  return load<u32>(node) >>> KIND_SHIFT;
}

export function isString(node: Node): bool {
  return kindOf(node) === STRING;
}

export function isObject(node: Node): bool {
  return kindOf(node) === OBJECT;
}

/** The text of a string or key, the digits of a number, or the word true, false or null. */
export function textOf(node: Node): Slice {
  return load<u64>(node) & 0xffffffff0fffffff;
}

/** How many values an array holds, or members an object. */
export function countOf(node: Node): i32 {
  return load<u32>(node) & LENGTH;
}

/** What a container holds lies from `firstOf` it to `nextOf` it: in an object each key before its value. */
export function firstOf(container: Node): Node {
  return container + NODE;
}

export function valueOf(key: Node): Node {
  return key + NODE;
}

/** The first, second, … of an array's strings, as long as all before it are strings. */
export function partOf(array: Node, place: i32): Node {
  return array + place * NODE;
}

/** The node behind this one and all it holds. */
export function nextOf(node: Node): Node {
  return node + (kindOf(node) >= ARRAY ? load<i32>(node, 4) : NODE);
}

/** The key behind this one and its value. */
export function nextKey(key: Node): Node {
  return nextOf(valueOf(key));
}

/** How deep a value is nested: 0 for what holds nothing. */
export function depthOf(node: Node): i32 {
  if (kindOf(node) < ARRAY) return 0;
  let depth = 0;
  const stop = nextOf(node);
  for (let item = firstOf(node); item < stop; item = nextOf(item))
    depth = max(depth, depthOf(item));
  return depth + 1;
}

/** The value of an object's member, or NONE. */
export function member(object: Node, name: Slice): Node {
  if (!isObject(object)) return NONE;
  const stop = nextOf(object);
  for (let key = firstOf(object); key < stop; key = nextKey(key)) {
    if (inline.always(equal(textOf(key), name))) return valueOf(key);
  }
  return NONE;
}

/** Where the tape ends, to go back to with `forget`. */
export function mark(): i32 {
  return used;
}

/** Forgets all nodes since `mark` answered this. */
export function forget(end: i32): void {
  used = end >= tape && end <= limit ? end : tape;
}

/** Goes on with a longer tape, to which the document moves that is being read. Answers how far its nodes move. */
function extend(end: Node, more: i32): i32 {
  const length = end - used;
  const size = max(2 * (limit - tape), 2 * length + more * NODE);
  tape = <i32>alloc(size);
  limit = tape + size;
  memory.copy(tape, used, length);
  const way = tape - used;
  used = tape;
  return way;
}

/** Whether no key stands twice in an object whose contents are these nodes; notes the fault. */
function areUnique(first: Node, stop: Node, count: i32): bool {
  const names = count > FEW_KEYS ? new Names(count) : null;
  for (let key = first; key < stop; key = nextKey(key)) {
    const name = textOf(key);
    let known = first;
    if (names === null) while (known < key && !equal(textOf(known), name)) known = nextKey(known);
    else {
      const before = names.length;
      if (names.add(name) === before) known = key;
    }
    if (known < key) {
      failAt(t("duplicate key"), addressOf(name) - 1);
      return false;
    }
  }
  return true;
}
