/**
 * The wire of a unit's databag: `coordinator` holds the requests as the old library writes them, `coordinator-v1` what that
 * format cannot hold: `{"data": {…}, "done": {lock: id}, "v": 1}`, with `"anew"`, a time, since it had to be mended. The one place that knows it.
 */
import {
  bitsOf,
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
  nextString,
  OBJECT,
  OWN,
  parse,
  textOf,
  valueOf,
} from "../json/document";
import { faultOffset, faultText } from "../json/lexer";
import { Names } from "../json/names";
import { NOT_WHOLE, wholeOf } from "../json/number";
import { EMPTY, lengthOf, Slice } from "../json/slice";
import { decimal, fill, quoted } from "../json/text";
import { NO_TIME, parseTime } from "../json/time";
import { bytesOf, t, Word } from "../json/word";
import { Writer } from "../json/writer";
import { Keys } from "./keys";
import { textOfOwn } from "./own-form";
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
    writeRequests(unit, locks, new Writer()).length <= MAX_VALUE / 2 &&
    writeExtra(unit, locks, new Writer()).length <= MAX_VALUE / 2
  );
}

/** How many bytes more may be written for what this unit has not asked for itself; so much is kept for what it will ask for. */
export function roomOf(unit: Unit, locks: Names): i32 {
  const taken = writeExtra(unit, locks, writeRequests(unit, locks, new Writer())).length;
  return MAX_VALUE / 2 - MAX_DATA - taken;
}

/** What an id takes at the most, whatever the lock's name is made of. */
export function sizeOf(lockName: Slice): i32 {
  return 6 * lengthOf(lockName) + 48;
}

/** Reads a unit's databag; what is wrong with it is noted on the unit. */
export function readDatabag(unit: Unit, databag: Node, keys: Keys, locks: Names): void {
  unit.read = true;
  if (kindOf(databag) === OBJECT) return readValues(unit, databag, keys, locks);
  if (keys.areUsual) return takeOwn(unit, databag, locks);
  const nodes = mark();
  readValues(unit, parse(textOfOwn(databag)), keys, locks);
  if (!unit.hasData) forget(nodes);
}

/** Takes over a databag whose nodes `OwnForm` has made. */
function takeOwn(unit: Unit, databag: Node, locks: Names): void {
  const stop = nextOf(databag);
  let item = firstOf(databag);
  while (item < stop) {
    const lock = locks.add(inline.always(textOf(item)));
    const id = bitsOf(nextString(item));
    if (inline.always(isString(item))) unit.addRequest(lock, id).committed = true;
    else unit.addDone(lock, id);
    item = nextString(nextString(item));
  }
  unit.hasV1 = kindOf(databag) === OWN;
  unit.isOld = !unit.hasV1;
}

function readValues(unit: Unit, values: Node, keys: Keys, locks: Names): void {
  const nodes = mark();
  const requests = rawValue(values, keys.plain);
  const extra = rawValue(values, keys.extra);
  unit.hasV1 = extra !== NONE;
  unit.isOld = requests !== NONE && extra === NONE;
  if (requests !== NONE) {
    unit.requestsFault = readRequests(unit, requests, locks);
    if (unit.requestsFault !== EMPTY) unit.requests = null;
  }
  if (extra !== NONE) {
    unit.extraFault = readExtra(unit, extra, locks);
    if (unit.extraFault !== EMPTY) unit.done = null;
  }
  if (!unit.hasData) forget(nodes);
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

export function writeRequests(unit: Unit, locks: Names, out: Writer): Writer {
  return writeIds(unit.requests, locks, out);
}

export function writeExtra(unit: Unit, locks: Names, out: Writer): Writer {
  writeExtraMembers(unit, locks, out.object());
  return out.key(t("v")).whole(1).endObject();
}

/** Everything in one value, for state-set, while there is no peer relation. */
export function writeSaved(unit: Unit, locks: Names, out: Writer): Writer {
  writeExtraMembers(unit, locks, out.object());
  writeIds(unit.requests, locks, out.key(t("requests")));
  return out.key(t("v")).whole(1).endObject();
}

/** `{"restart": "2026-…Z"}`, by lock. */
export function writeIds(list: Entry | null, locks: Names, out: Writer): Writer {
  const entries = byLock(list, locks);
  out.object();
  for (let i = 0; i < entries.length; i++) out.name(locks.at(entries[i].lock)).time(entries[i].id);
  return out.endObject();
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
  const node = member(values, key);
  return isString(node) && lengthOf(textOf(node)) === 0 ? NONE : node;
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
  if (unit.anew !== 0) out.key(t("anew")).time(unit.anew);
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
