import assert from "node:assert/strict";
import { test } from "node:test";
import { due, hooksOf, inHook, openHook, runEvent, settle, started } from "./fixtures.js";

test("a hook that fails writes nothing, and runs again with the same event", () => {
  const juju = started("3.6", 2);
  inHook(juju, "app/1", (context) => context.relationSet({ a: "1" }));
  const context = juju.begin("app/0", juju.next("app/0")!);
  context.relationSet({ b: "1" });
  context.relationSet({ b: "1" }, { application: true });
  context.stateSet({ b: "1" });
  assert.equal(context.finish({ exit: 1 }).ending, "failed");
  assert.equal(juju.unit("app/0").bag?.values.b, undefined);
  assert.deepEqual(juju.state.applicationBag.values, {});
  assert.deepEqual(juju.unit("app/0").saved, {});
  juju.setConfig({ go: true });
  assert.deepEqual(due(juju, "app/0"), [], "nothing runs until the retry is due");
  juju.advance(5);
  assert.deepEqual(due(juju, "app/0"), ["relation-changed app/1"]);
  const retry = juju.begin("app/0", juju.next("app/0")!);
  assert.equal(retry.failures, 1);
  assert.equal(retry.relationGet("app/0").b, undefined);
});

test("leader settings and statuses of a hook that fails stay written", () => {
  const juju = started("3.6", 2);
  const context = openHook(juju, "app/0");
  context.leaderSet({ a: "1" });
  context.statusSet("blocked", "no disk");
  const { writes } = context.finish({ exit: 1 });
  assert.deepEqual(juju.state.settings.values, { a: "1" });
  assert.deepEqual(due(juju, "app/1"), ["leader-settings-changed"]);
  assert.equal(juju.unit("app/0").status.status, "blocked");
  assert.deepEqual(writes.settings, { a: "1" });
});

for (const [version, message] of [
  ["3.6", /checking leadership continuity: "app\/0" is not leader of "app"/],
  ["4.0", /updating unit and application settings for "app\/0": permission denied/],
] as const) {
  test(`Juju ${version} refuses the whole commit of an application databag by a deposed leader`, () => {
    const juju = started(version, 2);
    const context = openHook(juju, "app/0");
    context.relationSet({ a: "1" });
    context.relationSet({ a: "1" }, { application: true });
    juju.moveLeader("app/1");
    const result = context.finish({ exit: 0 });
    assert.equal(result.ending, "refused");
    assert.match(result.message, message);
    assert.equal(juju.unit("app/0").bag?.values.a, undefined);
    assert.equal(juju.unit("app/0").hook?.step, "failed");
  });
}

test("a deposed leader that wrote its own databag only is not refused", () => {
  const juju = started("4.0", 2);
  const context = openHook(juju, "app/0");
  context.relationSet({ a: "1" });
  context.relationGet("app", { application: true });
  juju.moveLeader("app/1");
  assert.equal(context.finish({ exit: 0 }).ending, "committed");
});

test("a leader deposed and back again overwrites what the other leader wrote meanwhile", () => {
  const juju = started("4.0", 2);
  inHook(juju, "app/0", (context) => {
    context.relationSet({ kept: "old", removed: "old" }, { application: true });
  });
  settle(juju);
  const context = openHook(juju, "app/0");
  context.relationSet({ mine: "1" }, { application: true });
  juju.moveLeader("app/1");
  runEvent(juju, "app/1", "leader-elected", null, (other) => {
    other.relationSet({ kept: "new", removed: "", added: "new" }, { application: true });
  });
  juju.moveLeader("app/0");
  assert.equal(context.finish({ exit: 0 }).ending, "committed");
  assert.deepEqual(juju.state.applicationBag.values, {
    kept: "old",
    removed: "old",
    added: "new",
    mine: "1",
  });
});

test("retries come after 5, 10, 20 seconds, up to 5 minutes", () => {
  const juju = started("3.6", 1, { switches: { updateStatusSeconds: 0 } });
  openHook(juju, "app/0").finish({ exit: 1 });
  const waits: (number | null)[] = [];
  for (let failure = 0; failure < 8; failure++) {
    const wait = juju.untilRetry()!;
    waits.push(wait);
    juju.advance(wait);
    juju.begin("app/0", juju.next("app/0")!).finish({ exit: 1 });
  }
  assert.deepEqual(waits, [5, 10, 20, 40, 80, 160, 300, 300]);
});

test("without automatic retries a failed hook waits for the operator", () => {
  const juju = started("3.6", 1, { switches: { retryHooks: false } });
  openHook(juju, "app/0").finish({ exit: 1 });
  juju.advance(1000);
  assert.deepEqual(due(juju, "app/0"), []);
  assert.equal(juju.untilRetry(), null);
  juju.resolved("app/0", { retry: true });
  assert.deepEqual(due(juju, "app/0"), ["update-status"]);
});

test("resolved --no-retry loses the event that the failed hook was about", () => {
  const juju = started("4.0", 2);
  inHook(juju, "app/1", (context) => context.relationSet({ a: "1" }));
  juju.begin("app/0", juju.next("app/0")!).finish({ exit: 1 });
  juju.resolved("app/0", { retry: false });
  assert.deepEqual(due(juju, "app/0"), []);
  assert.throws(() => juju.resolved("app/0", { retry: true }), { code: "not_failed" });
});

test("a retry does not hide a change that came after the first run", () => {
  const juju = started("3.6", 2);
  inHook(juju, "app/1", (context) => context.relationSet({ a: "1" }));
  juju.begin("app/0", juju.next("app/0")!).finish({ exit: 1 });
  inHook(juju, "app/1", (context) => context.relationSet({ a: "2" }));
  juju.resolved("app/0", { retry: true });
  runEvent(juju, "app/0", "relation-changed", "app/1", (context) => {
    assert.equal(context.relationGet("app/1").a, "2");
  });
  assert.deepEqual(due(juju, "app/0"), ["relation-changed app/1"]);
});

test("a hook killed by a signal writes nothing and runs again at once", () => {
  const juju = started("4.0", 1);
  const context = openHook(juju, "app/0");
  context.relationSet({ a: "1" });
  assert.equal(context.finish({ signal: "SIGKILL" }).ending, "requeued");
  assert.deepEqual(juju.unit("app/0").bag?.values, {});
  assert.deepEqual(due(juju, "app/0"), ["update-status"]);
  assert.equal(juju.begin("app/0", juju.next("app/0")!).failures, 0);
});

test("an agent that crashes after the commit runs the hook again although it is committed", () => {
  const juju = started("4.0", 1);
  const context = openHook(juju, "app/0");
  context.relationSet({ a: "1" });
  assert.equal(context.finish({ crash: "after-commit" }).ending, "rerun");
  assert.deepEqual(juju.unit("app/0").bag?.values, { a: "1" });
  juju.resolved("app/0", { retry: true });
  assert.deepEqual(due(juju, "app/0"), ["update-status"]);
});

test("an agent that crashes before the commit loses what the hook wrote", () => {
  const juju = started("4.0", 1);
  const context = openHook(juju, "app/0");
  context.relationSet({ a: "1" });
  assert.equal(context.finish({ crash: "before-commit" }).ending, "failed");
  assert.deepEqual(juju.unit("app/0").bag?.values, {});
});

test("juju-exec commits what it wrote although its command failed, and leaves no error", () => {
  const juju = started("3.6", 2);
  const exec = juju.exec("app/0");
  exec.relationSet({ a: "1" });
  assert.equal(exec.finish({ exit: 3 }).ending, "committed");
  assert.equal(juju.unit("app/0").hook, null);
  assert.deepEqual(due(juju, "app/1"), ["relation-changed app/0"]);
  const killed = juju.exec("app/0");
  killed.relationSet({ a: "2" });
  killed.finish({ signal: "SIGKILL" });
  assert.equal(juju.unit("app/0").bag?.values.a, "1");
});

test("an action that fails writes nothing and puts no unit in error", () => {
  const juju = started("4.0", 1);
  const action = juju.action("app/0", "show", { verbose: true });
  assert.deepEqual(action.actionGet(), { verbose: true });
  action.relationSet({ a: "1" });
  assert.equal(action.finish({ exit: 1 }).ending, "failed");
  assert.deepEqual(juju.unit("app/0").bag?.values, {});
  assert.equal(juju.unit("app/0").hook, null);
});

test("actions and juju-exec run while a hook has failed, and do not end the failure", () => {
  const juju = started("3.6", 1);
  openHook(juju, "app/0").finish({ exit: 1 });
  juju.exec("app/0").finish({ exit: 0 });
  juju.action("app/0", "show").finish({ exit: 0 });
  assert.equal(juju.unit("app/0").hook?.step, "failed");
  assert.deepEqual(hooksOf(juju, "app/0").slice(-2), ["juju-exec", "show"]);
});

test("more saved state than the controller takes is refused at the commit", () => {
  const juju = started("4.0", 1);
  const context = openHook(juju, "app/0");
  for (let key = 0; key < 40; key++) context.stateSet({ [`key${key}`]: "x".repeat(65_000) });
  assert.equal(context.finish({ exit: 0 }).ending, "refused");
  assert.deepEqual(juju.unit("app/0").saved, {});
});

test("the history says what each hook wrote and how many hook tools it called", () => {
  const juju = started("3.6", 1);
  inHook(juju, "app/0", (context) => {
    context.isLeader();
    context.isLeader();
    context.relationSet({ a: "1" });
    context.leaderSet({ b: "2" });
    context.jujuLog("INFO", "done");
  });
  const record = juju.history.at(-1)!;
  assert.ok(record.type === "hook");
  assert.equal(record.event, "update-status");
  assert.deepEqual(record.writes.unit, { a: "1" });
  assert.deepEqual(record.writes.settings, { b: "2" });
  assert.deepEqual(record.tools, {
    "is-leader": 2,
    "relation-set": 1,
    "leader-set": 1,
    "juju-log": 1,
  });
  assert.deepEqual(record.logs, [{ level: "INFO", message: "done" }]);
});
