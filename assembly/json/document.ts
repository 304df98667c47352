/**
 * Reading JSON. A document becomes a row of nodes of eight bytes each on one tape: a container is followed by what it holds, a key by
 * its value. Beyond what the lexer refuses, duplicate keys are a fault (two readers could take different ones), and more than
 * 64 levels.
 */
import { begin, failAt, isEnd, readNumber, readString, readWord, skipSpace, token } from "./lexer";
import { addressOf, compare, equal, lengthOf, Slice, widen } from "./slice";
import { Order, sort } from "./sort";
import { bytesOf, isText, t, Word, wordAt } from "./word";

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
/** Objects of which a `Shortcut` has made nodes of its own. */
export const OWN: i32 = 8;
export const OLD: i32 = 9;
/** An object that is still open: its keys are not in ascending order; so many of them are not that they are compared at its end. */
const UNORDERED: i32 = 10;
const UNCHECKED: i32 = 11;

export const MAX_DEPTH: i32 = 64;
/** Among so many keys, and once among more, a key out of order is compared with all before it. */
const FEW_KEYS: i32 = 32;

/**
 * A node, from its lowest bit: 28 bits of length (of a text) or count (of what a container holds), 4 bits of kind, 32 bits of
 * address (of a text) or of the way to the node behind it (of a container; while it is open, back to the container around it).
 */
const NODE: i32 = 8;
const LENGTH: u32 = 0x0fffffff;
const KIND_SHIFT: u32 = 28;

/** The tape. Room that is not used costs nothing: fresh pages of memory are only touched when written. */
const FIRST_TAPE: i32 = 8192;
/** What is left of it before a value is read: so many bytes a `Shortcut` may write. */
const ROOM: i32 = 1024;
let tape: i32 = 0;
let limit: i32 = 0;
let used: i32 = 0;

/** Reads objects of one form in fewer steps than the reader of all JSON. They are members of one member of the root. */
export abstract class Shortcut {
  /** @param name that of the root's member whose members are tried. */
  constructor(public name: Word) {}

  /**
   * Reads an object, if it has that form, and makes nodes of it, from `node` on and up to `stop` at the most: a container, and what it
   * holds. Answers the address behind it, or 0 for any other, of which nothing must have been changed.
   */
  abstract read(brace: usize, node: Node, stop: Node): usize;
}

/**
 * Reads a document; answers its root, or NONE and then the lexer's `faultText` and `faultOffset` say what and where. The byte
 * behind it is overwritten. One loop over all values, whatever their depth: here a decision spends its time.
 */
export function parse(bytes: Slice, shortcut: Shortcut | null = null): Node {
  begin(bytes);
  let at = addressOf(bytes);
  let node = used;
  // The container that is open, its kind, how many values it holds so far, and its last key.
  let open: Node = NONE;
  let kind = 0;
  let count = 0;
  let key: Node = NONE;
  let depth = 0;
  let isKeyDue = false;
  let isShort: bool = false;
  while (true) {
    at = inline.always(skipSpace(at));
    const c = load<u8>(at);
    if (node > limit - ROOM) {
      const way = extend();
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
        if (key !== NONE && (kind !== OBJECT || compare(textOf(key), token()) >= 0)) {
          kind = kind === OBJECT || count < FEW_KEYS ? UNORDERED : UNCHECKED;
          if (kind === UNORDERED && isRepeated(firstOf(open), node)) return NONE;
        }
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
    } else {
      const end = isShort && depth === 2 && c === 0x7b ? shortcut!.read(at, node, node + ROOM) : 0;
      if (end !== 0) {
        at = end;
        node = nextOf(node);
      } else if ((c | 0x20) === 0x7b) {
        depth += 1;
        if (depth > MAX_DEPTH) return refuse(t("more than 64 levels"), at);
        if (depth === 2) isShort = shortcut !== null && isText(textOf(key), shortcut.name);
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
        at = readPlain(at, node);
        if (at === 0) return NONE;
        node += NODE;
      }
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
      if (kind === UNCHECKED && !areUnique(firstOf(open), node)) return NONE;
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
function readPlain(at: usize, node: Node): usize {
  let kind = load<u8>(at) < 0x61 ? NUMBER : NULL;
  let next: usize = 0;
  while (next === 0 && kind < NUMBER) {
    next = readWord(at, wordAt(t("null false true"), kind - NULL));
    if (next === 0) kind += 1;
  }
  if (next === 0) next = readNumber(at);
  put(node, kind);
  return next;
}

function refuse(what: Word, at: usize): Node {
  failAt(what, at);
  return NONE;
}

/** Makes a node of what the lexer read last. */
function put(node: Node, kind: i32): void {
  putNode(node, token(), kind);
}

/** Makes a node of a text, or of a container's way and count; answers the place behind it. */
export function putNode(node: Node, text: Slice, kind: i32): Node {
  store<u64>(node, text | ((<u64>kind) << KIND_SHIFT));
  return node + NODE;
}

/** The eight bytes that stand in the place of a node. */
export function bitsOf(node: Node): u64 {
  return load<u64>(node);
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

/** The key of an object's value. */
export function keyOf(value: Node): Node {
  return value - NODE;
}

/** The node behind a string. */
export function nextString(node: Node): Node {
  return node + NODE;
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

/** Whether a key is this name; few names have one length. */
function isCalled(key: Node, name: Slice): bool {
  return countOf(key) === lengthOf(name) && equal(textOf(key), name);
}

/** The value of an object's member, or NONE. */
export function member(object: Node, name: Slice): Node {
  return isObject(object) ? memberFrom(object, firstOf(object), name) : NONE;
}

/**
 * The same of what is known to be an object, looked for from a key on: at once where members are read in the order in which they stand.
 *
 * @param from a key of the object, or the node behind it.
 */
export function memberFrom(object: Node, from: Node, name: Slice): Node {
  const stop = nextOf(object);
  let key = from;
  for (let left = countOf(object); left > 0; left--) {
    if (key >= stop) key = firstOf(object);
    if (inline.always(isCalled(key, name))) return valueOf(key);
    key = nextKey(key);
  }
  return NONE;
}

/** The value of a member whose name is the core's own, or NONE. */
export function field(object: Node, name: Word): Node {
  return member(object, bytesOf(name));
}

/** Where the tape ends, to go back to with `forget`. */
export function mark(): i32 {
  return used;
}

/** Forgets all nodes since `mark` answered this. */
export function forget(end: i32): void {
  used = end >= tape && end <= limit ? end : tape;
}

/** Makes the tape longer; answers how far the nodes move of the document that is being read. Those of others stay where they are, too. */
function extend(): i32 {
  const had = limit - tape;
  const more = had + FIRST_TAPE;
  const way = <i32>widen(tape, had, more) - tape;
  tape += way;
  used += way;
  limit = tape + had + more;
  return way;
}

/** The keys of an object, or of what it holds from `first` up to `stop`, in the order of their bytes. */
export function sortedKeys(first: Node, stop: Node): Array<Node> {
  const keys = new Array<Node>();
  for (let key = first; key < stop; key = nextKey(key)) keys.push(key);
  sort(keys, new ByText());
  return keys;
}

class ByText extends Order {
  nameOf(key: i32): Slice {
    return textOf(key);
  }
}

/** Whether a key stands among those of the object so far; notes the fault. */
function isRepeated(first: Node, key: Node): bool {
  const name = textOf(key);
  let known = first;
  while (known < key && !inline.always(isCalled(known, name))) known = nextKey(known);
  if (known < key) failAt(t("duplicate key"), addressOf(name) - 1);
  return known < key;
}

/** Whether no key stands twice in an object whose contents are these nodes; notes the fault. */
function areUnique(first: Node, stop: Node): bool {
  const keys = sortedKeys(first, stop);
  let repeated = stop;
  // Those that are alike stand in the order in which they were written.
  for (let i = 1; i < keys.length; i++) {
    if (keys[i] < repeated && equal(textOf(keys[i - 1]), textOf(keys[i]))) repeated = keys[i];
  }
  return repeated === stop || !isRepeated(first, repeated);
}
