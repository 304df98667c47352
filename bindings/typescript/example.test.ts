/**
 * Runs the examples in the documentation comments, as they stand there.
 *
 * @module
 */

import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { Coordinator, charm, loadPolicy, MemoryApplication, PolicySource } from "./index.js";
import { scriptedPolicy } from "./scripted-policy.js";

const SOURCES = new URL("../../../../bindings/typescript/", import.meta.url);

/** The code of the first example in a file, without the comment's stars and without imports. */
function exampleIn(file: string): string {
  const source = readFileSync(new URL(file, SOURCES), "utf8");
  const [, code] = /```ts\n([\s\S]*?)```/.exec(source)!;
  return code!
    .split("\n")
    .map((line) => line.replace(/^\s*\* ?/, ""))
    .filter((line) => !line.startsWith("import "))
    .join("\n");
}

/** Runs it with what it leaves open supplied by name. */
async function runExample(file: string, names: Record<string, unknown>): Promise<void> {
  const AsyncFunction = Object.getPrototypeOf(async () => undefined).constructor as new (
    ...parts: string[]
  ) => (...values: unknown[]) => Promise<void>;
  await new AsyncFunction(...Object.keys(names), exampleIn(file))(...Object.values(names));
}

test("index.ts: three units restart, one after another", async () => {
  const printed: unknown[] = [];
  const console = { log: (value: unknown) => printed.push(value) };
  await runExample("index.ts", { charm, MemoryApplication, console });
  assert.deepEqual([...(printed[0] as string[])].sort(), ["app/0", "app/1", "app/2"]);
});

test("charm.ts: a whole charm", async () => {
  const did: string[] = [];
  const host = new MemoryApplication({ units: 1 }).hook("app/0", "config-changed");
  await runExample("charm.ts", {
    charm: (options: object) => {
      const c = charm(options);
      return { ...c, run: () => c.run(host) };
    },
    writeConfig: () => did.push("config"),
    restartService: async () => did.push("restart"),
  });
  assert.deepEqual(did, ["config", "restart"]);
});

test("coordinator.ts: a hook of a charm that has a framework of its own", async () => {
  const did: string[] = [];
  const host = new MemoryApplication({ units: 1 }).hook("app/0", "config-changed");
  await runExample("coordinator.ts", {
    Coordinator,
    jujuHost: () => host,
    restartService: () => void did.push("restart"),
    configChanged: true,
  });
  assert.deepEqual(did, ["restart"]);
});

test("memory.ts: a hook in memory", async () => {
  await runExample("memory.ts", { Coordinator, MemoryApplication });
});

test("policy.ts: a policy that the charm brings with it", async () => {
  const application = new MemoryApplication({ units: 1 });
  await runExample("policy.ts", {
    Coordinator,
    loadPolicy,
    readFileSync: () => scriptedPolicy(),
    jujuHost: () => application.hook("app/0"),
  });
});

test("swap.ts: a policy that the operator brings", async () => {
  const application = new MemoryApplication({ units: 1 });
  application.config["coordinator-policy"] = "parallel:2";
  const host = application.hook("app/0", "config-changed");
  const folder = mkdtempSync(join(tmpdir(), "example-"));
  let restarts = 0;
  await runExample("swap.ts", {
    charm: (options: object) => {
      const c = charm({ ...options, swap: new PolicySource({ folder }) });
      return { ...c, run: () => c.run(host) };
    },
    PolicySource,
    restartService: () => restarts++,
  });
  assert.equal(restarts, 1);
  assert.match(application.log[0]!.message, /^the policy is now "parallel:2", from the option/);
  rmSync(folder, { recursive: true });
});
