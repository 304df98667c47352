import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { type Charm, charm, MemoryApplication } from "./index.js";

/** One hook that succeeds if the charm does. */
async function dispatch(c: Charm, application: MemoryApplication, unit: string, hook: string) {
  const host = application.hook(unit, hook);
  await c.run(host);
  host.commit();
}

/** A charm that notes what it does. */
function restarting(): { c: Charm; did: string[] } {
  const did: string[] = [];
  const c = charm({ policy: "serial" });
  c.on("config-changed", ({ acquire, hook }) => {
    did.push(`${hook.unit} asks`);
    acquire("restart");
  });
  c.when("coordinator.granted.restart", async ({ hook }) => {
    await new Promise((resolve) => setImmediate(resolve));
    did.push(`${hook.unit} restarts`);
  });
  return { c, did };
}

test("a handler asks for the lock, and another runs in the hook that has it", async () => {
  const { c, did } = restarting();
  const application = new MemoryApplication({ units: 2 });
  await dispatch(c, application, "app/1", "config-changed");
  await dispatch(c, application, "app/0", "coordinator-relation-changed");
  await dispatch(c, application, "app/1", "leader-settings-changed");
  await dispatch(c, application, "app/1", "update-status");
  assert.deepEqual(did, ["app/1 asks", "app/1 restarts"]);
});

test("a lock that is held at once is used in the same hook", async () => {
  const { c, did } = restarting();
  await dispatch(c, new MemoryApplication({ units: 1 }), "app/0", "config-changed");
  assert.deepEqual(did, ["app/0 asks", "app/0 restarts"]);
});

test("a handler for a flag may bring up another flag, and runs once a hook", async () => {
  const did: string[] = [];
  const c = charm();
  c.when("coordinator.granted.second", () => void did.push("second"));
  c.when("coordinator.granted.first", ({ acquire }) => {
    did.push("first");
    acquire("first");
    acquire("second");
  });
  c.on("start", ({ acquire }) => void acquire("first"));
  await dispatch(c, new MemoryApplication({ units: 1 }), "app/0", "start");
  assert.deepEqual(did, ["first", "second"]);
});

test("a handler that throws or rejects is the end of the hook, and nothing is written", async () => {
  for (const handler of [
    () => {
      throw new Error("no disk");
    },
    async () => Promise.reject(new Error("no disk")),
  ]) {
    const { c, did } = restarting();
    c.on("config-changed", handler);
    const application = new MemoryApplication({ units: 2 });
    const host = application.hook("app/1", "config-changed");
    await assert.rejects(c.run(host), { message: "no disk" });
    host.fail();
    assert.deepEqual(did, ["app/1 asks"]);
    assert.deepEqual(application.databags.get("app/1"), {});
  }
});

test("an action finds no lock granted, since it gives none back", async () => {
  const { c, did } = restarting();
  const application = new MemoryApplication({ units: 1 });
  const host = application.hook("app/0", "config-changed");
  host.leadership.write({ coordinator: '{"app/0": {"restart": "2026-01-01 00:00:00.000000Z"}}' });
  application.databags.set("app/0", { coordinator: '{"restart": "2026-01-01 00:00:00.000000Z"}' });
  const action = application.hook("app/0", "");
  await c.run({ ...action, hook: { ...action.hook, kind: "action" } });
  assert.deepEqual(did, []);
});

/** A charm as a process of its own, with hook tools that are shell scripts. Its unit leads, and another waits behind it. */
function runProcess(handler: string): { status: number | null; stderr: string; calls: string[] } {
  const directory = mkdtempSync(join(tmpdir(), "charm-"));
  const calls = join(directory, "calls");
  writeFileSync(calls, "");
  const waiting = {
    coordinator: '{"restart": "9999-01-01 00:00:00.000000Z"}',
    "coordinator-v1": '{"done": {}, "v": 1}',
  };
  writeFileSync(join(directory, "app-1.json"), JSON.stringify(waiting));
  const answers = {
    "is-leader": "echo true",
    "relation-ids": `echo '["coordinator:3"]'`,
    "relation-list": `echo '["app/1"]'`,
    "relation-get": `case "$*" in *app/1*) cat '${join(directory, "app-1.json")}' ;; *) echo '{}' ;; esac`,
    "leader-get": "echo '{}'",
    "relation-set": "cat > /dev/null",
    "leader-set": ":",
  };
  for (const [tool, answer] of Object.entries(answers)) {
    const script = `#!/bin/sh\necho ${tool} >> '${calls}'\n${answer}\n`;
    writeFileSync(join(directory, tool), script, { mode: 0o755 });
  }
  const index = fileURLToPath(new URL("index.js", import.meta.url));
  const main = join(directory, "main.mjs");
  writeFileSync(
    main,
    `import { charm } from ${JSON.stringify(index)};
    await charm({ relation: "coordinator" })
      .on("update-status", ({ acquire }) => acquire("restart"))
      .when("coordinator.granted.restart", ${handler})
      .run();`,
  );
  const { status, stderr } = spawnSync(process.execPath, [main], {
    encoding: "utf8",
    timeout: 20_000,
    env: {
      PATH: `${directory}:${process.env.PATH}`,
      JUJU_UNIT_NAME: "app/0",
      JUJU_HOOK_NAME: "update-status",
      JUJU_DISPATCH_PATH: "hooks/update-status",
      JUJU_VERSION: "3.6.8",
    },
  });
  return { status, stderr, calls: readFileSync(calls, "utf8").trim().split("\n") };
}

const reads = [
  ...["is-leader", "relation-ids", "relation-get", "leader-get", "relation-list"],
  "relation-get",
];

test("as a process it writes when all is done, grants last, and exits with 0", () => {
  const { status, stderr, calls } = runProcess("() => console.log('restarted')");
  assert.deepEqual([status, stderr], [0, ""]);
  assert.deepEqual(calls, [...reads, "leader-set", "relation-set", "leader-set"]);
});

test("as a process that fails it says why on stderr, writes nothing more and exits with 1", () => {
  for (const handler of [
    "() => { throw new Error('no disk'); }",
    "async () => { setInterval(() => {}, 1000); throw new Error('no disk'); }",
  ]) {
    const { status, stderr, calls } = runProcess(handler);
    assert.equal(status, 1);
    assert.match(stderr, /no disk/);
    assert.deepEqual(calls, [...reads, "leader-set"]);
  }
});

test("an error after the handlers fails the hook too", () => {
  const { status, calls } = runProcess(
    "() => void setTimeout(() => { throw new Error('late'); }, 0)",
  );
  assert.equal(status, 1);
  assert.deepEqual(calls, [...reads, "leader-set"]);
});
