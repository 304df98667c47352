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
 * address (of a text) or of the node behind it (of a container; while it is open, of the container around it).
 */
const LENGTH: u64 = 0x0fffffff;
const KIND_SHIFT: u64 = 28;

/** Nodes there is room for. Room that is not used costs nothing: fresh pages of memory are only touched when written. */
let capacity: i32 = 1024;
let tape: usize = alloc(capacity << 3);
let used: i32 = 1;

/**
 * Reads a document; answers its root, or NONE and then the lexer's `faultText` and `faultOffset` say what and where. The byte
 * behind it is overwritten. One loop over all values, whatever their depth: here a decision spends its time.
 */
export function parse(bytes: Slice): Node {
  begin(bytes);
  if (used + lengthOf(bytes) / 6 > capacity) grow(used, lengthOf(bytes) / 6);
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
    if (node === capacity) grow(node, 1);
    let closes = false;
    if (c === 0x22) {
      at = inline.always(readString(at));
      if (at === 0) return NONE;
      inline.always(put(node, STRING, token()));
      if (isKeyDue) {
        // Keys in ascending order, as most writers give them, cannot repeat.
        if (key !== NONE && compare(textOf(key), token()) >= 0) kind = UNORDERED;
        key = node;
        node += 1;
        at = inline.always(skipSpace(at));
        if (load<u8>(at) !== 0x3a) return refuse(t("expected :"), at);
        at += 1;
        isKeyDue = false;
        continue;
      }
      node += 1;
    } else if (isKeyDue) {
      return refuse(t("expected a key"), at);
    } else if ((c | 0x20) === 0x7b) {
      depth += 1;
      if (depth > MAX_DEPTH) return refuse(t("more than 64 levels"), at);
      if (open !== NONE) put(open, kind, (inline.always(nodeAt(open)) & ~LENGTH) | <u64>count);
      inline.always(put(node, 0, (<u64>open) << 32));
      open = node;
      node += 1;
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
      node += 1;
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
      if (kind === UNORDERED && !areUnique(open + 1, node, count)) return NONE;
      const outer = <Node>(inline.always(nodeAt(open)) >> 32);
      inline.always(put(open, min(kind, OBJECT), ((<u64>node) << 32) | <u64>count));
      // Where the one around is an object, the key before this value was its last.
      key = open - 1;
      open = outer;
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
  put(node, kind, token());
  return next;
}

function refuse(what: Word, at: usize): Node {
  failAt(what, at);
  return NONE;
}

function put(node: Node, kind: i32, value: u64): void {
  store<u64>(tape + ((<usize>node) << 3), value | ((<u64>kind) << KIND_SHIFT));
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
  for (let key = object + 1; key < stop; key = inline.always(nextOf(key + 1))) {
    if (inline.always(equal(inline.always(textOf(key)), name))) return key + 1;
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

function grow(filled: i32, more: i32): void {
  const size = max(capacity * 2, filled + more);
  const larger = alloc(size << 3);
  memory.copy(larger, tape, (<usize>filled) << 3);
  tape = larger;
  capacity = size;
}

/** Whether no key stands twice in an object whose contents are these nodes; notes the fault. */
function areUnique(first: Node, stop: Node, count: i32): bool {
  const names = count > FEW_KEYS ? new Names(count) : null;
  for (let key = first; key < stop; key = nextOf(key + 1)) {
    const name = textOf(key);
    let known = first;
    if (names === null) while (known < key && !equal(textOf(known), name)) known = nextOf(known + 1);
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
