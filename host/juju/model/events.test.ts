import assert from "node:assert/strict";
import { test } from "node:test";
import { event } from "./events.js";
import { due, hooksOf, inHook, openHook, runEvent, settle, started } from "./fixtures.js";
import { LocalJuju } from "./juju.js";

test("a unit of Juju 3.6 starts up in Juju's order, and meets its peers afterwards", () => {
  const juju = started("3.6", 2);
  assert.deepEqual(hooksOf(juju, "app/0"), [
    "install",
    "coordinator-relation-created",
    "leader-elected",
    "config-changed",
    "start",
    "coordinator-relation-joined app/1",
    "coordinator-relation-changed app/1",
  ]);
  assert.deepEqual(hooksOf(juju, "app/1").slice(0, 5), [
    "install",
    "coordinator-relation-created",
    "leader-settings-changed",
    "config-changed",
    "start",
  ]);
});

test("a unit of Juju 4.0 that does not lead hears nothing about leadership", () => {
  const juju = started("4.0", 2);
  assert.deepEqual(hooksOf(juju, "app/1"), [
    "install",
    "coordinator-relation-created",
    "config-changed",
    "start",
    "coordinator-relation-joined app/0",
    "coordinator-relation-changed app/0",
  ]);
});

test("a charm without a peer relation has no relation events", () => {
  const juju = started("4.0", 2, { relation: null });
  assert.deepEqual(hooksOf(juju, "app/1"), ["install", "config-changed", "start"]);
});

test("only the hook that Juju guarantees is due during start-up", () => {
  const juju = new LocalJuju({ version: "3.6" });
  juju.addUnit();
  assert.deepEqual(due(juju, "app/0"), ["install"]);
  assert.throws(() => juju.begin("app/0", event("start")), { code: "not_due" });
});

test("a unit that runs a hook can begin no other", () => {
  const juju = started("3.6", 1);
  openHook(juju, "app/0");
  assert.deepEqual(due(juju, "app/0"), []);
  assert.throws(() => juju.exec("app/0"), { code: "busy" });
});

test("many commits between two looks give one relation-changed", () => {
  const juju = started("3.6", 2);
  for (const value of ["1", "2", "3"]) {
    inHook(juju, "app/0", (context) => context.relationSet({ value }));
  }
  assert.deepEqual(due(juju, "app/1"), ["relation-changed app/0"]);
  runEvent(juju, "app/1", "relation-changed", "app/0", (context) => {
    assert.equal(context.relationGet("app/0").value, "3");
  });
  assert.deepEqual(due(juju, "app/1"), []);
});

test("a commit during relation-changed gives another one", () => {
  const juju = started("3.6", 2);
  inHook(juju, "app/0", (context) => context.relationSet({ value: "1" }));
  const context = juju.begin("app/1", juju.next("app/1")!);
  inHook(juju, "app/0", (other) => other.relationSet({ value: "2" }));
  context.finish({ exit: 0 });
  assert.deepEqual(due(juju, "app/1"), ["relation-changed app/0"]);
});

test("writing what is there already gives no event, nor does a unit's own databag", () => {
  const juju = started("3.6", 2);
  inHook(juju, "app/0", (context) => context.relationSet({ value: "1" }));
  settle(juju);
  inHook(juju, "app/0", (context) => context.relationSet({ value: "1" }));
  assert.deepEqual(due(juju, "app/0"), []);
  assert.deepEqual(due(juju, "app/1"), []);
});

for (const [version, expected] of [
  ["3.6", ["relation-changed app/0"]],
  ["4.0", []],
] as const) {
  test(`a databag that changes and changes back: ${expected.length} events on Juju ${version}`, () => {
    const juju = started(version, 2);
    inHook(juju, "app/0", (context) => context.relationSet({ value: "1" }));
    settle(juju);
    inHook(juju, "app/0", (context) => context.relationSet({ value: "2" }));
    inHook(juju, "app/0", (context) => context.relationSet({ value: "1" }));
    assert.deepEqual(due(juju, "app/1"), expected);
  });
}

test("hashed versions are a switch of their own", () => {
  const juju = started("4.0", 2, { switches: { hashVersions: false } });
  inHook(juju, "app/0", (context) => context.relationSet({ value: "1" }));
  inHook(juju, "app/0", (context) => context.relationSet({ value: "" }));
  assert.deepEqual(due(juju, "app/1"), ["relation-changed app/0"]);
});

test("the leader that writes the application databag gets relation-changed for it, even alone", () => {
  const juju = started("4.0", 1);
  inHook(juju, "app/0", (context) => context.relationSet({ a: "1" }, { application: true }));
  assert.deepEqual(due(juju, "app/0"), ["relation-changed"]);
});

test("the writer's own relation-changed can be switched off", () => {
  const juju = started("4.0", 2, { switches: { leaderGetsOwnAppChanged: false } });
  inHook(juju, "app/0", (context) => context.relationSet({ a: "1" }, { application: true }));
  assert.deepEqual(due(juju, "app/0"), []);
  assert.deepEqual(due(juju, "app/1"), ["relation-changed"]);
});

test("leader settings wake every unit but the leader, once for many writes", () => {
  const juju = started("3.6", 3);
  inHook(juju, "app/0", (context) => {
    context.leaderSet({ a: "1" });
    context.leaderSet({ a: "2" });
  });
  assert.deepEqual(due(juju, "app/0"), []);
  assert.deepEqual(due(juju, "app/1"), ["leader-settings-changed"]);
  settle(juju);
  assert.equal(
    hooksOf(juju, "app/2").filter((name) => name === "leader-settings-changed").length,
    2,
  );
});

test("a deposed leader hears of the settings that it wrote itself", () => {
  const juju = started("3.6", 2);
  inHook(juju, "app/0", (context) => context.leaderSet({ a: "1" }));
  juju.moveLeader("app/1");
  assert.deepEqual(due(juju, "app/0"), ["leader-settings-changed"]);
});

test("relation-joined is followed by relation-changed for the same unit before the next joined", () => {
  const juju = started("4.0", 3);
  const seen = hooksOf(juju, "app/2").slice(4);
  for (const unit of ["app/0", "app/1"]) {
    const joined = seen.indexOf(`coordinator-relation-joined ${unit}`);
    assert.equal(seen[joined + 1], `coordinator-relation-changed ${unit}`);
  }
});

test("config-changed, but no relation event, may come between joined and changed", () => {
  const juju = started("4.0", 1);
  juju.addUnit();
  juju.addUnit();
  for (const unit of ["app/1", "app/2"]) runEvent(juju, unit, "install");
  runEvent(juju, "app/0", "relation-joined", "app/1");
  juju.setConfig({ go: true });
  assert.deepEqual(due(juju, "app/0"), ["config-changed", "relation-changed app/1"]);
});

test("departed units come first, then the application databag, then joined, then changed", () => {
  const juju = started("4.0", 4);
  inHook(juju, "app/3", (context) => context.relationSet({ value: "1" }));
  inHook(juju, "app/0", (context) => context.relationSet({ a: "1" }, { application: true }));
  juju.removeUnit("app/2");
  juju.addUnit();
  runEvent(juju, "app/4", "install");
  assert.deepEqual(due(juju, "app/1"), [
    "relation-departed app/2",
    "relation-changed",
    "relation-joined app/4",
    "relation-changed app/3",
  ]);
});

test("update-status is due every 300 seconds, and any hook puts it off", () => {
  const juju = started("3.6", 1);
  juju.advance(300);
  assert.deepEqual(due(juju, "app/0"), ["update-status"]);
  juju.setConfig({ go: true });
  assert.deepEqual(due(juju, "app/0"), ["config-changed", "update-status"]);
  runEvent(juju, "app/0", "config-changed");
  assert.deepEqual(due(juju, "app/0"), []);
});

test("configuration that changes back before the unit looked gives no config-changed", () => {
  const juju = started("3.6", 1, { config: { go: false } });
  juju.setConfig({ go: true });
  juju.setConfig({ go: false });
  assert.deepEqual(due(juju, "app/0"), []);
});

test("configuration may reach some units before others", () => {
  const juju = started("3.6", 2);
  juju.setConfig({ go: true }, ["app/1"]);
  assert.deepEqual(due(juju, "app/0"), []);
  runEvent(juju, "app/1", "config-changed", null, (context) => {
    assert.deepEqual(context.configGet(), { go: true });
  });
});

test("a new revision of the charm brings upgrade-charm, and config-changed right after it", () => {
  const juju = started("3.6", 2);
  juju.upgradeCharm(["app/1"]);
  assert.deepEqual(due(juju, "app/0"), []);
  assert.deepEqual(due(juju, "app/1"), ["upgrade-charm"]);
  runEvent(juju, "app/1", "upgrade-charm");
  assert.deepEqual(due(juju, "app/1"), ["config-changed"]);
  runEvent(juju, "app/1", "config-changed");
  assert.deepEqual(due(juju, "app/1"), []);
});

test("a resource that is attached brings upgrade-charm to every unit, as a new revision does", () => {
  const juju = started("4.0", 2);
  juju.attachResource("coordinator-policy", "half.wasm");
  for (const unit of juju.units) {
    runEvent(juju, unit, "upgrade-charm", null, (context) => {
      assert.equal(context.resourceGet("coordinator-policy"), "half.wasm");
    });
    assert.deepEqual(due(juju, unit), ["config-changed"]);
  }
});

test("a unit in error is upgraded only after its hook has succeeded", () => {
  const juju = started("3.6", 1);
  openHook(juju, "app/0").finish({ exit: 1 });
  juju.upgradeCharm();
  assert.deepEqual(due(juju, "app/0"), []);
  juju.resolved("app/0", { retry: true });
  assert.deepEqual(due(juju, "app/0"), ["update-status"]);
  runEvent(juju, "app/0", "update-status");
  assert.deepEqual(due(juju, "app/0"), ["upgrade-charm"]);
});

test("an upgrade-charm that fails runs again, and a unit added later needs none", () => {
  const juju = started("3.6", 1);
  juju.upgradeCharm();
  juju.begin("app/0", event("upgrade-charm")).finish({ exit: 1 });
  juju.resolved("app/0", { retry: true });
  assert.deepEqual(due(juju, "app/0"), ["upgrade-charm"]);
  juju.addUnit();
  settle(juju);
  assert.ok(!hooksOf(juju, "app/1").includes("upgrade-charm"));
});
