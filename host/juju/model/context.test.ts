import assert from "node:assert/strict";
import { test } from "node:test";
import { due, inHook, openHook, runEvent, runNext, settle, started } from "./fixtures.js";
import { LocalJuju } from "./juju.js";

test("what a hook writes is seen in that hook at once, and by others when it has succeeded", () => {
  const juju = started("3.6", 2);
  const context = openHook(juju, "app/0");
  context.relationSet({ a: "1" });
  assert.equal(context.relationGet("app/0").a, "1");
  assert.deepEqual(due(juju, "app/1"), []);
  context.finish({ exit: 0 });
  runEvent(juju, "app/1", "relation-changed", "app/0", (other) => {
    assert.equal(other.relationGet("app/0").a, "1");
  });
});

test("an empty value deletes its key", () => {
  const juju = started("4.0", 1);
  inHook(juju, "app/0", (context) => context.relationSet({ a: "1", b: "2" }));
  inHook(juju, "app/0", (context) => {
    context.relationSet({ a: "" });
    assert.deepEqual(context.relationGet("app/0"), { b: "2" });
  });
  assert.deepEqual(juju.unit("app/0").bag?.values, { b: "2" });
});

test("a member's databag is kept across hooks until that member's own event", () => {
  const juju = started("3.6", 2);
  inHook(juju, "app/1", (context) => context.relationGet("app/0"));
  inHook(juju, "app/0", (context) => context.relationSet({ a: "1" }));
  inHook(juju, "app/1", (context) => assert.equal(context.relationGet("app/0").a, undefined));
  runEvent(juju, "app/1", "relation-changed", "app/0", (context) => {
    assert.equal(context.relationGet("app/0").a, "1");
  });
});

test("a unit that is no member is read anew in each hook", () => {
  const juju = started("3.6", 1);
  juju.addUnit();
  runEvent(juju, "app/1", "install");
  inHook(juju, "app/0", (context) => assert.equal(context.relationGet("app/1").a, undefined));
  runEvent(juju, "app/1", "relation-created", null, (context) => context.relationSet({ a: "1" }));
  inHook(juju, "app/0", (context) => {
    assert.deepEqual(context.relationList(), []);
    assert.equal(context.relationGet("app/1").a, "1");
  });
});

test("an agent that starts again has forgotten the databags it had read", () => {
  const juju = started("3.6", 2);
  inHook(juju, "app/1", (context) => context.relationGet("app/0"));
  inHook(juju, "app/0", (context) => context.relationSet({ a: "1" }));
  juju.stopAgent("app/1");
  assert.deepEqual(due(juju, "app/1"), []);
  juju.startAgent("app/1");
  inHook(juju, "app/1", (context) => assert.equal(context.relationGet("app/0").a, "1"));
  assert.ok(due(juju, "app/1").includes("leader-settings-changed"));
});

test("the peer relation is not there in install, and is from relation-created on", () => {
  const juju = new LocalJuju({ version: "4.0" });
  juju.addUnit();
  runEvent(juju, "app/0", "install", null, (context) => {
    assert.deepEqual(context.relationIds(), []);
    assert.throws(() => context.relationSet({ a: "1" }), { code: "relation_not_found" });
  });
  runNext(juju, "app/0", (context) => {
    assert.equal(context.hookName, "coordinator-relation-created");
    assert.deepEqual(context.relationIds(), ["coordinator:0"]);
    assert.deepEqual(context.relationIds("website"), []);
  });
});

test("relation-list has the unit that joins, and not the unit that departs", () => {
  const juju = started("4.0", 2);
  juju.addUnit();
  runEvent(juju, "app/2", "install");
  inHook(juju, "app/0", (context) => assert.deepEqual(context.relationList(), ["app/1"]));
  runEvent(juju, "app/0", "relation-joined", "app/2", (context) => {
    assert.deepEqual(context.relationList(), ["app/1", "app/2"]);
  });
  settle(juju);
  juju.removeUnit("app/1");
  inHook(juju, "app/0", (context) => assert.deepEqual(context.relationList(), ["app/1", "app/2"]));
  runEvent(juju, "app/0", "relation-departed", "app/1", (context) => {
    assert.deepEqual(context.relationList(), ["app/2"]);
  });
});

test("a unit whose relation-joined failed is not in relation-list elsewhere", () => {
  const juju = started("4.0", 1);
  juju.addUnit();
  runEvent(juju, "app/1", "install");
  juju.begin("app/0", juju.next("app/0")!).finish({ exit: 1 });
  assert.deepEqual(juju.exec("app/0").relationList(), []);
});

test("relation-list is sorted as strings: app/10 before app/2", () => {
  const juju = started("4.0", 11);
  inHook(juju, "app/0", (context) => {
    assert.deepEqual(context.relationList().slice(0, 3), ["app/1", "app/10", "app/2"]);
  });
});

test("every unit reads the application databag, and only the leader writes it", () => {
  const juju = started("3.6", 2);
  inHook(juju, "app/0", (context) => context.relationSet({ a: "1" }, { application: true }));
  inHook(juju, "app/1", (context) => {
    assert.deepEqual(context.relationGet("app", { application: true }), { a: "1" });
    assert.throws(() => context.relationSet({ a: "2" }, { application: true }), {
      code: "not_leader",
      message: "cannot write relation settings",
    });
  });
});

test("a leader that loses leadership stops seeing what it has written", () => {
  const juju = started("4.0", 2);
  const context = openHook(juju, "app/0");
  context.relationSet({ a: "1" }, { application: true });
  assert.deepEqual(context.relationGet("app", { application: true }), { a: "1" });
  juju.moveLeader("app/1");
  assert.deepEqual(context.relationGet("app", { application: true }), {});
});

test("leader settings are read once per hook, and again after the hook's own leader-set", () => {
  const juju = started("3.6", 2);
  const reader = openHook(juju, "app/1");
  assert.deepEqual(reader.leaderGet(), {});
  const leader = openHook(juju, "app/0");
  leader.leaderGet();
  leader.leaderSet({ a: "1" });
  assert.deepEqual(leader.leaderGet(), { a: "1" });
  assert.deepEqual(reader.leaderGet(), {});
});

test("is-leader says False for the rest of a hook in which it has said it once", () => {
  const juju = started("3.6", 2);
  const context = openHook(juju, "app/1");
  assert.equal(context.isLeader(), false);
  juju.moveLeader("app/1");
  assert.equal(context.isLeader(), false);
  context.finish({ exit: 0 });
  runEvent(juju, "app/1", "leader-elected", null, (next) => assert.ok(next.isLeader()));
});

test("is-leader may go from False to True where that is switched on", () => {
  const juju = started("3.6", 2, { switches: { stickyFalse: false } });
  const context = openHook(juju, "app/1");
  context.isLeader();
  juju.moveLeader("app/1");
  assert.equal(context.isLeader(), true);
});

test("goal-state is live: it has units that are not up, dying ones by that name, and no dead ones", () => {
  const juju = started("4.0", 3);
  const context = openHook(juju, "app/0");
  context.statusSet("active");
  juju.addUnit();
  juju.removeUnit("app/1");
  juju.removeUnit("app/2", { force: true });
  const { units, relations } = context.goalState();
  assert.deepEqual(
    Object.entries(units).map(([name, goal]) => [name, goal.status]),
    [
      ["app/0", "active"],
      ["app/1", "dying"],
      ["app/3", "waiting"],
    ],
  );
  assert.deepEqual(relations, {});
  assert.match(units["app/0"]!.since, /^2026-11-22 09:\d\d:\d\dZ$/);
});

test("goal-state shows error for a unit whose hook has failed, from then until it runs again", () => {
  const juju = started("3.6", 2);
  const seen = () => {
    let goal = { status: "", since: "" };
    inHook(juju, "app/0", (context) => {
      goal = context.goalState().units["app/1"]!;
    });
    return goal;
  };
  const before = seen();
  juju.advance(60);
  openHook(juju, "app/1").finish({ exit: 1 });
  const failed = seen();
  assert.equal(failed.status, "error");
  assert.ok(failed.since > before.since);
  juju.advance(60);
  const again = juju.begin("app/1", juju.next("app/1")!);
  assert.deepEqual(seen(), before);
  again.finish({ exit: 0 });
  assert.deepEqual(seen(), before);
});

test("configuration is read once per hook", () => {
  const juju = started("3.6", 1, { config: { go: false } });
  const context = openHook(juju, "app/0");
  context.configGet();
  juju.setConfig({ go: true });
  assert.deepEqual(context.configGet(), { go: false });
});

test("saved state keeps empty values, and is written with the hook", () => {
  const juju = started("4.0", 1);
  inHook(juju, "app/0", (context) => context.stateSet({ a: "", b: "2" }));
  const failing = openHook(juju, "app/0");
  failing.stateDelete("b");
  assert.deepEqual(failing.stateGet(), { a: "" });
  failing.finish({ exit: 1 });
  assert.deepEqual(juju.unit("app/0").saved, { a: "", b: "2" });
});

test("a unit's clock may be ahead", () => {
  const juju = started("3.6", 1);
  juju.setSkew("app/0", 3600);
  assert.equal(openHook(juju, "app/0").now(), "2026-11-22 10:52:56.123456Z");
});

test("a context that has ended answers nothing more", () => {
  const juju = started("3.6", 1);
  const context = openHook(juju, "app/0");
  context.finish({ exit: 0 });
  assert.throws(() => context.isLeader(), { code: "no_context" });
});

test("the environment names the hook, the relation and the unit it is about", () => {
  const juju = started("3.6", 1);
  juju.addUnit();
  runEvent(juju, "app/1", "install");
  const { env } = juju.begin("app/0", juju.next("app/0")!);
  assert.equal(env.JUJU_HOOK_NAME, "coordinator-relation-joined");
  assert.equal(env.JUJU_DISPATCH_PATH, "hooks/coordinator-relation-joined");
  assert.equal(env.JUJU_RELATION_ID, "coordinator:0");
  assert.equal(env.JUJU_REMOTE_UNIT, "app/1");
  assert.equal(env.JUJU_REMOTE_APP, "app");
  assert.equal(env.JUJU_DEPARTING_UNIT, undefined);
  assert.match(env.JUJU_CONTEXT_ID!, /^app\/0-coordinator-relation-joined-[0-9a-f]{32}$/);
});

test("juju-exec has no hook name and no dispatch path, an action has its own", () => {
  const juju = started("4.0", 1);
  const exec = juju.exec("app/0");
  assert.equal(exec.env.JUJU_HOOK_NAME, "");
  assert.equal(exec.env.JUJU_DISPATCH_PATH, undefined);
  assert.match(exec.env.JUJU_CONTEXT_ID!, /^app\/0-run-commands-/);
  exec.finish({ exit: 0 });
  const action = juju.action("app/0", "show");
  assert.equal(action.env.JUJU_DISPATCH_PATH, "actions/show");
  assert.equal(action.env.JUJU_ACTION_NAME, "show");
});
