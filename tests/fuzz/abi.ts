/**
 * Calls in any order with any fields: each is answered in one of the three forms, without a trap, in memory that its length bounds;
 * and `coordinator_alloc` gives what is there, or nothing.
 *
 * @module
 */

import fc from "fast-check";
import { deep, json } from "./grammar.js";
import { Guest } from "./guest.js";
import { now } from "./hook.js";

const quoted = (...words: string[]) =>
  fc.constantFrom(...words.map((word) => JSON.stringify(word)));
const unit = quoted("app/0", "app/1", "app/10", "", "a");
const time = quoted(
  now,
  "2026-11-22 09:00:00.000000Z",
  "9999-12-31 23:59:59.999999Z",
  "0000-01-01 00:00:00.000000Z",
  "now",
);
const databag = fc
  .tuple(json, json)
  .map(([first, second]) => JSON.stringify({ coordinator: first, "coordinator-v1": second }));
const units = fc
  .array(fc.tuple(unit, databag), { maxLength: 3 })
  .map((all) => `{${all.map(([name, bag]) => `${name}:${bag}`).join(",")}}`);
const expression = fc
  .array(
    fc.constantFrom("N", "0", "1", "7", "99999999999", "+", "-", "*", "/", "(", ")", "%", " ", "."),
    { maxLength: 8 },
  )
  .map((parts) => parts.join(""));

/** Some of these fields, as an object. */
function someOf(fields: Readonly<Record<string, fc.Arbitrary<string>>>): fc.Arbitrary<string> {
  const members = Object.entries(fields).map(([name, value]) =>
    fc.option(
      value.map((text) => `"${name}":${text}`),
      { freq: 8, nil: "" },
    ),
  );
  return fc.tuple(...members).map((all) => `{${all.filter((member) => member !== "").join(",")}}`);
}

const clock = quoted("00:00", "09:59", "10:00", "23:59", "24:00", "1:00");
const offset = quoted("+00:00", "-12:30", "+23:59", "+2", "02:00");
const names = fc
  .array(fc.oneof(unit, quoted("sun", "error", "restart")), { minLength: 1, maxLength: 3 })
  .map((all) => `[${all.join(",")}]`);
const seconds = fc.constantFrom("0", "1", "60", "999999999", "1000000000", '"60"', "1.5", "-1");
const looking = fc.oneof(
  someOf({
    ...{ rule: quoted("window"), from: clock, to: clock, offset },
    days: fc.constantFrom('["sun"]', '["sat","mon"]', "[]"),
  }),
  someOf({ rule: quoted("cooldown"), seconds, locks: names }),
  someOf({ rule: quoted("zones"), key: quoted("zone", "a", "") }),
  someOf({
    ...{ rule: quoted("order"), first: names, leader: quoted("first", "last", "x") },
    priority: quoted("a", "p"),
  }),
  someOf({ rule: quoted("canary"), units: names, seconds, within: seconds }),
  someOf({ rule: quoted("halt"), failed: seconds, status: names }),
);
const rule = fc.oneof(
  quoted("simple", "serial", "pause", "gate:go", "limit"),
  looking,
  fc
    .tuple(
      fc.constantFrom("parallel:", "available:", "gate:", "cooldown:", "zones:", "halt:"),
      expression,
    )
    .map(([name, text]) => JSON.stringify(name + text)),
  fc
    .tuple(expression, json)
    .map(([max, locks]) => `{"rule":"parallel","max":${JSON.stringify(max)},"locks":${locks}}`),
  json,
);
const external = someOf({
  name: quoted("half"),
  needs: someOf({ options: names, units: fc.constantFrom("true", "false", "1"), released: names }),
});
const policy = fc.oneof(
  rule,
  fc.array(rule, { maxLength: 3 }).map((rules) => `[${rules.join(",")}]`),
  fc
    .tuple(rule, fc.oneof(external, json), json)
    .map(([one, external, limit]) => `{"rules":[${one}],"external":${external},"limit":${limit}}`),
);

/** Leader settings that know of releases. */
const released = fc
  .array(fc.tuple(quoted("restart", "migrate", ""), unit, fc.oneof(time, json)), { maxLength: 3 })
  .map((all) => all.map(([lock, name, value]) => `${lock}:{${name}:${value}}`))
  .map((all) => ({ "coordinator-v1": `{"v":1,"released":{${all.join(",")}}}` }))
  .map((settings) => JSON.stringify(settings));

/** What each field may hold: nearly always something that fits, so that calls get far. */
const fitting: Readonly<Record<string, fc.Arbitrary<string>>> = {
  unit,
  now: time,
  context: quoted("hook", "hook", "action", "exec", "x"),
  hook: quoted("start", "update-status", "config-changed", ""),
  remote_unit: unit,
  departing_unit: unit,
  leader: fc.constantFrom("true", "true", "false"),
  age: fc.constantFrom("0", "29.9", "30", "-1", "1e99", "null"),
  store: quoted("settings", "application"),
  relation: fc.constantFrom("true", "true", "false"),
  databags: units,
  members: fc.array(unit, { maxLength: 3 }).map((all) => `[${all.join(",")}]`),
  settings: fc.oneof(databag, released),
  saved: json.map((text) => JSON.stringify(text)),
  flags: fc.constantFrom("[]", '["coordinator.granted.restart"]', '["x"]'),
  policy,
  self_grant: quoted("published", "committed", "unsafe"),
  key: quoted("coordinator", "c", ""),
  allow: fc.constantFrom("[]", '["acquire","withdraw","release","decide"]', '["x"]'),
  lock: quoted("restart", "migrate", "", "\u0000", "é".repeat(128), "y".repeat(257)),
  data: json,
  what: quoted("saved", "units", "planned", "config", "policy", "publish", "reread", "leader"),
  result: fc.oneof(
    fc.constantFrom("true", "{}", '""', '{"app/1":"active"}', '{"go":true}'),
    units,
    json,
  ),
  failure: quoted("refused", "x"),
  message: quoted("why"),
};

const fieldsOf: Readonly<Record<string, readonly string[]>> = {
  describe: [],
  check: ["policy"],
  start: [
    "unit",
    "now",
    "context",
    "hook",
    "remote_unit",
    "departing_unit",
    "leader",
    "age",
    "store",
    "relation",
    "databags",
    "members",
    "settings",
    "saved",
    "flags",
    "policy",
    "self_grant",
    "key",
    "allow",
  ],
  acquire: ["lock", "now", "age", "data"],
  withdraw: ["lock", "now", "age"],
  status: ["now"],
  end: ["now", "age"],
  answer: ["what", "result", "failure", "message", "now", "age"],
};

function callOf(op: string): fc.Arbitrary<string> {
  const fields = (fieldsOf[op] ?? []).map((name) =>
    fc.oneof(
      { weight: 12, arbitrary: fitting[name]!.map((value) => `,"${name}":${value}`) },
      { weight: 1, arbitrary: json.map((value) => `,"${name}":${value}`) },
      { weight: name === "failure" ? 12 : 1, arbitrary: fc.constant("") },
    ),
  );
  return fc.tuple(...fields).map((values) => `{"op":"${op}"${values.join("")}}`);
}

const start = callOf("start");
const operations = fc.oneof(
  ...Object.keys(fieldsOf).map((op) => ({
    weight: op === "answer" || op === "acquire" ? 4 : 1,
    arbitrary: callOf(op),
  })),
  { weight: 1, arbitrary: deep },
);
/** A start, and other calls after it. */
export const story = fc
  .tuple(start, fc.array(operations, { maxLength: 6 }))
  .map(([first, others]) => [first, ...others]);
const lengths = fc.oneof(
  fc.integer({ min: 0, max: 70_000 }),
  fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
);

/** Nearly all inputs are a story; some ask for memory alone. */
export function abiProperty(): fc.IProperty<[readonly string[] | number]> {
  return fc.property(
    fc.oneof({ weight: 30, arbitrary: story }, { weight: 1, arbitrary: lengths }),
    (input) => {
      const guest = new Guest();
      if (typeof input === "number") guest.alloc(input);
      else for (const text of input) guest.call(Buffer.from(text));
    },
  );
}
