import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import fc from "fast-check";
import { freshCore } from "../../bindings/typescript/core.js";
import { decideAsLeader } from "./hook.js";
import { Uncovered } from "./policy.js";
import { print } from "./wire.js";

interface Answer {
  readonly ok: {
    readonly effects: readonly { do: string }[];
    readonly released: readonly string[];
    readonly grants: readonly object[];
  };
}

/** What the core answers to `end`, as far as it is the leader's decision; null where it has found damaged data in `start`. */
function ofCore(inputs: readonly Uint8Array[]): object | null {
  const core = freshCore();
  const [begun, ended] = inputs.map((input) => Buffer.from(core.call(input)).toString());
  if (!begun!.includes('"problems": []')) return null;
  assert.match(ended!, /^\{"ok"/, "nothing is asked");
  const { effects, released, grants } = (JSON.parse(ended!) as Answer).ok;
  const written = effects.filter(
    (effect) => effect.do === "settings" || effect.do === "application",
  );
  return { effects: written, released: [...released].sort(), grants };
}

function ofReference(inputs: readonly Uint8Array[]): object {
  const answer = JSON.parse(Buffer.from(decideAsLeader(inputs)).toString()) as Answer;
  return { ...answer.ok, released: [...answer.ok.released].sort() };
}

/** Whether the two could be compared. @throws AssertionError if they differ. */
function agree(inputs: readonly Uint8Array[], which?: string): boolean {
  let decided: object;
  try {
    decided = ofReference(inputs);
  } catch (problem) {
    if (problem instanceof Uncovered) return false;
    throw problem;
  }
  const core = ofCore(inputs);
  if (core !== null) assert.deepEqual(core, decided, which);
  return core !== null;
}

const bytes = (input: unknown): Uint8Array => Buffer.from(JSON.stringify(input));
const now = "2026-11-22 12:00:00.000000Z";
const idOf = (second: number): string =>
  `2026-11-22 09:00:${String(second).padStart(2, "0")}.000000Z`;

const leader = (databags: object, more: object = {}) => ({
  ...{ op: "start", unit: "app/0", context: "hook", hook: "update-status", leader: true, age: 1 },
  ...{ store: "settings", relation: true, databags, settings: {}, policy: "serial", now },
  members: Object.keys(databags).filter((name) => name !== "app/0"),
  ...more,
});
const end = { op: "end", now, age: 2 };

test("of two units that wait, both grant to the one that asked first, with the same bytes", () => {
  const databag = (second: number) => ({
    coordinator: `{"restart": "${idOf(second)}"}`,
    "coordinator-v1": '{"done": {}, "v": 1}',
  });
  const start = leader({ "app/0": {}, "app/1": databag(7), "app/2": databag(5) });
  const inputs = [start, end].map(bytes);
  const decided = ofReference(inputs);
  assert.deepEqual((decided as Answer["ok"]).grants, [{ unit: "app/2", lock: "restart" }]);
  assert.deepEqual(decided, ofCore(inputs));
});

test("the core decides as the reference does in every vector in which a leader decides", () => {
  const folder = new URL("../../../../tests/conformance/vectors/", import.meta.url);
  let held = 0;
  for (const file of readdirSync(folder)) {
    const vectors = JSON.parse(readFileSync(new URL(file, folder), "utf8")) as {
      name: string;
      steps: { in?: { op: string } }[];
    }[];
    for (const { name, steps } of vectors) {
      const inputs = steps.slice(0, 2).map((step) => step.in);
      if (inputs[0]?.op !== "start" || inputs[1]?.op !== "end") continue;
      if (agree(inputs.map(bytes), `${file}: ${name}`)) held++;
    }
  }
  assert.ok(held > 20, `only ${held} vectors were compared`);
});

// ---- states drawn by chance

const units = ["app/0", "app/1", "app/2", "app/10", "app/3"];
const locks = ["restart", "Migrate", "é", "\ufffd", "😀"];
const ids = fc.dictionary(fc.constantFrom(...locks), fc.integer({ min: 0, max: 12 }).map(idOf), {
  maxKeys: 3,
});

/** A unit's databag: of this library, of the old one, or empty. */
const databag = fc.oneof(
  { weight: 6, arbitrary: fc.record({ requests: ids, done: ids }) },
  { weight: 2, arbitrary: fc.record({ requests: ids }) },
  { weight: 1, arbitrary: fc.constant({}) },
);

const written = (value: { requests?: object; done?: object }) => ({
  ...(value.requests === undefined ? {} : { coordinator: print(value.requests) }),
  ...(value.done === undefined ? {} : { "coordinator-v1": print({ done: value.done, v: 1 }) }),
});

const rule = fc.oneof(
  fc.constantFrom("simple", "serial", "pause", "parallel:2", "parallel:50%", "parallel:N/2-1"),
  fc.constantFrom("available:2", "available:60%", "available:N-1"),
  fc.record({ rule: fc.constant("serial"), locks: fc.subarray(locks, { minLength: 1 }) }),
  fc.record({ rule: fc.constant("parallel"), max: fc.integer({ min: 1, max: 3 }) }),
);
const policy = fc.oneof(
  rule,
  fc.array(rule, { minLength: 1, maxLength: 3 }),
  fc.record({ rules: rule, limit: fc.integer({ min: 1, max: 3 }) }),
);

const table = fc.dictionary(fc.constantFrom(...units), ids, { maxKeys: 3 });
const order = fc.array(
  fc.tuple(
    fc.constantFrom(...units),
    fc.constantFrom(...locks),
    fc.integer({ min: 0, max: 12 }).map(idOf),
  ),
  { maxLength: 4 },
);

const state = fc.record({
  databags: fc.tuple(...units.map(() => databag)),
  members: fc.integer({ min: 1, max: units.length }),
  ...{ grants: table, marks: table, order, policy },
  store: fc.constantFrom("settings", "application"),
  reign: fc.integer({ min: 0, max: 2 }),
  writer: fc.constantFrom("app/0", "app/1"),
  remote: fc.constantFrom(null, "app/1", "app/2"),
  departing: fc.constantFrom(null, null, "app/1"),
  holdsOwn: fc.boolean(),
});

type State = typeof state extends fc.Arbitrary<infer Value> ? Value : never;

/** What the core and the reference are given; the leader, `app/0`, holds all it asks for, or asks for nothing. */
function inputsOf(drawn: State): Uint8Array[] {
  const { store, reign, writer, marks, order } = drawn;
  const members = units.slice(1, drawn.members);
  const databags = Object.fromEntries(
    members.map((unit, at) => [unit, written(drawn.databags[at + 1]!)]),
  );
  const own = "requests" in drawn.databags[0]! && drawn.holdsOwn ? drawn.databags[0].requests : {};
  databags["app/0"] = written({ requests: own, done: {} });
  const grants: Record<string, object> = Object.fromEntries(
    Object.entries(drawn.grants).filter(([unit]) => members.includes(unit)),
  );
  if (Object.keys(own).length > 0) grants["app/0"] = own;
  const rest = { generation: 3, marks, order, policy: { name: "serial" }, v: 1 };
  const settings =
    store === "settings"
      ? { coordinator: print(grants), "coordinator-v1": print(rest) }
      : reign === 0
        ? {}
        : { [`coordinator-r${reign}`]: print({ ...rest, grants, writer }), "coordinator-r9x": "{" };
  const more = { members, store, settings, policy: drawn.policy };
  const hook = { remote_unit: drawn.remote, departing_unit: drawn.departing };
  return [leader(databags, { ...more, ...hook }), end].map(bytes);
}

test("the core decides as the reference does in states drawn by chance", () => {
  let held = 0;
  const holds = (drawn: State): void => {
    if (agree(inputsOf(drawn))) held++;
  };
  fc.assert(fc.property(state, holds), { numRuns: 500, seed: 7 });
  assert.ok(held > 350, `only ${held} states were compared`);
});
