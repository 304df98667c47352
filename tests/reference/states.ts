/**
 * States of an application drawn by chance: what a leader reads in one hook, and what its host would answer.
 *
 * @module
 */

import fc from "fast-check";
import type { Answers } from "./hook.js";
import { print } from "./wire.js";

export const bytes = (input: unknown): Uint8Array => Buffer.from(JSON.stringify(input));

export const idOf = (second: number): string =>
  `2026-11-22 09:00:${String(second).padStart(2, "0")}.000000Z`;

/** The `start` of a leader, `app/0`. */
export const leader = (databags: object, more: object = {}) => ({
  ...{ op: "start", unit: "app/0", context: "hook", hook: "update-status", leader: true, age: 1 },
  ...{ store: "settings", relation: true, databags, settings: {}, policy: "serial", now: noon },
  members: Object.keys(databags).filter((name) => name !== "app/0"),
  ...more,
});

/** A Sunday. */
const noon = "2026-11-22 12:00:00.000000Z";
export const end = { op: "end", now: noon, age: 2 };

const units = ["app/0", "app/1", "app/2", "app/10", "app/3"];
const locks = ["restart", "Migrate", "é", "\ufffd", "😀"];
const seconds = fc.integer({ min: 0, max: 12 });
const ids = fc.dictionary(fc.constantFrom(...locks), seconds.map(idOf), { maxKeys: 3 });

/** What goes with requests, by lock. */
const data = fc.dictionary(
  fc.constantFrom(...locks),
  fc.record(
    {
      zone: fc.constantFrom("a", "b", "", 3),
      priority: fc.constantFrom(1, -2, 0.5, 1e21, 2e-7, 0, "5"),
    },
    { requiredKeys: [] },
  ),
  { maxKeys: 4 },
);

/** A unit's databag: of this library, of the old one, or empty. */
const databag = fc.oneof(
  { weight: 6, arbitrary: fc.record({ requests: ids, done: ids, data }) },
  { weight: 2, arbitrary: fc.record({ requests: ids }) },
  { weight: 1, arbitrary: fc.constant({}) },
);

const written = (value: { requests?: object; done?: object; data?: object }) => {
  const { requests, done, data = {} } = value;
  return {
    ...(requests === undefined ? {} : { coordinator: print(requests) }),
    ...(done === undefined ? {} : { "coordinator-v1": print({ data, done, v: 1 }) }),
  };
};

const someUnits = fc.subarray(units, { minLength: 1 });
const someLocks = fc.subarray(locks, { minLength: 1 });
const clock = fc.constantFrom("00:00", "01:30", "09:00", "12:00", "12:01", "23:59");
const days = fc.subarray(["sat", "sun", "mon"], { minLength: 1 });

/** Rules that count who holds. */
const counting = fc.oneof(
  fc.constantFrom("simple", "serial", "pause", "parallel:2", "parallel:50%", "parallel:N/2-1"),
  fc.constantFrom("available:2", "available:60%", "available:N-1"),
  fc.record({ rule: fc.constant("serial"), locks: someLocks }),
  fc.record({ rule: fc.constant("parallel"), max: fc.integer({ min: 1, max: 3 }) }),
);

/** Rules that look at something else. */
const looking = fc.oneof(
  fc.constantFrom("zones", "gate:go", "halt:1", "halt:2", "cooldown:60", "cooldown:3600"),
  fc.record({ rule: fc.constant("zones"), locks: someLocks }),
  fc.record(
    {
      rule: fc.constant("window"),
      from: clock,
      to: clock,
      days,
      offset: fc.constantFrom("+00:00", "-02:00", "+13:45"),
    },
    { requiredKeys: ["rule", "from", "to"] },
  ),
  fc
    .record(
      {
        rule: fc.constant("order"),
        locks: someLocks,
        first: someUnits,
        leader: fc.constantFrom("first", "last"),
        priority: fc.constant("priority"),
      },
      { requiredKeys: ["rule"] },
    )
    .filter(({ first, leader, priority }) => (first ?? leader ?? priority) !== undefined),
  fc.record(
    {
      rule: fc.constant("canary"),
      units: fc.subarray(["app/1", "app/2", "app/9"], { minLength: 1 }),
      seconds: fc.constantFrom(0, 60, 7200),
      within: fc.constantFrom(0, 5, 3600),
    },
    { requiredKeys: ["rule", "units"] },
  ),
  fc.record({
    rule: fc.constant("halt"),
    failed: fc.constantFrom(1, 2),
    status: fc.constant(["blocked"]),
  }),
);

const rule: fc.Arbitrary<unknown> = fc.oneof(counting, looking);
const policy = fc.oneof(
  rule,
  fc.array(rule, { minLength: 1, maxLength: 3 }),
  fc.record({ rules: rule, limit: fc.integer({ min: 1, max: 3 }) }),
);

const table = fc.dictionary(fc.constantFrom(...units), ids, { maxKeys: 3 });
const order = fc.array(
  fc.tuple(fc.constantFrom(...units), fc.constantFrom(...locks), seconds.map(idOf)),
  { maxLength: 4 },
);

const times = fc.constantFrom(
  ...[idOf(0), idOf(6), "2026-11-22 11:58:59.999999Z", "2026-11-22 11:59:00.000000Z"],
  ...["2026-11-22 11:59:59.000000Z", "2027-01-01 00:00:00.000000Z"],
);
const releases = fc.dictionary(
  fc.constantFrom(...locks),
  fc.dictionary(fc.constantFrom(...units, "app/77"), times, { maxKeys: 3 }),
  { maxKeys: 3 },
);

const statuses = fc.constantFrom("active", "active", "error", "blocked", "dying");

export const state = fc.record({
  databags: fc.tuple(...units.map(() => databag)),
  members: fc.integer({ min: 1, max: units.length }),
  ...{ grants: table, marks: table, order, policy },
  released: fc.option(releases, { nil: undefined }),
  store: fc.constantFrom("settings", "application"),
  reign: fc.integer({ min: 0, max: 2 }),
  writer: fc.constantFrom("app/0", "app/1"),
  remote: fc.constantFrom(null, "app/1", "app/2"),
  departing: fc.constantFrom(null, null, "app/1"),
  asksOwn: fc.boolean(),
  holdsOwn: fc.boolean(),
  now: fc.constantFrom(noon, noon, "2026-11-22 09:00:06.000000Z", "2026-11-23 01:30:00.000000Z"),
  statuses: fc.tuple(...units.map(() => statuses)),
  hasStatuses: fc.boolean(),
  option: fc.constantFrom(undefined, null, true, false, 0, 2, "", "Off", "blue"),
});

export type State = typeof state extends fc.Arbitrary<infer Value> ? Value : never;

/**
 * What the core and the reference are given. In leader settings the leader, `app/0`, holds all it asks for, or asks for nothing: else the
 * core would publish. On the application databag it may wait with the others.
 */
export function inputsOf(drawn: State): Uint8Array[] {
  const { store, reign, writer, marks, order, released, now } = drawn;
  const members = units.slice(1, drawn.members);
  const databags = Object.fromEntries(
    members.map((unit, at) => [unit, written(drawn.databags[at + 1]!)]),
  );
  const ours = drawn.databags[0]!;
  const own = "requests" in ours && drawn.asksOwn ? ours.requests : {};
  const data = "data" in ours ? (ours.data as object) : {};
  databags["app/0"] = written({ requests: own, done: {}, data });
  const grants: Record<string, object> = Object.fromEntries(
    Object.entries(drawn.grants).filter(([unit]) => members.includes(unit)),
  );
  const holdsOwn = drawn.holdsOwn || store === "settings";
  if (holdsOwn && Object.keys(own).length > 0) grants["app/0"] = own;
  const known = released === undefined ? {} : { released };
  const rest = { generation: 3, marks, order, policy: { name: "serial" }, ...known, v: 1 };
  const settings =
    store === "settings"
      ? { coordinator: print(grants), "coordinator-v1": print(rest) }
      : reign === 0
        ? {}
        : { [`coordinator-r${reign}`]: print({ ...rest, grants, writer }), "coordinator-r9x": "{" };
  const more = { members, store, settings, policy: drawn.policy, now };
  const hook = { remote_unit: drawn.remote, departing_unit: drawn.departing };
  return [leader(databags, { ...more, ...hook }), { ...end, now }].map(bytes);
}

/** What the host would answer. */
export function answersOf({ statuses, hasStatuses, option }: State): Answers {
  const planned = Object.fromEntries(units.map((unit, at) => [unit, statuses[at]!]));
  return {
    ...(hasStatuses ? { planned } : {}),
    ...(option === undefined ? {} : { config: { go: option } }),
  };
}
