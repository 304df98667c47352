/**
 * Whether a hook has nothing to decide, so that the core need not be asked, nor compiled.
 *
 * Compiling the core takes longer than everything else in such a hook. The answer must be the core's own: only what it would answer with
 * nothing at all is recognised here, in the very form in which the core writes it. Whatever else is found, be it unusual,
 * unreadable or new, is left to the core.
 *
 * @module
 */

import { isObject } from "./contract.js";
import type { ContextKind, Store, Values } from "./host.js";

/** Of the fields of `start`, as `host/abi.md` has them, those that are looked at here. */
export interface Snapshot {
  readonly unit: string;
  readonly context: ContextKind;
  readonly hook: string;
  readonly leader: boolean;
  readonly store: Store;
  readonly relation: boolean;
  readonly databags: Readonly<Record<string, Values>>;
  readonly settings: Values;
  readonly saved?: string;
  readonly flags: readonly string[];
  readonly key: string;
}

type Json = Readonly<Record<string, unknown>>;

/** In these, and in relation-created, the core looks for requests that were saved without a relation. */
const FIRST_HOOKS = new Set(["start", "config-changed", "upgrade-charm", "leader-elected"]);

const MOST_VALUE = 65_536;
const MOST_LOCK = 256;
/** Greater numbers are left to the core. */
const MOST_DIGITS = 15;

// A day that every year has; what the core thinks of others need not be known here.
const DAY =
  "(?:(?:0[1-9]|1[0-2])-(?:0[1-9]|1\\d|2[0-8])|(?:0[13-9]|1[0-2])-(?:29|30)|(?:0[13578]|1[02])-31)";
const TIME = new RegExp(`^(?!0000)\\d{4}-${DAY} (?:[01]\\d|2[0-3]):[0-5]\\d:[0-5]\\d\\.\\d{6}Z$`);

/**
 * Whether the core would answer this `start`, and `end` after it, with nothing at all: this unit does not lead, has no flag set and no
 * request, its data and the grants are as the core writes them, and it has done with each grant that names it.
 */
export function isQuiet(snapshot: Snapshot): boolean {
  if (snapshot.leader || snapshot.flags.length > 0) return false;
  const done = ownDone(snapshot);
  return done !== null && areGrantsQuiet(snapshot, done);
}

/** What the unit has done, by lock; null where there is more to its own data. */
function ownDone({ unit, relation, databags, saved, key, ...where }: Snapshot): Json | null {
  const own = databags[unit] ?? {};
  if (!relation) return Object.keys(own).length === 0 && saved === "" ? {} : null;
  const [requests = "", extra = ""] = [own[key], own[`${key}-v1`]];
  if (!["", "{}"].includes(requests) || extra.length > MOST_VALUE) return null;
  if (extra === "") return mayHaveSaved(where) ? null : {};
  const document = read(extra);
  const isDone =
    document !== null &&
    hasKeys(document, ["done", "v"]) &&
    Object.keys(document).length === 2 &&
    document.v === 1 &&
    areIds(document.done) &&
    Object.keys(document.done as Json).every(({ length }) => length > 0 && length <= MOST_LOCK);
  return isDone ? (document.done as Json) : null;
}

function mayHaveSaved({ context, hook }: Pick<Snapshot, "context" | "hook">): boolean {
  return context === "hook" && (FIRST_HOOKS.has(hook) || hook.endsWith("-relation-created"));
}

function areGrantsQuiet({ unit, store, settings, key }: Snapshot, done: Json): boolean {
  let document: Json | null;
  let grants: unknown;
  if (store === "application") {
    const reign = greatestReign(settings, key);
    if (reign === null) return false;
    if (reign === "") return true;
    document = read(settings[reign]!);
    if (document === null || typeof document.writer !== "string") return false;
    grants = document.grants === undefined ? {} : document.grants;
  } else {
    grants = read(settings[key] || "{}");
    document = read(settings[`${key}-v1`] || '{"v": 1}');
  }
  if (!areIdsByUnit(grants) || document === null) return false;
  const own = Object.hasOwn(grants, unit) ? (grants[unit] as Json) : {};
  // Ids are times of one length, and so are compared as texts.
  const isOver = Object.entries(own).every(([lock, id]) => {
    return Object.hasOwn(done, lock) && (done[lock] as string) >= (id as string);
  });
  return isOver && isDocument(document, store === "application");
}

/** The key of the greatest reign's document; `""` if there is none, null if that is left to the core. */
function greatestReign(settings: Values, key: string): string | null {
  let greatest = 0;
  for (const [name, value] of Object.entries(settings)) {
    const number = name.startsWith(`${key}-r`) ? name.slice(key.length + 2) : "";
    if (value === "" || !/^[1-9]\d*$/.test(number)) continue;
    if (number.length > MOST_DIGITS) return null;
    greatest = Math.max(greatest, Number(number));
  }
  return greatest === 0 ? "" : `${key}-r${greatest}`;
}

const OF_SETTINGS = ["generation", "marks", "order", "policy", "released", "v"];
const OF_REIGN = [...OF_SETTINGS, "grants", "writer"];

/** The leader's document. */
function isDocument(document: Json, isReign: boolean): boolean {
  const { v, generation = 0, marks = {}, order = [], policy = {}, released = {} } = document;
  return (
    hasKeys(document, isReign ? OF_REIGN : OF_SETTINGS) &&
    v === 1 &&
    Number.isInteger(generation) &&
    (generation as number) >= 0 &&
    (generation as number) < 10 ** MOST_DIGITS &&
    areIdsByUnit(marks) &&
    areIdsByUnit(released) &&
    isOrder(order) &&
    isObject(policy) &&
    Object.values(policy).every((value) => typeof value === "string")
  );
}

function isOrder(order: unknown): boolean {
  return (
    Array.isArray(order) &&
    order.every(
      (item) =>
        Array.isArray(item) && item.length === 3 && item.every((text) => typeof text === "string"),
    )
  );
}

function areIdsByUnit(value: unknown): value is Json {
  return isObject(value) && Object.values(value).every(areIds);
}

function areIds(value: unknown): boolean {
  return isObject(value) && Object.values(value).every((id) => typeof id === "string" && isId(id));
}

/** Whether a text is a request's id; of those that are, a leap day is left to the core. */
function isId(text: string): boolean {
  return TIME.test(text);
}

/** Whether an object has no other members than these. */
function hasKeys(value: Json, known: readonly string[]): boolean {
  return Object.keys(value).every((key) => known.includes(key));
}

/**
 * An object as the core writes it, or null. It is written anew and compared: so nothing in it can be there twice, or mean something that
 * another reader would take differently.
 */
function read(text: string): Json | null {
  // What JSON writes in escapes may be no text, and then the core says so.
  if (!/^[ -[\]-~]*$/.test(text)) return null;
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) && write(value) === text ? value : null;
  } catch {
    return null;
  }
}

/** Python's `json.dumps(value, sort_keys=True)` of what may be in such an object. */
function write(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(write).join(", ")}]`;
  if (!isObject(value)) return JSON.stringify(value);
  const members = Object.keys(value)
    .sort()
    .map((key) => `${JSON.stringify(key)}: ${write(value[key])}`);
  return `{${members.join(", ")}}`;
}
