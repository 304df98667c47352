/**
 * The texts that units and leaders write, read and written a second time: databags and the two documents of grants. Only what a
 * core wrote is read here; of data that somebody has damaged the reference says nothing.
 *
 * @module
 */

import {
  compare,
  compareBytes,
  type Grant,
  type Ledger,
  type Request,
  type Unit,
} from "./decision.js";
import { Uncovered } from "./policy.js";
import type { Releases } from "./releases.js";

type Values = Readonly<Record<string, string>>;
type Ids = Readonly<Record<string, string>>;

/** The leader's document. */
export interface Document {
  readonly generation: number;
  readonly grants: Readonly<Record<string, Ids>>;
  readonly marks: Readonly<Record<string, Ids>>;
  readonly order: readonly (readonly [string, string, string])[];
  /** By lock, then by unit; null where nobody looked at releases. */
  readonly released: Readonly<Record<string, Ids>> | null;
  /** Application databag: the reign, 0 if there is none, whose it is, and the keys of older ones. */
  readonly reign: number;
  readonly writer: string;
  readonly past: readonly string[];
}

const id = /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{6}Z$/;
const none = {
  ...{ generation: 0, grants: {}, marks: {}, order: [], released: null },
  ...{ reign: 0, writer: "", past: [] },
};

/** How many waiting requests keep their place in writing. */
const mostOrder = 100;

function parse(text: string | undefined): Record<string, unknown> | null {
  if (text === undefined || text === "") return null;
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === "object" && value !== null && !Array.isArray(value)) {
      return value as Record<string, unknown>;
    }
  } catch {}
  throw new Uncovered("data that cannot be read");
}

function idsOf(value: unknown = {}): Ids {
  const isIds =
    typeof value === "object" &&
    value !== null &&
    Object.values(value).every((text) => typeof text === "string" && id.test(text));
  if (!isIds) throw new Uncovered("ids that are none");
  return value as Ids;
}

/** Takes over a unit's databag. */
export function readDatabag(unit: Unit, values: Values, key: string): void {
  const requests = parse(values[key]);
  const extra = parse(values[`${key}-v1`]);
  if (extra !== null && extra.v !== 1) throw new Uncovered("another version");
  unit.isReadable = true;
  unit.hasDone = extra !== null;
  const all = extra?.data as Readonly<Record<string, Request["data"]>> | undefined;
  for (const [lock, id] of Object.entries(idsOf(requests ?? {}))) {
    const data = all?.[lock];
    unit.requests.set(lock, { unit, lock, id, data, arrival: Number.POSITIVE_INFINITY });
  }
  for (const [lock, id] of Object.entries(idsOf(extra?.done))) unit.done.set(lock, id);
}

export function readSettings(values: Values, key: string): Document {
  const grants = (parse(values[key]) ?? {}) as Document["grants"];
  const extra = parse(values[`${key}-v1`]) as Partial<Document> | null;
  if (extra !== null && (extra as { v?: unknown }).v !== 1) throw new Uncovered("another version");
  return { ...none, ...extra, grants };
}

export function readApplication(values: Values, key: string): Document {
  const reigns = Object.keys(values).flatMap((name) => {
    const [, number] = new RegExp(`^${key}-r([1-9]\\d*)$`).exec(name) ?? [];
    return number === undefined || values[name] === "" ? [] : [Number(number)];
  });
  const reign = Math.max(0, ...reigns);
  const document = parse(values[`${key}-r${reign}`]) as Partial<Document> | null;
  if (document !== null && (document as { v?: unknown }).v !== 1)
    throw new Uncovered("another version");
  if (document !== null && typeof document.writer !== "string") throw new Uncovered("no writer");
  const past = reigns.filter((one) => one !== reign).map((one) => `${key}-r${one}`);
  return { ...none, ...document, reign, past };
}

/** Puts a document's grants, its order of arrival and its releases where they belong. */
export function load(
  { grants, marks, order, released }: Document,
  { units }: Ledger,
  releases: Releases,
  unitOf: (name: string) => Unit,
): void {
  for (const [lock, times] of Object.entries(released ?? {})) {
    for (const [unit, time] of Object.entries(idsOf(times))) releases.add(unit, lock, time);
  }
  for (const [name, ids] of Object.entries(grants)) {
    const unit = unitOf(name);
    for (const [lock, id] of Object.entries(idsOf(ids))) {
      const isMarked = marks[name]?.[lock] === id;
      unit.grants.set(lock, { unit, lock, id, isMarked });
    }
  }
  for (const [place, [name, lock, id]] of order.entries()) {
    const request = units.get(name)?.requests.get(lock);
    if (request?.id === id) request.arrival = place;
  }
}

/** What has decided, and the releases that it wants to be told of. */
interface Deciding {
  readonly name: string;
  readonly releases: Releases;
}

function restOf({ name, releases }: Deciding) {
  const { document } = releases;
  return { policy: { name }, ...(document === undefined ? {} : { released: document }), v: 1 };
}

/** What leader-set is given. */
export function writeSettings(
  document: Document,
  { units }: Ledger,
  waiting: readonly Request[],
  policy: Deciding,
  key: string,
): Values {
  const marks = grantsOf(units.values(), ({ isMarked }) => isMarked);
  const extra = {
    ...{ generation: document.generation + 1, marks, order: orderOf(waiting) },
    ...restOf(policy),
  };
  return {
    [key]: print(grantsOf(units.values(), () => true)),
    [`${key}-v1`]: print(extra),
  };
}

/** What relation-set --app is given: this reign's document, and those before it deleted. */
export function writeApplication(
  document: Document,
  { units, self }: Ledger,
  waiting: readonly Request[],
  policy: Deciding,
  key: string,
): Values {
  const isOwn = document.reign > 0 && document.writer === self.name;
  const grants = grantsOf(units.values(), () => true);
  const content = {
    ...{ generation: document.generation + 1, grants, order: orderOf(waiting) },
    ...restOf(policy),
    writer: self.name,
  };
  const past = isOwn || document.reign === 0 ? [] : [`${key}-r${document.reign}`];
  return {
    [`${key}-r${document.reign + (isOwn ? 0 : 1)}`]: print(content),
    ...Object.fromEntries([...document.past, ...past].map((old) => [old, ""])),
  };
}

function grantsOf(units: Iterable<Unit>, wants: (grant: Grant) => boolean): Record<string, Ids> {
  const all: [string, Ids][] = [];
  for (const { name, grants } of units) {
    if (grants.size === 0) continue;
    const wanted = [...grants.values()].filter(wants);
    const ids = wanted
      .sort((a, b) => compareBytes(a.lock, b.lock))
      .map(({ lock, id }) => [lock, id]);
    if (ids.length > 0) all.push([name, Object.fromEntries(ids)]);
  }
  return Object.fromEntries(all.sort(([a], [b]) => compare(a, b)));
}

const orderOf = (waiting: readonly Request[]): string[][] =>
  waiting.slice(0, mostOrder).map(({ unit, lock, id }) => [unit.name, lock, id]);

/** As Python's json.dumps writes it: a space behind colons and commas, and ASCII only. */
export function print(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(print).join(", ")}]`;
  if (typeof value === "object" && value !== null) {
    const members = Object.entries(value).map(([key, item]) => `${print(key)}: ${print(item)}`);
    return `{${members.join(", ")}}`;
  }
  return JSON.stringify(value).replace(
    /[\u007f-\uffff]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
