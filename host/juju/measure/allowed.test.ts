import assert from "node:assert/strict";
import { test } from "node:test";
import { allowedAtOnce } from "./allowed.js";

test("a policy says how many of N units may operate at once", () => {
  const cases: [string, number, number][] = [
    ["serial", 9, 1],
    ["simple", 9, 1],
    ["parallel:2", 9, 2],
    ["parallel:25%", 9, 2],
    ["parallel:25%", 3, 1],
    ["parallel:N/2-1", 9, 3],
    ["parallel:(N - 1) * 2", 3, 4],
    ["available:3", 5, 2],
    ["available:50%", 5, 2],
    ["pause", 5, 0],
    ["gate:go", 5, Number.POSITIVE_INFINITY],
  ];
  for (const [policy, n, expected] of cases) {
    assert.equal(allowedAtOnce(policy, n), expected, `${policy} of ${n}`);
  }
});
