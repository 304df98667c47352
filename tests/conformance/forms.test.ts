/**
 * Holds the two forms of each built-in rule together: in the core, and as a module of its own, they decide alike.
 *
 * @module
 */

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import fc from "fast-check";
import { type Answer, exchange } from "../../bindings/typescript/contract.js";
import { freshCore } from "../../bindings/typescript/core.js";
import { ModuleError } from "../../bindings/typescript/index.js";
import { Program } from "../../host/policy/program.js";
import type { Fields } from "../../host/policy/rules.js";
import { compare, fileOf, type Input, moduleOf, type Obtain, oneRule, RULES } from "./forms.js";

// The compiled test lies in build/js/tests/conformance.
const VECTORS = new URL("../../../../tests/conformance/vectors/", import.meta.url);

interface Vector {
  readonly name: string;
  readonly steps: readonly { readonly in?: Input }[];
}

const vectors = readdirSync(VECTORS).flatMap((file) =>
  (JSON.parse(readFileSync(new URL(file, VECTORS), "utf8")) as Vector[]).map(({ name, steps }) => ({
    name: `${file}: ${name}`,
    steps: steps.map((step) => step.in),
  })),
);

/**
 * Compares what one hook comes to; whether anything was decided. Status is left out: with a rule in the core it can say what will be
 * decided, a module has to be asked.
 */
function agree(fields: Fields, inputs: readonly Input[], obtain: () => Obtain): boolean {
  const decisive = inputs.filter(({ op }) => op !== "status");
  const { inCore, inModule, hasDecided } = compare(fields, decisive, obtain);
  assert.deepEqual(inModule.map(unordered), inCore.map(unordered));
  return hasDecided;
}

/** An answer with its grants and log in one order: those of one decision are made in the same moment. */
function unordered(answer: Answer): object {
  if (!("ok" in answer)) return answer;
  const lists = Object.entries(answer.ok).filter(([name]) => ["grants", "log"].includes(name));
  const sorted = lists.map(([name, list]) => [
    name,
    (list as object[]).map((item) => JSON.stringify(item)).sort(),
  ]);
  return { ok: { ...answer.ok, ...Object.fromEntries(sorted) } };
}

test("every rule has a module, and every module is a rule", () => {
  const answer = exchange(freshCore(), { op: "describe" });
  assert.ok("ok" in answer);
  assert.deepEqual(RULES, [...(answer.ok.rules as string[])].sort());
});

test("both take the same fields, and refuse the same", () => {
  let refused = 0;
  for (const { name, steps } of vectors) {
    if (steps.length !== 1 || steps[0]?.op !== "check") continue;
    const { policy } = steps[0];
    const fields = oneRule(policy);
    if (fields === null) continue;
    const answer = exchange(freshCore(), { op: "check", policy: fields });
    const told = "error" in answer ? answer.error.message + answer.error.path : "";
    let heard = "";
    try {
      moduleOf(fields);
    } catch (error) {
      assert.ok(error instanceof ModuleError && error.code === "bad_config", `${name}: ${error}`);
      heard = error.message.replace(/^check: (.*) \(at config(.*)\)$/, "$1policy$2");
      refused++;
    }
    assert.equal(heard, told, name);
  }
  assert.ok(refused > 5, `only ${refused} were refused`);
});

test("they decide alike in every vector in which one rule decides", () => {
  const decided = new Set<string>();
  let count = 0;
  for (const { name, steps } of vectors) {
    const inputs = steps.flatMap((step) => (step === undefined ? [] : [step]));
    const fields = oneRule(inputs[0]?.policy);
    if (inputs.length < steps.length || inputs[0]?.op !== "start" || fields === null) continue;
    const answers = inputs.filter(({ op }) => op === "answer");
    const operations = inputs.filter(({ op }) => op !== "answer");
    // What the vector answers to the same question, each once.
    const obtain = (): Obtain => {
      const left = [...answers];
      return (what) => {
        const at = left.findIndex((answer) => answer.what === what);
        return at < 0 ? { failure: "not_given" } : left.splice(at, 1)[0]!;
      };
    };
    try {
      if (!agree(fields, operations, obtain)) continue;
    } catch (error) {
      throw new Error(`${name}: ${(error as Error).message}`);
    }
    decided.add(fields.rule);
    count++;
  }
  assert.deepEqual([...decided].sort(), RULES);
  assert.ok(count > 200, `only in ${count} vectors was there something to decide`);
});

// ---- states drawn by chance

const NOW = "2026-11-22 12:00:00.000000Z";
const units = ["app/0", "app/1", "app/2", "app/3", "app/4"];
const locks = ["restart", "é"];

const times = [0, 1, 2, 3, 4, 5].map((minute) => `2026-11-22 09:0${minute}:00.000000Z`);
const LATER = "2026-11-22 12:00:01.000000Z";
const ids = fc.dictionary(fc.constantFrom(...locks), fc.constantFrom(...times), { maxKeys: 2 });
const data = fc.dictionary(
  fc.constantFrom(...locks),
  fc.record(
    {
      zone: fc.constantFrom("a", "b", "", 1),
      priority: fc.constantFrom(0, 1, 2.5, -1, 1e3, "2"),
    },
    { requiredKeys: [] },
  ),
);
const amount = fc.constantFrom(1, 2, 3, "25%", "60%", "N/2-1", "N-1");

/** The fields of each rule, besides `locks`. */
const fieldsOf: Readonly<Record<string, fc.Arbitrary<object>>> = {
  parallel: fc.record({ max: amount }),
  available: fc.record({ min: amount }),
  gate: fc.record(
    { option: fc.constant("go"), is: fc.constantFrom<unknown>(true, false, 1, "open", null) },
    { requiredKeys: ["option"] },
  ),
  window: fc.record(
    {
      days: fc.subarray(["sat", "sun", "mon"], { minLength: 1 }),
      from: fc.constantFrom("08:00", "12:00", "22:00"),
      to: fc.constantFrom("12:01", "18:00", "04:00"),
      offset: fc.constantFrom("+02:00", "-11:30"),
    },
    { requiredKeys: ["from", "to"] },
  ),
  cooldown: fc.record({ seconds: fc.constantFrom(1, 60, 300, 999_999_999) }),
  zones: fc.record({ key: fc.constantFrom("zone", "priority") }, { requiredKeys: [] }),
  order: fc
    .record(
      {
        leader: fc.constantFrom("first", "last"),
        first: fc.shuffledSubarray([...units, "app/9"], { minLength: 1 }),
        priority: fc.constant("priority"),
      },
      { requiredKeys: [] },
    )
    .filter((fields) => Object.keys(fields).length > 0),
  canary: fc.record(
    {
      // The leader's own request is not always told to a module (assembly/policy/module/told.ts).
      units: fc.subarray(["app/1", "app/2", "app/9"], { minLength: 1 }),
      seconds: fc.constantFrom(0, 60, 7200),
      within: fc.constantFrom(0, 120, 86_400),
    },
    { requiredKeys: ["units"] },
  ),
  halt: fc.record(
    { failed: fc.constantFrom(1, 2), status: fc.constantFrom(["error"], ["blocked", "waiting"]) },
    { requiredKeys: ["failed"] },
  ),
};

const drawn = fc.record({
  databags: fc.tuple(...units.map(() => fc.record({ requests: ids, done: ids, data }))),
  grants: fc.dictionary(fc.constantFrom(...units), ids, { maxKeys: 3 }),
  members: fc.integer({ min: 1, max: units.length }),
  store: fc.constantFrom("settings", "application"),
  acquires: fc.boolean(),
  options: fc.record(
    { go: fc.constantFrom<unknown>(true, false, 0, 2, "", "open", "Closed") },
    { requiredKeys: [] },
  ),
  released: fc.dictionary(
    fc.constantFrom(...locks),
    fc.dictionary(fc.constantFrom(...units), fc.constantFrom(...times, LATER)),
    { maxKeys: 2 },
  ),
  statuses: fc.tuple(...units.map(() => fc.constantFrom("active", "error", "blocked", "dying"))),
  locks: fc.option(fc.subarray(locks, { minLength: 1 }), { nil: undefined }),
});

type Drawn = typeof drawn extends fc.Arbitrary<infer Value> ? Value : never;

const print = (value: object): string => JSON.stringify(value);

function inputsOf(state: Drawn): Input[] {
  const { databags, grants, members, store, acquires, released } = state;
  const own = databags.slice(0, members).map(({ requests, done, data }, at) => [
    units[at]!,
    {
      coordinator: print(requests),
      "coordinator-v1": print({ done, v: 1, data }),
    },
  ]);
  const rest = { generation: 1, marks: {}, order: [], policy: { name: "simple" }, released, v: 1 };
  const settings =
    store === "settings"
      ? { coordinator: print(grants), "coordinator-v1": print(rest) }
      : { "coordinator-r1": print({ ...rest, grants, writer: "app/0" }) };
  const start = {
    ...{ op: "start", unit: "app/0", context: "hook", hook: "update-status", now: NOW, age: 1 },
    ...{ leader: true, relation: true, store, settings },
    databags: Object.fromEntries(own),
    members: units.slice(1, members),
  };
  const acquire = { op: "acquire", lock: "restart", now: NOW, age: 1, data: { zone: "a" } };
  const end = { op: "end", now: NOW, age: 1 };
  return [start, ...(acquires ? [acquire] : []), end];
}

/** Juju's side: says yes to every write. */
function obtainFrom({ databags, members, options, statuses }: Drawn): Obtain {
  const unseen = units.slice(members).map((unit, at) => {
    const { requests, done } = databags[members + at]!;
    return [unit, { coordinator: print(requests), "coordinator-v1": print({ done, v: 1 }) }];
  });
  const results: Record<string, unknown> = {
    ...{
      units: Object.fromEntries(unseen),
      planned: Object.fromEntries(units.map((unit, at) => [unit, statuses[at]])),
    },
    ...{ config: options, publish: true, leader: true },
  };
  return (what) => ({ now: NOW, age: 1, result: results[what] });
}

for (const rule of RULES) {
  test(`they decide alike in states drawn by chance: ${rule}`, () => {
    let decided = 0;
    const own = fieldsOf[rule] ?? fc.constant({});
    const holds = (state: Drawn, more: object): void => {
      const fields = { rule, ...more, ...(state.locks && { locks: state.locks }) };
      if (agree(fields, inputsOf(state), () => obtainFrom(state))) decided++;
    };
    fc.assert(fc.property(drawn, own, holds), { numRuns: 200, seed: 11 });
    assert.ok(decided > 120, `only ${decided} states had something to decide`);
  });
}

// ---- nonsense

const text = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...units, ...locks, "", "app/9") },
  { weight: 1, arbitrary: fc.string({ unit: "grapheme", maxLength: 8 }) },
);
const odd = fc.oneof(
  { weight: 3, arbitrary: text },
  { weight: 1, arbitrary: fc.jsonValue({ maxDepth: 2 }) },
);
const request = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record(
      {
        unit: text,
        lock: text,
        id: fc.constantFrom<unknown>(...times, LATER, "now", ""),
        data: odd,
      },
      { requiredKeys: ["unit", "lock", "id"] },
    ),
  },
  { weight: 1, arbitrary: odd },
);
const table = fc.dictionary(text, fc.oneof(fc.dictionary(text, odd), odd), { maxKeys: 3 });
const told = fc.record(
  {
    now: fc.constantFrom<unknown>(NOW, "", 1),
    leader: text,
    n: fc.constantFrom<unknown>(0, 1, 3, 2 ** 31 - 1, 2 ** 53, -1, 0.5, "3"),
    units: fc.oneof({ weight: 8, arbitrary: fc.array(text) }, { weight: 1, arbitrary: odd }),
    holders: fc.array(request, { maxLength: 4 }),
    queue: fc.array(request, { maxLength: 6 }),
    ...{ options: table, status: table, released: table },
  },
  { requiredKeys: ["now", "leader", "n", "units", "holders", "queue"] },
);

test("whatever they are told, the modules answer", () => {
  const modules = new Map(RULES.map((rule) => [rule, new Program(fileOf(rule))]));
  let decided = 0;
  for (const [rule, module] of modules) {
    const own = fieldsOf[rule] ?? fc.constant({});
    const answers = (state: object, config: object): void => {
      const input = JSON.stringify({ op: "decide", ...state, config });
      if ("ok" in module.ask(input).answer) decided++;
    };
    fc.assert(fc.property(told, own, answers), { numRuns: 100, seed: 5 });
  }
  assert.ok(decided > 100, `only ${decided} were decisions`);
});
