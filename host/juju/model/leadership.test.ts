import assert from "node:assert/strict";
import { test } from "node:test";
import { due, hooksOf, inHook, openHook, runEvent, settle, started } from "./fixtures.js";
import { LocalJuju } from "./juju.js";

const elections = (juju: LocalJuju, unit: string): number =>
  hooksOf(juju, unit).filter((name) => name === "leader-elected").length;

test("a unit that is given leadership runs leader-elected next, and the other hears nothing on Juju 4.0", () => {
  const juju = started("4.0", 2);
  juju.setConfig({ go: true });
  juju.moveLeader("app/1");
  assert.deepEqual(due(juju, "app/1"), ["leader-elected"]);
  assert.deepEqual(due(juju, "app/0"), ["config-changed"]);
});

test("the first unit leads before it has run leader-elected", () => {
  const juju = new LocalJuju({ version: "3.6" });
  juju.addUnit();
  runEvent(juju, "app/0", "install", null, (context) => assert.ok(context.isLeader()));
});

test("leader-elected is dropped if leadership is gone before it runs", () => {
  const juju = started("4.0", 2);
  juju.moveLeader("app/1");
  juju.moveLeader("app/0");
  settle(juju);
  assert.equal(elections(juju, "app/1"), 0);
  assert.equal(elections(juju, "app/0"), 2);
});

test("leadership lost and regained inside one hook gives no leader-elected", () => {
  const juju = started("4.0", 2);
  const context = openHook(juju, "app/0");
  juju.moveLeader("app/1");
  juju.moveLeader("app/0");
  context.finish({ exit: 0 });
  assert.deepEqual(due(juju, "app/0"), []);
});

test("an idle unit may be made not to notice that it has lost and regained leadership", () => {
  const juju = started("4.0", 2, { switches: { leaderElectedSuppressed: true } });
  juju.moveLeader("app/1");
  juju.moveLeader("app/0");
  settle(juju);
  assert.equal(elections(juju, "app/0"), 1);
});

test("a leader in error stays leader and runs nothing", () => {
  const juju = started("3.6", 2);
  openHook(juju, "app/0").finish({ exit: 1 });
  juju.advance(1);
  inHook(juju, "app/1", (context) => context.relationSet({ a: "1" }));
  assert.equal(juju.leader, "app/0");
  assert.deepEqual(due(juju, "app/0"), []);
});

test("a dying leader leads until it is dead; then another unit is elected", () => {
  const juju = started("4.0", 2);
  juju.removeUnit("app/0");
  runEvent(juju, "app/0", "relation-departed", "app/1", (context) => {
    assert.equal(context.isLeader(), true);
    context.relationSet({ a: "1" }, { application: true });
  });
  runEvent(juju, "app/0", "stop", null, (context) => assert.equal(context.isLeader(), true));
  runEvent(juju, "app/0", "remove");
  assert.deepEqual(juju.state.applicationBag.values, { a: "1" });
  assert.equal(juju.leader, "app/1");
  assert.deepEqual(due(juju, "app/1"), ["leader-elected"]);
});

test("a dying unit does not run leader-elected", () => {
  const juju = started("4.0", 2);
  juju.removeUnit("app/1");
  juju.moveLeader("app/1");
  assert.deepEqual(due(juju, "app/1"), ["relation-departed app/0"]);
});

test("a leader whose agent is down loses its lease after a minute", () => {
  const juju = started("3.6", 2);
  juju.stopAgent("app/0");
  juju.advance(59);
  assert.equal(juju.leader, "app/0");
  juju.advance(2);
  assert.equal(juju.leader, "app/1");
});

test("nobody leads while the operator has taken leadership from everyone", () => {
  const juju = started("3.6", 2);
  juju.moveLeader(null);
  for (const unit of juju.units) {
    inHook(juju, unit, (context) => {
      assert.equal(context.isLeader(), false);
      assert.throws(() => context.leaderSet({ a: "1" }), {
        code: "not_leader",
        message: "cannot write leadership settings: cannot write settings: not the leader",
      });
    });
  }
});

test("a leader-elected that failed is not waited for once its unit leads no more", () => {
  // It was: untilRetry() said 0 for ever, and whoever waits for the retry never came to an end.
  const juju = started("4.0", 2);
  juju.moveLeader("app/1");
  juju.begin("app/1", juju.next("app/1")!).finish({ exit: 1 });
  juju.moveLeader("app/0");
  settle(juju);
  juju.advance(juju.untilRetry() ?? 0);
  assert.deepEqual(due(juju, "app/1"), []);
  assert.equal(juju.untilRetry(), null);
});
