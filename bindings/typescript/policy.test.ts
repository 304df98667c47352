import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { Coordinator, loadPolicy, MemoryApplication, type PolicyState } from "./index.js";
import { LOOP, type Script, scriptedPolicy, TRAP } from "./scripted-policy.js";

const grant = [{ unit: "app/1", lock: "restart" }];
const state = {
  now: "2026-11-22 09:52:56.123456Z",
  leader: "app/0",
  n: 2,
  units: ["app/0", "app/1"],
  holders: [],
  queue: [{ unit: "app/1", lock: "restart", id: "2026-11-22 09:52:50.000000Z" }],
};

test("a policy is loaded, says who it is, and decides", () => {
  const bytes = scriptedPolicy({ decide: { ok: { grant } } });
  const policy = loadPolicy(bytes);
  assert.deepEqual(
    [policy.kind, policy.name, policy.version, policy.needs],
    ["module", "scripted", "1", {}],
  );
  assert.equal(policy.sha256, createHash("sha256").update(bytes).digest("hex"));
  assert.deepEqual(policy.decide(state), { grant });
});

test("each decision has the whole fuel, and says how much of it was used", () => {
  const policy = loadPolicy(scriptedPolicy({ decide: { ok: { grant } } }));
  policy.decide(state);
  const used = policy.fuelUsed;
  policy.decide(state);
  assert.ok(used !== null && used > 0n);
  assert.equal(policy.fuelUsed, used);
});

test("what it needs is told to the core, and what nobody knows is refused", () => {
  const needs = { options: ["go"], units: true, released: ["app/0"] };
  assert.deepEqual(loadPolicy(scriptedPolicy({ check: { ok: { needs } } })).needs, needs);
  for (const wrong of [3, { options: "go" }, { units: 1 }, { released: [0] }, { weather: true }]) {
    const bytes = scriptedPolicy({ check: { ok: { needs: wrong } } });
    assert.throws(() => loadPolicy(bytes), { name: "ModuleError", code: "bad_answer" });
  }
});

test("a config that it does not take is an error in its own words", () => {
  const error = { code: "odd", message: "max must be a number", path: "config.max" };
  const bytes = scriptedPolicy({ check: { error } });
  assert.throws(() => loadPolicy(bytes, { config: { max: "x" } }), {
    code: "bad_config",
    message: "check: max must be a number (at config.max)",
  });
});

const undescribed = { kind: "policy", name: "x", version: "1" };
const refused: readonly (readonly [string, Script, string])[] = [
  [
    "describes itself as a core",
    { describe: { ok: { ...undescribed, kind: "core" } } },
    "bad_answer",
  ],
  ["has no name", { describe: { ok: { ...undescribed, name: "" } } }, "bad_answer"],
  ["has no version", { describe: { ok: { ...undescribed, version: 1 } } }, "bad_answer"],
  ["answers describe with an error", { describe: { error: { code: "no" } } }, "bad_answer"],
  ["asks something at its check", { check: { ask: { what: "planned" } } }, "bad_answer"],
  ["traps at describe", { describe: TRAP }, "trap"],
  ["never ends its check", { check: LOOP }, "timeout"],
];
for (const [what, script, code] of refused) {
  test(`a policy that ${what} is not loaded: ${code}`, () => {
    assert.throws(() => loadPolicy(scriptedPolicy(script), { time: 60_000 }), { code });
  });
}

const failures: readonly (readonly [string, object, string])[] = [
  ["grants nothing that is a list", { ok: { grant: "app/1" } }, "bad_answer"],
  ["grants without a lock", { ok: { grant: [{ unit: "app/1" }] } }, "bad_answer"],
  ["revokes", { ok: { grant: [], revoke: grant } }, "bad_answer"],
  ["gives no reason to wait", { ok: { grant: [], wait: grant } }, "bad_answer"],
  ["would be asked again before now", { ok: { grant: [], retry_after: -1 } }, "bad_answer"],
  ["asks", { ask: { what: "units" } }, "bad_answer"],
  ["answers neither", { granted: [] }, "bad_answer"],
  [
    "grants what nobody asked for",
    { ok: { grant: [{ unit: "app/9", lock: "restart" }] } },
    "not_asked",
  ],
  ["grants one thing twice", { ok: { grant: [...grant, ...grant] } }, "not_asked"],
  ["refuses to decide", { error: { code: "odd", message: "no", path: "" } }, "policy_error"],
  ["traps", TRAP, "trap"],
  ["never ends", LOOP, "timeout"],
];
for (const [what, decide, code] of failures) {
  test(`a policy that ${what}: ${code}, nothing is granted, what is held stays held, and the hook goes on`, () => {
    const policy = loadPolicy(scriptedPolicy({ decide }), { time: 60_000 });
    assert.throws(() => policy.decide(state), { name: "ModuleError", code });

    const application = new MemoryApplication({ units: 3 });
    hook(application, "app/2", { acquires: true });
    hook(application, "app/0");
    assert.match(application.settings.coordinator!, /app\/2/);

    hook(application, "app/1", { acquires: true });
    const held = application.settings.coordinator;
    hook(application, "app/0", { policy });
    const lines = application.log.filter(({ unit }) => unit === "app/0");
    assert.match(lines.at(-1)!.message, new RegExp(`policy: ${code}: `));
    assert.equal(application.settings.coordinator, held);
  });
}

test("what it needs is in what it is asked, and until when something waits is in status", () => {
  const needs = { options: ["go"], units: true, released: [] };
  const policy = loadPolicy(scriptedPolicy({ check: { ok: { needs } } }), { config: { max: 2 } });
  let asked: object = {};
  const { decide } = policy;
  policy.decide = (state) => {
    asked = state;
    decide.call(policy, state);
    return {
      grant: [],
      wait: [{ unit: "app/0", lock: "restart", reason: "not yet" }],
      retry_after: 60,
    };
  };
  const application = new MemoryApplication({ units: 2 });
  application.config.go = true;
  application.config.other = 1;
  const host = application.hook("app/0");
  const coordinator = new Coordinator(host, { policy });
  coordinator.start();
  coordinator.acquire("restart", { zone: "a" });
  const { options, status, released } = asked as PolicyState;
  assert.deepEqual(
    [options, status, released],
    [{ go: true }, { "app/0": "active", "app/1": "active" }, {}],
  );
  const [{ reason, data, until = "" } = { reason: "" }] = coordinator.status().queue;
  assert.deepEqual([reason, data], ["not yet", { zone: "a" }]);
  assert.match(until, /^2026-01-01 00:01:00/);
});

interface Doing {
  readonly policy?: ReturnType<typeof loadPolicy>;
  readonly acquires?: boolean;
}

/** One hook that succeeds. */
function hook(
  application: MemoryApplication,
  unit: string,
  { policy, acquires }: Doing = {},
): void {
  const host = application.hook(unit);
  const coordinator = new Coordinator(host, policy === undefined ? {} : { policy });
  coordinator.start();
  if (acquires) coordinator.acquire("restart");
  host.commit();
}

test("the leader grants what the policy says, and name and sha256 go with the grants", () => {
  const policy = loadPolicy(scriptedPolicy({ decide: { ok: { grant } } }), { name: "half" });
  const application = new MemoryApplication({ units: 2 });
  hook(application, "app/1", { acquires: true });
  hook(application, "app/0", { policy });
  assert.match(application.settings.coordinator!, /"app\/1": \{"restart"/);
  const { policy: noted } = JSON.parse(application.settings["coordinator-v1"]!);
  assert.deepEqual(noted, { name: "half", sha256: policy.sha256 });
});
