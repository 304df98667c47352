import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { exchange } from "./contract.js";
import { freshCore } from "./core.js";
import { Coordinator, type Host, MemoryApplication } from "./index.js";
import { isQuiet, type Snapshot } from "./quiet.js";

const bystander: Snapshot = {
  unit: "app/1",
  context: "hook",
  hook: "update-status",
  leader: false,
  store: "settings",
  relation: true,
  databags: { "app/1": { coordinator: "{}", "coordinator-v1": '{"done": {}, "v": 1}' } },
  settings: {
    coordinator: '{"app/2": {"restart": "2026-11-22 12:00:00.000000Z"}}',
    "coordinator-v1":
      '{"generation": 1, "marks": {}, "released": {"restart": {"app/0": "2026-11-22 09:52:56.123456Z"}}, "v": 1}',
  },
  flags: [],
  key: "coordinator",
};

const nothing = [
  {
    ok: {
      granted: [],
      requested: [],
      leading: false,
      flags: { set: [], clear: [] },
      problems: [],
      log: [],
    },
  },
  { ok: { effects: [], released: [], grants: [], problems: [], log: [] } },
];

/** What the core answers to `start` and `end`. */
function answers(snapshot: Snapshot): unknown[] {
  const core = freshCore();
  const now = "2026-11-22 12:00:00.000000Z";
  return [
    exchange(core, { op: "start", now, members: [], ...snapshot }),
    exchange(core, { op: "end", now }),
  ];
}

/** Whether the core is asked anything in a hook of this host: only then is its file read. */
function isCoreAsked(host: Host, act: (coordinator: Coordinator) => void = () => {}): boolean {
  const { hook } = host;
  let looks = 0;
  const counting = {
    ...host,
    hook: Object.create(hook, {
      now: {
        value: () => {
          looks++;
          return hook.now();
        },
      },
      unit: { value: hook.unit },
      onEnd: { value: (callback: () => void) => hook.onEnd(callback) },
      log: { value: hook.log.bind(hook) },
      monotonic: { value: () => hook.monotonic() },
      config: { value: () => hook.config() },
    }) as Host["hook"],
  };
  const coordinator = new Coordinator(counting, { policy: "serial" });
  coordinator.start();
  act(coordinator);
  coordinator.end();
  return looks > 0;
}

test("a bystander's hook does without the core, until it asks for something", () => {
  const application = new MemoryApplication({ units: 3 });
  const run = (unit: string, act?: (coordinator: Coordinator) => void): boolean => {
    const host = application.hook(unit);
    const isAsked = isCoreAsked(host, act);
    host.commit();
    return isAsked;
  };
  assert.ok(run("app/1", (coordinator) => void coordinator.acquire("restart")));
  assert.ok(run("app/0"), "a leader looks");
  assert.ok(run("app/1"), "a holder gives back");
  assert.ok(run("app/0"));
  assert.ok(!run("app/1"));
  assert.ok(!run("app/2"));
  assert.ok(!run("app/2", (coordinator) => assert.equal(coordinator.granted("restart"), false)));
  assert.ok(run("app/2", (coordinator) => void coordinator.status()));
});

const mine = '{"app/1": {"restart": "2026-11-22 12:00:00.000000Z"}}';
const own = (requests: string, extra: string): Partial<Snapshot> => ({
  databags: { "app/1": { coordinator: requests, "coordinator-v1": extra } },
});
const changes: Readonly<Record<string, Partial<Snapshot> & { readonly age?: number }>> = {
  "it leads": { leader: true, age: 1 },
  "a flag is set": { flags: ["coordinator.granted.restart"] },
  "it asks": own('{"restart": "2026-11-22 12:00:00.000000Z"}', ""),
  "a hook that failed had granted to itself": {
    settings: { coordinator: mine, "coordinator-v1": `{"marks": ${mine}, "v": 1}` },
  },
  "it has not done with its grant": { settings: { coordinator: mine } },
  "it has done with an earlier one": {
    ...own("{}", '{"done": {"restart": "2026-11-22 11:59:59.999999Z"}, "v": 1}'),
    settings: { coordinator: mine },
  },
  "grants are wrong": { settings: { coordinator: '{"app/2": 1}' } },
  "a key is there twice": { settings: { coordinator: '{"a": {}, "a": {}}' } },
  "grants are newer": { settings: { "coordinator-v1": '{"v": 2}' } },
  "own key is there twice": own("{}", '{"done": {}, "v": 1, "v": 1}'),
  "own data is wrong": own("{}", '{"done": {"a": "x"}, "v": 1}'),
  "own data is newer": own("{}", '{"done": {}, "v": 2}'),
  "requests may be saved": { ...own("{}", ""), hook: "config-changed" },
};

test("what the core would act upon or report is left to it", () => {
  assert.ok(isQuiet(bystander));
  for (const [why, change] of Object.entries(changes)) {
    const snapshot = { ...bystander, ...change };
    assert.ok(!isQuiet(snapshot), why);
    assert.notDeepEqual(answers(snapshot), nothing, why);
  }
});

test("a grant that it has done with wakes nobody", () => {
  const done = own("{}", '{"done": {"restart": "2026-11-22 12:00:00.000000Z"}, "v": 1}');
  const reign = `{"generation": 1, "grants": ${mine}, "v": 1, "writer": "app/0"}`;
  assert.ok(isQuiet({ ...bystander, ...done, settings: { coordinator: mine } }));
  const onJuju4 = { store: "application", settings: { "coordinator-r1": reign } } as const;
  assert.ok(isQuiet({ ...bystander, ...done, ...onJuju4 }));
});

const times = [
  ...["2026-11-22 12:00:00.000000Z", "2026-11-22 12:00:00.000001Z", "2026-02-28 12:00:00.000000Z"],
  ...["2024-02-29 12:00:00.000000Z", "2026-02-29 12:00:00.000000Z", "2026-02-30 12:00:00.000000Z"],
  ...["2026-04-31 12:00:00.000000Z", "2026-12-31 24:00:00.000000Z", "0000-01-01 00:00:00.000000Z"],
  ...["9999-12-31 23:59:59.999999Z", "2026-11-22T12:00:00.000000Z", "2026-11-22 12:00:00Z"],
];

/** Mostly what the core itself writes: only what is nearly right can show where recognising stops too late. */
function mostly<T>(usual: fc.Arbitrary<T>, unusual: fc.Arbitrary<unknown> = fc.jsonValue()) {
  return fc.oneof({ weight: 11, arbitrary: usual }, { weight: 1, arbitrary: unusual });
}

const id = mostly(fc.constantFrom(times[0], times[1]), fc.constantFrom(...times));
const lock = mostly(
  fc.constant("restart"),
  fc.constantFrom("a b", "", "x".repeat(256), "x".repeat(257), "é", '"', "__proto__"),
) as fc.Arbitrary<string>;
const ids = mostly(fc.dictionary(lock, id, { maxKeys: 2 }));
const unit = fc.constantFrom("app/0", "app/1", "app/2");
const idsByUnit = mostly(fc.dictionary(unit, ids, { maxKeys: 2 }));
const version = mostly(fc.constant(1), fc.constantFrom(0, 2, true, "1", null, 1e16, -0));
const ofLeader = {
  v: version,
  generation: mostly(fc.nat(9), fc.double({ noNaN: true })),
  marks: idsByUnit,
  released: idsByUnit,
  order: mostly(fc.array(mostly(fc.tuple(unit, fc.constant("restart"), id)), { maxLength: 2 })),
  policy: mostly(fc.constant({ name: "serial" })),
};
const extraOfLeader = fc.record(ofLeader, { requiredKeys: ["v"] });
const documentOfReign = fc.record(
  { ...ofLeader, grants: idsByUnit, writer: mostly(fc.constantFrom("app/0", "app/2")) },
  { requiredKeys: ["v"] },
);
const extraOfUnit = fc.record(
  { v: version, done: ids, data: fc.jsonValue(), anew: fc.constant(times[0]) },
  { requiredKeys: ["v", "done"] },
);

/** As Python writes it, and now and then damaged. */
function written(value: fc.Arbitrary<unknown>): fc.Arbitrary<string> {
  const texts = value.map(pythonJson);
  const harms = ["-", "0", " ", "\0", "\\u0061", "}", '"v": 1, ', " "];
  const harmed = fc.tuple(texts, fc.nat(), fc.constantFrom(...harms)).map(([text, place, harm]) => {
    const at = place % (text.length + 1);
    return text.slice(0, at) + harm + text.slice(at);
  });
  return fc.oneof(
    { weight: 8, arbitrary: texts },
    { weight: 1, arbitrary: harmed },
    { weight: 1, arbitrary: fc.constant("") },
  );
}

function pythonJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(pythonJson).join(", ")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const members = Object.entries(value).sort(([one], [another]) => (one < another ? -1 : 1));
  return `{${members.map(([key, each]) => `${JSON.stringify(key)}: ${pythonJson(each)}`).join(", ")}}`;
}

const settings = fc.record(
  {
    coordinator: written(idsByUnit),
    "coordinator-v1": written(extraOfLeader),
    "coordinator-r1": written(documentOfReign),
    "coordinator-r3": written(documentOfReign),
    "coordinator-r07": written(documentOfReign),
    "coordinator-r9007199254740991": written(documentOfReign),
  },
  { requiredKeys: [] },
);
const databag = fc.record(
  {
    coordinator: written(mostly(fc.constant({}), ids)),
    "coordinator-v1": written(extraOfUnit),
  },
  { requiredKeys: [] },
);
const snapshots = fc.record({
  unit: fc.constant("app/1"),
  context: fc.constantFrom("hook", "action", "exec"),
  hook: fc.constantFrom("update-status", "config-changed", "coordinator-relation-created"),
  leader: fc.constant(false),
  store: fc.constantFrom("settings", "application"),
  relation: mostly(fc.constant(true), fc.constant(false)),
  databags: databag.map((values) => ({ "app/1": values })),
  saved: mostly(fc.constant(""), written(extraOfUnit)),
  settings,
  flags: mostly(fc.constant([]), fc.constant(["coordinator.granted.restart"])),
  key: fc.constant("coordinator"),
}) as fc.Arbitrary<Snapshot>;

test("whatever is called quiet the core answers with nothing", () => {
  let quiet = 0;
  const property = fc.property(snapshots, (snapshot) => {
    if (!isQuiet(snapshot)) return;
    quiet++;
    assert.deepEqual(answers(snapshot), nothing);
  });
  fc.assert(property, { numRuns: 5_000, seed: 11 });
  assert.ok(quiet > 150, `only ${quiet} were quiet`);
});
