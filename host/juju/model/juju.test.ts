import assert from "node:assert/strict";
import { test } from "node:test";
import { canonical } from "./canonical.js";
import { event } from "./events.js";
import { inHook, openHook, settle, started } from "./fixtures.js";
import { LocalJuju } from "./juju.js";
import { pick } from "./random.js";

/** A driver that takes every decision from the model's own seed. */
function wander(juju: LocalJuju): void {
  for (let step = 0; step < 200; step++) {
    const unit = pick(juju.state.random, juju.units);
    const next = juju.next(unit);
    if (next === null) continue;
    const context = juju.begin(unit, next);
    if (context.relationIds().length > 0) context.relationSet({ seen: String(step % 7) });
    context.finish({ exit: step % 11 === 0 ? 1 : 0 });
    juju.advance(1);
  }
}

test("the same seed gives the same history, another seed another one", () => {
  const histories = [1, 1, 2].map((seed) => {
    const juju = new LocalJuju({ version: "3.6", seed });
    for (let unit = 0; unit < 4; unit++) juju.addUnit();
    wander(juju);
    return JSON.stringify(juju.history);
  });
  assert.equal(histories[0], histories[1]);
  assert.notEqual(histories[0], histories[2]);
});

test("the state is plain data: it survives JSON", () => {
  const juju = started("3.6", 2);
  openHook(juju, "app/0").relationSet({ a: "1" });
  assert.deepEqual(JSON.parse(JSON.stringify(juju.state)), structuredClone(juju.state));
});

test("a clone goes its own way, with the hooks that are running", () => {
  const juju = started("4.0", 2);
  openHook(juju, "app/0").relationSet({ a: "1" });
  const copy = juju.clone();
  copy.context("app/0")!.finish({ exit: 0 });
  copy.addUnit();
  copy.moveLeader("app/1");
  assert.deepEqual(copy.unit("app/0").bag?.values, { a: "1" });
  assert.deepEqual(juju.unit("app/0").bag?.values, {});
  assert.deepEqual(juju.units, ["app/0", "app/1"]);
  assert.equal(juju.leader, "app/0");
  assert.ok(juju.context("app/0")!.open);
});

test("a clone given the same steps gets the same state", () => {
  const juju = started("3.6", 3);
  const copy = juju.clone();
  for (const one of [juju, copy]) wander(one);
  assert.deepEqual(copy.state, juju.state);
});

test("states that differ in their past only have one canonical text", () => {
  const [quick, slow] = [1, 2].map(() => started("3.6", 2)) as [LocalJuju, LocalJuju];
  for (const value of ["1", "2"])
    inHook(slow, "app/0", (context) => context.relationSet({ value }));
  inHook(quick, "app/0", (context) => context.relationSet({ value: "2" }));
  assert.equal(canonical(quick.state), canonical(slow.state));
  settle(quick);
  assert.notEqual(canonical(quick.state), canonical(slow.state));
});

test("a mistake of the driver is named", () => {
  const juju = started("3.6", 1);
  assert.throws(() => juju.due("app/7"), { code: "no_unit" });
  assert.throws(() => juju.begin("app/0", event("install")), {
    code: "not_due",
    message: "install is not due for app/0; due: nothing",
  });
  assert.throws(() => new LocalJuju({ version: "2.9" as "3.6" }), { code: "bad_option" });
});
