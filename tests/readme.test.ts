/**
 * Runs what README.md shows, as it stands there, and looks whether what the pages name is there.
 *
 * @module
 */

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";
import { freshCore } from "../bindings/typescript/core.js";
import { readScenario, runScenario } from "../host/juju/index.js";

// The compiled test lies in build/js/tests.
const root = fileURLToPath(new URL("../../../", import.meta.url));
const readme = readFileSync(join(root, "README.md"), "utf8");

/** The files that README.md shows: a block of code with a file's name behind its language. */
const files = new Map(
  [...readme.matchAll(/^```\w+ (\S+)\n([\s\S]*?)^```$/gm)].map(([, name, text]) => [name!, text!]),
);

// Inside the project, so that "charm-coordinator" is this package.
const folder = mkdtempSync(join(root, "build", "readme-"));
after(() => rmSync(folder, { recursive: true }));

for (const [name, text] of files) writeFileSync(join(folder, name), text);
writeFileSync(join(folder, "restart-service"), "#!/bin/sh\nexit 0\n");
for (const name of ["dispatch", "restart-service"]) chmodSync(join(folder, name), 0o755);

test("the charm is played by the scenario beside it, each hook a process", async () => {
  const result = await runScenario(readScenario(join(folder, "kill.yaml")));
  assert.deepEqual(result.failures, []);
  assert.equal(result.rolled, 3);
});

test("the charm has 15 lines", () => {
  assert.equal(files.get("charm.mjs")!.trimEnd().split("\n").length, 15);
});

test("the test of a charm passes, and fails where the charm is wrong", () => {
  const run = (name: string): string => {
    const env = { ...process.env };
    // Else the inner run takes itself for a part of this one.
    delete env.NODE_TEST_CONTEXT;
    const options = { cwd: folder, encoding: "utf8", env } as const;
    return spawnSync(process.execPath, ["--test-reporter=tap", name], options).stdout;
  };
  assert.match(run("charm.test.mjs"), /^# pass 1$/m);
  const wrong = files
    .get("charm.test.mjs")!
    .replace('"serial"', '"parallel:3"')
    .replace("app/1", "app/3");
  writeFileSync(join(folder, "wrong.test.mjs"), wrong);
  assert.match(run("wrong.test.mjs"), /^# fail 1$/m);
});

test("the table of policies has every rule of the core, with examples that are valid", () => {
  const answer = (input: object) =>
    JSON.parse(Buffer.from(freshCore().call(Buffer.from(JSON.stringify(input)))).toString());
  const chapter = readme.split("## Policies")[1]!.split("\n## ")[0]!;
  const rows = [...chapter.matchAll(/^\| `(\w+)` \| ([^|]*) \|/gm)];
  assert.deepEqual(
    rows.map(([, rule]) => rule),
    answer({ op: "describe" }).ok.rules,
  );
  const examples = rows.flatMap(([, , cell]) => [...cell!.matchAll(/`([^`]*)`/g)]);
  for (const [, example] of examples) {
    assert.ok(answer({ op: "check", policy: JSON.parse(example!) }).ok, example);
  }
  assert.ok(examples.length >= rows.length);
});

for (const page of [
  "README.md",
  "RATIONALE.md",
  "CONTRIBUTING.md",
  "docs/safety.md",
  "host/abi.md",
  "host/juju/README.md",
]) {
  test(`${page} links to what is there`, () => {
    const text = readFileSync(join(root, page), "utf8");
    const links = [...text.matchAll(/\]\((?!https?:)([^)#]+)/g)].map(([, link]) => link!);
    assert.deepEqual(
      links.filter((link) => !existsSync(join(root, dirname(page), link))),
      [],
    );
  });
}
