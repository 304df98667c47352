import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";
import { check } from "./check.js";
import { historyOf, playHistory } from "./history.js";
import { oldFaults, oldLibrary } from "./old.js";

const script = (name: string) =>
  fileURLToPath(new URL(`../../../../scripts/${name}.mjs`, import.meta.url));
const run = (name: string, ...args: string[]) =>
  spawnSync(process.execPath, [script(name), ...args], { encoding: "utf8" });
const folder = mkdtempSync(join(tmpdir(), "histories-"));
after(() => rmSync(folder, { recursive: true }));

const row10 = check(oldFaults.find(({ row }) => row === 10)!.bound, oldLibrary);
const text = historyOf(row10, oldLibrary);

test("a violation's history is a scenario file, which coordinator run plays on the local Juju", () => {
  assert.match(text, /steps:\n {4}- \d+ # app\/0 begins config-changed\n/);
  const file = join(folder, "row10.yaml");
  writeFileSync(file, text);
  const { status, stdout } = run("coordinator", "run", file);
  assert.equal(status, 1);
  assert.match(stdout, /^app\/0 begins config-changed\n/);
  assert.match(stdout, /\nFAILS .*row10\.yaml: row 10/);
  assert.match(stdout, /exclusive \(more units operate than the policy allows\): app\/1/);
  const quiet = JSON.parse(run("coordinator", "run", "--json", file).stdout);
  assert.equal(quiet.passed, false);
});

test("both Jujus play it alike, and what is not possible is left out", () => {
  assert.deepEqual(playHistory(text).lines, row10.story.slice(0, -1));
  const other = text.replace(/steps:\n/, "steps:\n    - 259\n");
  const { lines, failures } = playHistory(other);
  assert.match(lines[0]!, /^app\/0 goes on and decides: left out/);
  assert.deepEqual(failures, playHistory(text).failures);
});

// What was found once stays found: a line in each says what it was.
const finds = fileURLToPath(new URL("../../../../tests/model/finds/", import.meta.url));
for (const name of readdirSync(finds)) {
  test(`never again: ${name}`, () => {
    const find = readFileSync(join(finds, name), "utf8");
    assert.match(find, /^# \w+/);
    assert.deepEqual(playHistory(find).failures, []);
  });
}

test("npm run model -- --json tells states, depth, violations and seconds", () => {
  const { status, stdout } = run("model", "--json", "--only", "3.6 2 units, juju-exec");
  assert.equal(status, 0);
  const { states, depth, violations, seconds } = JSON.parse(stdout);
  assert.ok(states > 100 && depth > 10 && seconds >= 0);
  assert.equal(violations, 0);
});

test("npm run model -- --help names the options; a wrong one ends with code 2", () => {
  assert.match(run("model", "--help").stdout, /--bounds small\|large\|all/);
  const { status, stderr } = run("model", "--bounds", "huge");
  assert.equal(status, 2);
  assert.match(stderr, /--bounds: small, large or all/);
});
