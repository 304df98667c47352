import assert from "node:assert/strict";
import { test } from "node:test";
import { check } from "./check.js";
import { notOnJuju, oldFaults, oldLibrary } from "./old.js";

for (const { row, what, rule, bound } of oldFaults) {
  test(`the old algorithm, row ${row}: ${what}`, (t) => {
    const { violation, history, states } = check(bound, oldLibrary);
    assert.equal(violation?.rule, rule);
    t.diagnostic(`row ${row}: ${rule} after ${history.length} steps, ${states} states`);
  });
}

test("row 9 needs an is-leader that turns True inside a hook, which Juju's does not", () => {
  const { violation, complete } = check(notOnJuju, oldLibrary);
  assert.equal(violation, null);
  assert.ok(complete);
});
