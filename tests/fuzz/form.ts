/**
 * The shortcut for databags in the form in which this library writes them, beside the reader of all JSON: the same databag must come to
 * the same, whichever reads it. A space before it is what keeps it from the shortcut.
 *
 * @module
 */

import { deepEqual } from "node:assert/strict";
import fc from "fast-check";
import { damage, damaged } from "./grammar.js";
import { Guest } from "./guest.js";

const now = "2026-11-22 10:00:00.000000Z";

/** Times, nearly all of which are one. */
const times = fc.oneof(
  {
    weight: 12,
    arbitrary: fc
      .integer({ min: 0, max: 59 })
      .map((second) => `2026-11-22 09:00:${String(second).padStart(2, "0")}.000000Z`),
  },
  fc.constantFrom("2026-02-29 09:00:00.000000Z", "2026-11-22 24:00:00.000000Z", "", "soon"),
);

const locks = fc.oneof(
  { weight: 12, arbitrary: fc.constantFrom("migrate", "restart", "x", "zone a") },
  fc.constantFrom("", "é", 'a"b', "a\\b", "y".repeat(256), "y".repeat(257)),
);

/** As Python and this library write an object of ids, in any order, and perhaps with a lock twice. */
const ids = fc.oneof(
  {
    weight: 8,
    arbitrary: fc
      .array(fc.tuple(locks, times), { maxLength: 3 })
      .chain((some) => fc.constantFrom(some, [...some].sort(byLock)))
      .map(written),
  },
  // As many as the shortcut has room for, and more.
  fc.integer({ min: 60, max: 70 }).map(manyIds),
);

function byLock([a]: readonly [string, string], [b]: readonly [string, string]): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

/** So many ids, of as many locks. */
export function manyIds(count: number): string {
  const numbers = Array.from({ length: count }, (_, number) => String(number).padStart(3, "0"));
  return written(numbers.map((number) => [`lock-${number}`, now]));
}

function written(entries: readonly (readonly [string, string])[]): string {
  const members = entries.map(([lock, id]) => `${JSON.stringify(lock)}: ${JSON.stringify(id)}`);
  return `{${members.join(", ")}}`;
}

const details = fc.oneof(
  { weight: 8, arbitrary: ids.map((done) => `{"done": ${done}, "v": 1}`) },
  ids.map((done) => `{"data": {}, "done": ${done}, "v": 1}`),
  ids.map((done) => `{"done": ${done}, "v": 2}`),
);

/** The members of a databag, as bindings write them. */
const databags = fc
  .tuple(ids, details, fc.constantFrom("", "", "", "coordinator-v1", "coordinator", "other"))
  .map(([requests, extra, missing]) => {
    const values: Record<string, string> = { coordinator: requests, "coordinator-v1": extra };
    if (missing === "other") values["ingress-address"] = "10.0.0.7";
    else delete values[missing];
    return JSON.stringify(values);
  });

interface Case {
  readonly key: string;
  readonly bags: readonly string[];
  /** What is granted to them. */
  readonly grants: string;
  /** What befalls the last of them. */
  readonly odd: Parameters<typeof damaged>[1];
}

const cases: fc.Arbitrary<Case> = fc.record({
  key: fc.constantFrom("coordinator", "coordinator", "coordinator", "coordinator-v1", "mine"),
  bags: fc.array(databags, { minLength: 1, maxLength: 4 }),
  odd: damage,
  grants: fc.constantFrom(
    "",
    `{"app/1": {"restart": "2026-11-22 09:00:30.000000Z"}}`,
    `{"app/0": {"x": "2026-11-22 09:00:30.000000Z"}, "app/2": {"x": "2026-11-22 09:00:30.000000Z"}}`,
  ),
});

/** `start`, with the databag of the last unit last of all. */
function startOf({ key, bags, odd, grants }: Case, before: string): Buffer {
  const units = bags.map((_, number) => `app/${number}`);
  const rest = JSON.stringify({
    ...{ op: "start", unit: "app/0", now, context: "hook", hook: "update-status", age: 1 },
    ...{ leader: true, store: "settings", relation: true, policy: "parallel:2" },
    ...{ key, members: units.slice(1), remote_unit: units.at(-1), settings: { [key]: grants } },
  });
  const members = units.slice(0, -1).map((unit, number) => `"${unit}":${before}${bags[number]}`);
  const head = `${rest.slice(0, -1)},"databags":{${[...members, `"${units.at(-1)}":${before}`].join(",")}`;
  return Buffer.concat([Buffer.from(head), damaged(bags.at(-1)!, odd), Buffer.from("}}")]);
}

/** What the core answers; of an error not the place, which moves with the spaces. */
function answersTo(one: Case, before: string): unknown[] {
  const guest = new Guest();
  const operations = [
    { op: "status" },
    { op: "acquire", lock: "own" },
    { op: "answer", what: "publish", result: true },
    { op: "end" },
  ];
  const inputs = [
    startOf(one, before),
    ...operations.map((operation) => Buffer.from(JSON.stringify({ ...operation, now, age: 2 }))),
  ];
  return inputs.map((input) => {
    const answer = guest.call(input);
    return "error" in answer ? { ...answer.error, path: "" } : answer;
  });
}

/** @throws AssertionError where the two readers differ. */
export function checkForm(one: Case): void {
  deepEqual(answersTo(one, ""), answersTo(one, " "));
}

/** The two readers of a databag agree, whatever is in it. */
export const formProperty = (): fc.IProperty<[Case]> => fc.property(cases, checkForm);
