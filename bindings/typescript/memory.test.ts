import assert from "node:assert/strict";
import { test } from "node:test";
import { MemoryApplication } from "./index.js";

test("what a hook writes is seen by others once it has succeeded", () => {
  const application = new MemoryApplication({ units: 2 });
  const host = application.hook("app/1");
  host.peers.writeOwn({ a: "1", b: "2" });
  assert.deepEqual(host.peers.own(), { a: "1", b: "2" });
  assert.deepEqual(application.hook("app/0").peers.of("app/1"), {});
  host.commit();
  assert.deepEqual(application.hook("app/0").peers.of("app/1"), { a: "1", b: "2" });
});

test("a hook that fails leaves nothing behind, and its end never comes", () => {
  const application = new MemoryApplication({ units: 1 });
  const host = application.hook("app/0");
  host.peers.writeOwn({ a: "1" });
  host.peers.writeSaved("key", "value");
  host.hook.onEnd(() => assert.fail("the hook failed"));
  host.fail();
  assert.throws(() => host.commit(), { code: "bad_order" });
  assert.deepEqual(application.hook("app/0").peers.own(), {});
  assert.equal(application.hook("app/0").peers.readSaved("key"), "");
});

test("leader settings change at once, the application databag with the hook", () => {
  for (const store of ["settings", "application"] as const) {
    const application = new MemoryApplication({ units: 2, store });
    const host = application.hook("app/0");
    assert.ok(host.leadership.write({ a: "1" }));
    assert.deepEqual(host.leadership.read(), { a: "1" });
    const atOnce = store === "settings" ? { a: "1" } : {};
    assert.deepEqual(application.hook("app/1").leadership.read(), atOnce);
    host.commit();
    assert.deepEqual(application.hook("app/1").leadership.read(), { a: "1" });
  }
});

test("only the leader may write, and leadership can move", () => {
  const application = new MemoryApplication({ units: 2, leader: 1, store: "application" });
  assert.equal(application.hook("app/0").leadership.write({ a: "1" }), false);
  const host = application.hook("app/1");
  host.leadership.write({ a: "1" });
  application.leader = "app/0";
  assert.throws(() => host.commit(), { code: "refused" });
  assert.deepEqual(application.settings, {});
});

test("an empty value deletes its key", () => {
  const application = new MemoryApplication({ units: 1 });
  application.databags.set("app/0", { a: "1", b: "2" });
  const host = application.hook("app/0");
  host.peers.writeOwn({ a: "" });
  host.commit();
  assert.deepEqual(application.databags.get("app/0"), { b: "2" });
});

test("its clock gives the same times in each run", () => {
  const { hook } = new MemoryApplication({ units: 1 }).hook("app/0");
  assert.equal(hook.now(), "2026-01-01 00:00:00.000001Z");
  assert.equal(hook.now(), "2026-01-01 00:00:00.000002Z");
});
