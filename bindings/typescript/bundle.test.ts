import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import * as packaged from "charm-coordinator";
import * as modules from "./index.js";

const folder = fileURLToPath(new URL("../../../../", import.meta.url));

/** What a program says that uses the package in a process of its own. */
function said(program: string): string {
  const args = ["--input-type=module", "-e", program];
  const { stdout, stderr } = spawnSync(process.execPath, args, { cwd: folder, encoding: "utf8" });
  assert.equal(stderr, "");
  return stdout;
}

test("the package in few files has the same face as its modules", () => {
  assert.deepEqual(Object.keys(packaged).sort(), Object.keys(modules).sort());
  assert.notEqual(packaged.Coordinator, modules.Coordinator, "it is not in files of its own");
});

test("errors have their names in it", () => {
  for (const [name, value] of Object.entries(packaged)) {
    if (name.endsWith("Error")) assert.equal((value as { name: string }).name, name);
  }
});

test("what a bystander's hook does not need is not loaded with it", () => {
  const loaded = said(`
    import "charm-coordinator";
    console.log(process.moduleLoadList.filter((name) => /NativeModule (crypto|perf_hooks|vm|worker_threads)$/.test(name)).join());`);
  assert.equal(loaded, "\n");
});

test("a bystander's hook reads one file; what is asked of the core, and an operator's policy, bring theirs", () => {
  const files = said(`
    import { createRequire } from "node:module";
    import { basename } from "node:path";
    import { Coordinator, jujuHost, PolicySource } from "charm-coordinator";
    const { cache } = createRequire(import.meta.url);
    const tell = () => console.log("read:" + Object.keys(cache).map((file) => basename(file)));
    const answers = { "is-leader": "false", "relation-ids": '["coordinator:0"]', "relation-get": "{}", "leader-get": "{}" };
    const env = { JUJU_UNIT_NAME: "app/1", JUJU_HOOK_NAME: "update-status", JUJU_VERSION: "3.6.0" };
    const host = jujuHost({ relation: "coordinator", env, run: (tool) => answers[tool] ?? "" });
    const coordinator = new Coordinator(host);
    coordinator.start();
    tell();
    coordinator.acquire("restart");
    tell();
    new PolicySource();
    tell();`);
  const core = "charm-coordinator-core.cjs";
  assert.deepEqual(files.match(/(?<=read:).*/g), ["", core, `${core},charm-coordinator-swap.cjs`]);
});

test("a class that is read later is a class: made, inherited from, and known again", () => {
  class Mine extends packaged.PolicySource {
    readonly mine = true;
  }
  const source = new Mine({ folder: "kept" });
  assert.ok(source.mine && source instanceof Mine && source instanceof packaged.PolicySource);
  assert.equal(source.isDue({ kind: "hook", name: "install" } as modules.Hook), true);
  assert.equal(packaged.PolicySource.name, "PolicySource");
  const guest = new URL("../../../guests/command_grants.wasm", import.meta.url);
  assert.ok(packaged.loadPolicy(readFileSync(guest)) instanceof packaged.PolicyModule);
  assert.ok(!({} instanceof packaged.PolicyModule));
  assert.equal(new packaged.MemoryApplication({ units: 2 }).units.length, 2);
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
