import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { small } from "./bounds.js";
import { check } from "./check.js";
import { ours } from "./library.js";

const library = ours({
  core: readFileSync(new URL("../../../coordinator.wasm", import.meta.url)),
});
let explored = 0;

for (const bound of small) {
  test(`nothing goes wrong: ${bound.name}`, (t) => {
    const { violation, complete, states, depth, story } = check(bound, library);
    assert.equal(violation, null, story.join("\n"));
    assert.ok(complete);
    explored += states;
    t.diagnostic(`${states} states, depth ${depth}`);
  });
}

test("at least 200,000 different states were explored", () => {
  assert.ok(explored >= 200_000, `${explored}`);
});

test("the same states are met from run to run", () => {
  const [first] = small;
  const run = () => check(first!, library);
  const { states, transitions, depth } = run();
  const again = run();
  assert.deepEqual([again.states, again.transitions, again.depth], [states, transitions, depth]);
});
