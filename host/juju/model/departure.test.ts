import assert from "node:assert/strict";
import { test } from "node:test";
import { due, hooksOf, inHook, openHook, runEvent, runNext, settle, started } from "./fixtures.js";

test("a unit that is removed leaves its peers first, then stops, then is gone", () => {
  const juju = started("3.6", 3);
  juju.removeUnit("app/1");
  settle(juju);
  const last = hooksOf(juju, "app/1").slice(-4);
  assert.deepEqual(last.slice(0, 2).sort(), [
    "coordinator-relation-departed app/0",
    "coordinator-relation-departed app/2",
  ]);
  assert.deepEqual(last.slice(2), ["stop", "remove"]);
  assert.deepEqual(juju.units, ["app/0", "app/2"]);
});

test("its peers see it depart while it still runs a hook", () => {
  const juju = started("3.6", 2);
  const leaver = openHook(juju, "app/1");
  juju.removeUnit("app/1");
  runEvent(juju, "app/0", "relation-departed", "app/1", (context) => {
    assert.equal(context.departingUnit, "app/1");
    assert.equal(context.goalState().units["app/1"]?.status, "dying");
  });
  assert.ok(leaver.open);
  assert.equal(leaver.finish({ exit: 0 }).ending, "committed");
});

test("the leaver is the departing unit in its own relation-departed", () => {
  const juju = started("4.0", 2);
  juju.removeUnit("app/1");
  const { env } = juju.begin("app/1", juju.next("app/1")!);
  assert.equal(env.JUJU_REMOTE_UNIT, "app/0");
  assert.equal(env.JUJU_DEPARTING_UNIT, "app/1");
});

test("what the leaver writes wakes nobody, and stays readable for ever", () => {
  const juju = started("3.6", 2);
  juju.removeUnit("app/1");
  runEvent(juju, "app/0", "relation-departed", "app/1");
  runNext(juju, "app/1", (context) => context.relationSet({ last: "word" }));
  assert.deepEqual(due(juju, "app/0"), []);
  settle(juju);
  inHook(juju, "app/0", (context) => {
    assert.equal(context.relationGet("app/1").last, "word");
    assert.throws(() => context.relationGet("app/9"), { code: "permission_denied" });
  });
});

test("departure may be made visible only when the unit is dead", () => {
  const juju = started("4.0", 2, { switches: { departedWhenDying: false } });
  juju.removeUnit("app/1");
  assert.deepEqual(due(juju, "app/0"), []);
  for (let hook = 0; hook < 3; hook++) runNext(juju, "app/1");
  assert.deepEqual(due(juju, "app/0"), ["relation-departed app/1"]);
});

test("a unit that is removed by force runs nothing more, and its running hook commits nothing", () => {
  const juju = started("4.0", 2);
  const context = openHook(juju, "app/1");
  context.relationSet({ a: "1" });
  juju.removeUnit("app/1", { force: true });
  assert.equal(context.finish({ exit: 0 }).ending, "gone");
  assert.deepEqual(juju.unit("app/1").bag?.values, {});
  assert.deepEqual(due(juju, "app/1"), []);
  assert.deepEqual(due(juju, "app/0"), ["relation-departed app/1"]);
});

test("a number is never used again", () => {
  const juju = started("4.0", 2);
  juju.removeUnit("app/1", { force: true });
  assert.equal(juju.addUnit(), "app/2");
});

test("a unit that was never installed is gone at once", () => {
  const juju = started("4.0", 1);
  juju.addUnit();
  juju.removeUnit("app/1");
  assert.deepEqual(juju.units, ["app/0"]);
});

test("Juju up to 3.6 puts addresses into each unit's databag, 4.0 does not", () => {
  assert.deepEqual(started("3.6", 1).unit("app/0").bag?.values, {
    "egress-subnets": "10.0.0.1/32",
    "ingress-address": "10.0.0.1",
    "private-address": "10.0.0.1",
  });
  assert.deepEqual(started("4.0", 1).unit("app/0").bag?.values, {});
});
