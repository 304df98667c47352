import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import * as packaged from "charm-coordinator";
import * as modules from "./index.js";

test("the package in one file has the same face as its modules", () => {
  assert.deepEqual(Object.keys(packaged).sort(), Object.keys(modules).sort());
  assert.notEqual(packaged.Coordinator, modules.Coordinator, "it is not in one file");
});

test("errors have their names in it", () => {
  for (const [name, value] of Object.entries(packaged)) {
    if (name.endsWith("Error")) assert.equal((value as { name: string }).name, name);
  }
});

test("what a bystander's hook does not need is not loaded with it", () => {
  const program = `
    import "charm-coordinator";
    console.log(process.moduleLoadList.filter((name) => /NativeModule (crypto|perf_hooks|vm|worker_threads)$/.test(name)).join());`;
  const { stdout, stderr } = spawnSync(process.execPath, ["--input-type=module", "-e", program], {
    cwd: fileURLToPath(new URL("../../../../", import.meta.url)),
    encoding: "utf8",
  });
  assert.equal(stderr, "");
  assert.equal(stdout, "\n");
});

test("a command runs in it, with what it brings along", () => {
  const guest = new URL("../../../guests/command_grants.wasm", import.meta.url);
  const policy = packaged.loadPolicy(readFileSync(guest));
  assert.equal(policy.kind, "command");
});

test("an error of the package is known to its modules, and the other way round", () => {
  const pairs = [
    [packaged, modules],
    [modules, packaged],
  ] as const;
  for (const [one, other] of pairs) {
    const error = new one.HookToolError("relation-get", [], 1, "");
    assert.equal(error.name, "HookToolError");
    assert.ok(error instanceof other.HookToolError);
    assert.ok(error instanceof other.HostError);
    assert.ok(error instanceof other.CoordinatorError);
    assert.ok(!(error instanceof other.UsageError));
  }
  for (const value of [null, undefined, "text", {}, new Error("x"), { name: "HostError" }]) {
    assert.ok(!(value instanceof modules.CoordinatorError));
  }
});
