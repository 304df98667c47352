/**
 * The wire of a unit's databag: `coordinator` holds the requests as the old library writes them, `coordinator-v1` what that
 * format cannot hold: `{"data": {…}, "done": {lock: id}, "v": 1}`, with `"anew"`, a time, since it had to be mended. The one place that knows it.
 */
import {
  depthOf,
  field,
  firstOf,
  forget,
  isObject,
  isString,
  kindOf,
  mark,
  member,
  NONE,
  Node,
  nextKey,
  nextOf,
  parse,
  STRING,
  textOf,
  valueOf,
} from "../json/document";
import { faultOffset, faultText, plainText } from "../json/lexer";
import { Names } from "../json/names";
import { NOT_WHOLE, wholeOf } from "../json/number";
import { addressOf, compare, EMPTY, equal, lengthOf, Slice } from "../json/slice";
import { decimal, fill, quoted } from "../json/text";
import { NO_TIME, parseTime, timeAt, timeText } from "../json/time";
import { bytesOf, t, Word } from "../json/word";
import { Writer } from "../json/writer";
import { Keys } from "./keys";
import { byLock, Entry, entryOf, Unit } from "./unit";

/** A longer value is not read: nobody writes one, and one unit must not cost the leader its memory. Hosts cut values there. */
const MAX_VALUE: i32 = 65536;

/** A lock's name in bytes. Longer ones would fill the leader's document, whose room all units share. */
export const MAX_LOCK: i32 = 256;

/** Data that comes with a request: what it may take in bytes, and how deep it may be nested. */
const MAX_DATA: i32 = 4096;
const MAX_DATA_DEPTH: i32 = 16;

const TOO_LONG: Word = t("longer than 65536 bytes");
export const LOCK_RULE: Word = t("a lock's name has 1 to 256 bytes");
export const DATA_RULE: Word = t("an object of at most 4096 bytes, nested at most 16 deep");

export function isLockName(name: Slice): bool {
  return lengthOf(name) > 0 && lengthOf(name) <= MAX_LOCK;
}

export function isData(node: Node): bool {
  if (!isObject(node) || depthOf(node) > MAX_DATA_DEPTH) return false;
  return lengthOf(new Writer().value(node).slice()) <= MAX_DATA;
}

/** Whether what this unit would write can be read again. */
export function fits(unit: Unit, locks: Names): bool {
  return (
    lengthOf(writeRequests(unit, locks)) <= MAX_VALUE / 2 &&
    lengthOf(writeExtra(unit, locks)) <= MAX_VALUE / 2
  );
}

/** How many bytes more may be written for what this unit has not asked for itself; so much is kept for what it will ask for. */
export function roomOf(unit: Unit, locks: Names): i32 {
  const taken = lengthOf(writeRequests(unit, locks)) + lengthOf(writeExtra(unit, locks));
  return MAX_VALUE / 2 - MAX_DATA - taken;
}

/** What an id takes at the most, whatever the lock's name is made of. */
export function sizeOf(lockName: Slice): i32 {
  return 6 * lengthOf(lockName) + 48;
}

/** Reads a unit's databag; what is wrong with it is noted on the unit. */
export function readDatabag(unit: Unit, values: Node, keys: Keys, locks: Names): void {
  unit.read = true;
  let requests: Node = NONE;
  let extra: Node = NONE;
  const plainKey = keys.plain;
  const extraKey = keys.extra;
  const stop = nextOf(values);
  for (let key = firstOf(values); key < stop; key = inline.always(nextOf(valueOf(key)))) {
    const name = inline.always(textOf(key));
    if (inline.always(equal(name, plainKey))) requests = given(valueOf(key));
    else if (inline.always(equal(name, extraKey))) extra = given(valueOf(key));
  }
  unit.hasV1 = extra !== NONE;
  unit.isOld = requests !== NONE && extra === NONE;
  if (requests !== NONE && !readOwnRequests(unit, requests, locks)) {
    const nodes = mark();
    unit.requests = null;
    unit.requestsFault = readRequests(unit, requests, locks);
    if (unit.requestsFault !== EMPTY) unit.requests = null;
    forget(nodes);
  }
  if (extra !== NONE && !readOwnExtra(unit, extra, locks)) {
    const nodes = mark();
    unit.done = null;
    unit.extraFault = readExtra(unit, extra, locks);
    if (unit.extraFault !== EMPTY) unit.done = null;
    if (!unit.hasData) forget(nodes);
  }
}

/** Reads the value that `writeSaved` wrote; answers what is wrong with it, or EMPTY. */
export function readSaved(unit: Unit, text: Slice, locks: Names): Slice {
  const fault = readSavedText(unit, text, locks);
  if (fault !== EMPTY) {
    unit.requests = null;
    unit.done = null;
  }
  return fault;
}

function readSavedText(unit: Unit, text: Slice, locks: Names): Slice {
  if (lengthOf(text) > MAX_VALUE) return bytesOf(TOO_LONG);
  const root = parse(text);
  if (root === NONE) return notJson();
  if (!isObject(root)) return bytesOf(t("expected an object"));
  const requests = field(root, t("requests"));
  if (requests !== NONE) {
    const fault = readIds(unit, requests, t("requests"), locks, false);
    if (fault !== EMPTY) return fault;
  }
  return readExtraObject(unit, root, locks);
}

export function writeRequests(unit: Unit, locks: Names): Slice {
  const out = new Writer();
  writeIds(unit.requests, locks, out);
  return out.slice();
}

export function writeExtra(unit: Unit, locks: Names): Slice {
  const out = new Writer().object();
  writeExtraMembers(unit, locks, out);
  return out.key(t("v")).whole(1).endObject().slice();
}

/** Everything in one value, for state-set, while there is no peer relation. */
export function writeSaved(unit: Unit, locks: Names): Slice {
  const out = new Writer().object();
  writeExtraMembers(unit, locks, out);
  writeIds(unit.requests, locks, out.key(t("requests")));
  return out.key(t("v")).whole(1).endObject().slice();
}

/** `{"restart": "2026-…Z"}`, by lock. */
export function writeIds(list: Entry | null, locks: Names, out: Writer): void {
  const entries = byLock(list, locks);
  out.object();
  for (let i = 0; i < entries.length; i++)
    out.name(locks.at(entries[i].lock)).string(timeText(entries[i].id));
  out.endObject();
}

/** What is wrong with an id, for a person. */
export function badId(where: Word, lock: Slice): Slice {
  const fault = t("{} of {} must be a UTC time such as 2026-11-22 09:52:56.123456Z");
  return fill(fault, bytesOf(where), quoted(lock));
}

export function notJson(): Slice {
  return fill(t("not JSON: {} at byte {}"), bytesOf(faultText()), decimal(faultOffset()));
}

/** The node of a key's value, NONE if it is not there; an empty value is none at all, as in Juju. */
export function rawValue(values: Node, key: Slice): Node {
  return given(member(values, key));
}

function given(node: Node): Node {
  return isString(node) && lengthOf(textOf(node)) === 0 ? NONE : node;
}

/**
 * Nearly every value is one that this library wrote itself, and of the plainest form. Such a one is read as it stands, without nodes:
 * a leader reads thousands. Answers false where it is anything else; what it has taken over by then does not count.
 */
function readOwnRequests(unit: Unit, node: Node, locks: Names): bool {
  const text = plainOf(node);
  const end = addressOf(text) + <usize>lengthOf(text);
  return end !== 0 && readOwnIds(unit, addressOf(text), end, locks, false) === end;
}

function readOwnExtra(unit: Unit, node: Node, locks: Names): bool {
  const text = plainOf(node);
  const from = addressOf(text);
  const end = from + <usize>lengthOf(text);
  // {"done": and , "v": 1 as eight bytes each.
  if (load<u64>(from) !== 0x3a22656e6f64227b || load<u8>(from, 8) !== 0x20) return false;
  const rest = readOwnIds(unit, from + 9, end, locks, true);
  return rest === end - 9 && load<u64>(rest) === 0x31203a227622202c && load<u8>(rest, 8) === 0x7d;
}

/** The text of a value that may be read; else an empty one, at an address where nothing stands. */
function plainOf(node: Node): Slice {
  const text = inline.always(textOf(node));
  return inline.always(kindOf(node)) === STRING && lengthOf(text) <= MAX_VALUE ? text : EMPTY;
}

/**
 * Reads `{"restart": "2026-…Z"}` as `writeIds` writes it, locks in ascending order and without escapes. Answers the address behind
 * it, or 0.
 */
function readOwnIds(unit: Unit, brace: usize, end: usize, locks: Names, isDone: bool): usize {
  let at = brace + 1;
  if (load<u8>(brace) !== 0x7b) return 0;
  if (load<u8>(at) === 0x7d) return at + 1;
  let last: Slice = EMPTY;
  while (true) {
    if (load<u8>(at) !== 0x22) return 0;
    const name = plainText(at + 1);
    const behind = addressOf(name) + <usize>lengthOf(name);
    // Quote, colon, space, quote; an id; a quote and at least a bracket.
    if (behind + 33 > end || load<u32>(behind) !== 0x22203a22 || load<u8>(behind, 31) !== 0x22)
      return 0;
    const id = timeAt(behind + 4);
    if (id === NO_TIME || !inline.always(isLockName(name))) return 0;
    if (lengthOf(last) > 0 && compare(last, name) >= 0) return 0;
    const lock = locks.add(name);
    if (isDone) unit.addDone(lock, id);
    else unit.addRequest(lock, id).committed = true;
    if (load<u8>(behind, 32) === 0x7d) return behind + 33;
    if (load<u16>(behind, 32) !== 0x202c) return 0;
    last = name;
    at = behind + 34;
  }
}

/** What keeps a raw value from being read as a document, or EMPTY and then the document is `read`. */
let read: Node = NONE;

function readDocument(node: Node): Slice {
  read = NONE;
  if (!isString(node)) return bytesOf(t("the raw value must be a string"));
  if (lengthOf(textOf(node)) > MAX_VALUE) return bytesOf(TOO_LONG);
  read = parse(textOf(node));
  return read === NONE ? notJson() : EMPTY;
}

function readRequests(unit: Unit, node: Node, locks: Names): Slice {
  const fault = readDocument(node);
  return fault !== EMPTY ? fault : readIds(unit, read, t("the request"), locks, false);
}

function readExtra(unit: Unit, node: Node, locks: Names): Slice {
  const fault = readDocument(node);
  return fault !== EMPTY ? fault : readExtraObject(unit, read, locks);
}

function readExtraObject(unit: Unit, root: Node, locks: Names): Slice {
  if (!isObject(root)) return bytesOf(t("expected an object"));
  const v = wholeOf(field(root, t("v")));
  if (v === NOT_WHOLE || v < 1) return bytesOf(t("v must be a whole number of at least 1"));
  if (v > 1) {
    unit.isNewer = true;
    return EMPTY;
  }
  const anew = field(root, t("anew"));
  if (anew !== NONE) {
    unit.anew = isString(anew) ? parseTime(textOf(anew)) : NO_TIME;
    if (unit.anew === NO_TIME) return badId(t("time"), bytesOf(t("anew")));
  }
  const done = field(root, t("done"));
  if (done !== NONE) {
    const fault = readIds(unit, done, t("done"), locks, true);
    if (fault !== EMPTY) return fault;
  }
  return readData(unit, field(root, t("data")), locks);
}

/** Reads `{lock: id}` into the unit's requests or its done. Nothing is taken over if any of it is wrong. */
function readIds(unit: Unit, root: Node, where: Word, locks: Names, isDone: bool): Slice {
  if (!isObject(root)) return fill(t("{}: expected an object of ids by lock"), bytesOf(where));
  const stop = nextOf(root);
  for (let key = firstOf(root); key < stop; key = nextKey(key)) {
    const id = isString(valueOf(key)) ? parseTime(textOf(valueOf(key))) : NO_TIME;
    if (id === NO_TIME) return badId(where, textOf(key));
    if (!isLockName(textOf(key))) return fill(t("{}: {}"), bytesOf(where), bytesOf(LOCK_RULE));
    const lock = locks.add(textOf(key));
    if (isDone) unit.addDone(lock, id);
    else unit.addRequest(lock, id).committed = true;
  }
  return EMPTY;
}

function readData(unit: Unit, node: Node, locks: Names): Slice {
  if (node === NONE) return EMPTY;
  if (!isObject(node)) return bytesOf(t("data: expected an object"));
  const stop = nextOf(node);
  for (let key = firstOf(node); key < stop; key = nextKey(key)) {
    if (!isData(valueOf(key)))
      return fill(t("data of {} must be {}"), quoted(textOf(key)), bytesOf(DATA_RULE));
    const request = entryOf(unit.requests, locks.add(textOf(key)));
    if (request !== null) request.data = valueOf(key);
    unit.hasData = true;
  }
  return EMPTY;
}

function writeExtraMembers(unit: Unit, locks: Names, out: Writer): void {
  if (unit.anew !== 0) out.key(t("anew")).string(timeText(unit.anew));
  const entries = byLock(unit.requests, locks);
  let hasData = false;
  for (let i = 0; i < entries.length; i++) {
    if (entries[i].data === NONE) continue;
    if (!hasData) out.key(t("data")).object();
    out.name(locks.at(entries[i].lock)).value(entries[i].data);
    hasData = true;
  }
  if (hasData) out.endObject();
  writeIds(unit.done, locks, out.key(t("done")));
}
