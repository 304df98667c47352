import assert from "node:assert/strict";
import { once } from "node:events";
import { availableParallelism } from "node:os";
import { test } from "node:test";
import { Worker } from "node:worker_threads";
import { roll, type Share, units } from "./rollout.js";

const rollouts = 120;

test("a rollout keeps to its policy, reaches every unit and leaves no request behind", () => {
  assert.ok(roll(0) > units);
});

test(`so do ${rollouts} of them: both Juju versions, three policies, leaders that move`, async (t) => {
  const began = performance.now();
  const threads = Math.min(4, availableParallelism());
  const program = new URL("./rollout.js", import.meta.url);
  const shares = Array.from({ length: threads }, async (_, from) => {
    const share: Share = { from, step: threads, to: rollouts };
    const [hooks] = await once(new Worker(program, { workerData: share }), "message");
    return hooks as number;
  });
  const hooks = (await Promise.all(shares)).reduce((sum, each) => sum + each, 0);
  const seconds = ((performance.now() - began) / 1000).toFixed(1);
  t.diagnostic(`${rollouts} rollouts of ${units} units, ${hooks} hooks, ${seconds} s`);
});
