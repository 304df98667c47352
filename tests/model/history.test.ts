import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { check } from "./check.js";
import { history, replay } from "./history.js";
import { oldFaults, oldLibrary } from "./old.js";

test("a violation's history is kept in a file and played again, on the local Juju too", () => {
  const fault = oldFaults.find(({ row }) => row === 10)!;
  const checked = check(fault.bound, oldLibrary);
  const text = history(checked);
  assert.match(text, /steps:\n {2}- \d+ # app\/0 begins config-changed\n/);
  const played = replay(text, oldLibrary);
  assert.deepEqual(played, checked.story);
  assert.match(played.at(-1)!, /^exclusive \(more units operate than the policy allows\): app\/1/);
});

const command = fileURLToPath(new URL("../../../../scripts/model.mjs", import.meta.url));
const run = (...args: string[]) =>
  spawnSync(process.execPath, [command, ...args], { encoding: "utf8" });

test("npm run model -- --json tells states, depth, violations and seconds", () => {
  const { status, stdout } = run("--json", "--only", "3.6 2 units, juju-exec");
  assert.equal(status, 0);
  const { states, depth, violations, seconds } = JSON.parse(stdout);
  assert.ok(states > 1000 && depth > 10 && seconds >= 0);
  assert.equal(violations, 0);
});

test("npm run model -- --help names the options; a wrong one ends with code 2", () => {
  assert.match(run("--help").stdout, /--bounds small\|large\|all/);
  const { status, stderr } = run("--bounds", "huge");
  assert.equal(status, 2);
  assert.match(stderr, /--bounds: small, large or all/);
});
