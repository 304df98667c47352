import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { besideOldLeader } from "./bounds.js";
import { check } from "./check.js";
import { ours } from "./library.js";
import { notOnJuju, oldFaults, oldLibrary } from "./old.js";

const core = readFileSync(new URL("../../../coordinator.wasm", import.meta.url));

for (const { row, what, rule, bound } of oldFaults) {
  test(`the old algorithm, row ${row}: ${what}`, (t) => {
    const { violation, history, states } = check(bound, oldLibrary);
    assert.equal(violation?.rule, rule);
    t.diagnostic(`row ${row}: ${rule} after ${history.length} steps, ${states} states`);
  });
}

test("beside units of this library, too: what it read before it came to lead makes it drop a running unit's grant", (t) => {
  const { violation, history, states } = check(besideOldLeader, ours({ core }));
  assert.match(violation!.text, /^app\/2 takes restart from app\/0, which operates$/);
  t.diagnostic(`${violation!.rule} after ${history.length} steps, ${states} states`);
});

test("row 9 needs an is-leader that turns True inside a hook, which Juju's does not", () => {
  const { violation, complete } = check(notOnJuju, oldLibrary);
  assert.equal(violation, null);
  assert.ok(complete);
});
