import assert from "node:assert/strict";
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import {
  Coordinator,
  type CoordinatorOptions,
  HostError,
  MemoryApplication,
  type MemoryHost,
  PolicySource,
  type Status,
  type SwapOptions,
} from "./index.js";
import { NOTHING_KEPT } from "./kept.js";
import { sha256Of } from "./policy.js";
import { LOOP, type Script, scriptedPolicy, TRAP } from "./scripted-policy.js";

const grant = [{ unit: "app/1", lock: "restart" }];

/** An application whose leader app/0 takes its policy from its operator, while app/1 waits for `restart`. */
class Stage {
  readonly folder = mkdtempSync(join(tmpdir(), "swap-"));
  readonly kept = join(this.folder, "kept");
  readonly application = new MemoryApplication({ units: 2 });
  readonly #options: SwapOptions;
  readonly #coordinator: CoordinatorOptions;

  constructor(options: SwapOptions = {}, coordinator: CoordinatorOptions = { policy: "pause" }) {
    this.#options = { folder: this.kept, time: 60_000, ...options };
    this.#coordinator = coordinator;
    const host = this.application.hook("app/1");
    const asks = new Coordinator(host);
    asks.start();
    asks.acquire("restart");
    host.commit();
  }

  /** juju attach-resource */
  attach(script: Script | Uint8Array): string {
    const bytes = script instanceof Uint8Array ? script : scriptedPolicy(script);
    const path = join(this.folder, "attached.wasm");
    writeFileSync(path, bytes);
    this.application.resources["coordinator-policy"] = path;
    return sha256Of(bytes);
  }

  /** juju config */
  configure(value: unknown): void {
    this.application.config["coordinator-policy"] = value;
  }

  /** A hook of the leader; what its status said before it ended. */
  hook(
    name = "config-changed",
    change: (host: MemoryHost) => MemoryHost = (host) => host,
    acquires: string[] = [],
  ): Status {
    const host = change(this.application.hook("app/0", name));
    const swap = new PolicySource(this.#options);
    const coordinator = new Coordinator(host, { ...this.#coordinator, swap });
    coordinator.start();
    for (const lock of acquires) coordinator.acquire(lock);
    const status = coordinator.status();
    host.commit();
    return status;
  }

  /** Whether the lock was granted to app/1. */
  get isGranted(): boolean {
    return (this.application.settings.coordinator ?? "").includes("app/1");
  }

  get record(): Record<string, unknown> {
    return JSON.parse(readFileSync(join(this.kept, "policy.json"), "utf8"));
  }

  /** What the leader has logged, and forgets it. */
  log(): string[] {
    return this.application.log.splice(0).map(({ level, message }) => `${level} ${message}`);
  }
}

const half: Script = {
  describe: { ok: { kind: "policy", name: "half", version: "1" } },
  decide: { ok: { grant } },
};

test("a module in the resource takes the place of the charm's policy, and later hooks find it kept", () => {
  const stage = new Stage();
  assert.equal(stage.hook().policy, "pause");
  const sha256 = stage.attach(half);
  stage.log();
  stage.hook("upgrade-charm");
  assert.equal(
    stage.log()[0],
    `INFO the policy is now half 1 (sha256 ${sha256.slice(0, 12)}), from the resource`,
  );
  assert.ok(stage.isGranted);
  assert.deepEqual(JSON.parse(stage.application.settings["coordinator-v1"]!).policy, {
    name: "half",
    sha256,
  });
  delete stage.application.resources["coordinator-policy"];
  assert.equal(stage.hook("update-status").policy, "half");
});

test("what decides is kept in a folder that is this user's own", () => {
  const stage = new Stage();
  const sha256 = stage.attach({ ...half, check: { ok: { needs: { options: ["go"] } } } });
  stage.configure("{ rules: serial, limit: 2, config: { max: 3 } }");
  stage.hook();
  assert.equal(statSync(stage.kept).mode & 0o777, 0o700);
  assert.deepEqual(readdirSync(stage.kept).sort(), ["policy.json", "policy.wasm"]);
  assert.deepEqual(stage.record, {
    v: 1,
    from: "resource",
    name: "half",
    version: "1",
    sha256,
    config: { max: 3 },
    needs: { options: ["go"] },
    rules: "serial",
    limit: 2,
    refused: null,
  });
});

const bad: readonly (readonly [string, Script | Uint8Array, string])[] = [
  ["is no WebAssembly", Buffer.from("hello"), "not_wasm"],
  ["traps", { describe: TRAP }, "trap"],
  ["never ends", { check: LOOP }, "timeout"],
  ["does not take its config", { check: { error: { code: "x", message: "no" } } }, "bad_config"],
  ["is larger than any policy may be", Buffer.alloc((4 << 20) + 1), "too_big"],
];
for (const [what, script, code] of bad) {
  test(`a module that ${what} is refused with ${code}, the old one goes on deciding, and status says so until it is mended`, () => {
    const stage = new Stage();
    stage.attach({ ...half, decide: { ok: { grant: [] } } });
    stage.hook();
    stage.log();

    stage.attach(script);
    const status = stage.hook("upgrade-charm");
    assert.equal(status.policy, "half");
    const key = "resource coordinator-policy";
    const { message, ...problem } = status.problems[0]!;
    assert.deepEqual(problem, { code: "policy_refused", key });
    assert.match(message, new RegExp(`^${code}: `));
    assert.match(
      stage.log()[0]!,
      new RegExp(`^WARNING ${key} is refused: ${code}: .*; the policy is still half 1 `),
    );

    assert.deepEqual(stage.hook("update-status").problems, status.problems);
    assert.deepEqual(stage.log(), []);

    stage.attach(half);
    assert.deepEqual(stage.hook("upgrade-charm").problems, []);
    assert.ok(stage.isGranted);
  });
}

test("a config that no module can be told is no reason to fail the hook", () => {
  const stage = new Stage({ config: { max: 2n } });
  stage.attach(half);
  const { policy, problems } = stage.hook();
  assert.equal(policy, "pause");
  assert.match(problems[0]!.message, /^policy_failed: .*BigInt/);
});

test("a module with a name that would fill leader settings is refused", () => {
  const stage = new Stage();
  const name = "x".repeat(50_000);
  stage.attach({ ...half, describe: { ok: { kind: "policy", name, version: "1" } } });
  const { policy, problems } = stage.hook();
  assert.equal(policy, "pause");
  assert.match(problems[0]!.message, /^bad_policy: name: more than 256 bytes/);
});

test("without an old one the charm's own policy goes on", () => {
  const stage = new Stage({}, { policy: "serial" });
  stage.attach(Buffer.from("hello"));
  assert.equal(stage.hook().policy, "serial");
  assert.ok(stage.isGranted);
});

test("an empty resource, or none, is how to take a module back", () => {
  const stage = new Stage();
  stage.attach(half);
  stage.hook();
  stage.attach(Buffer.alloc(0));
  stage.log();
  assert.equal(stage.hook("upgrade-charm").policy, "pause");
  assert.deepEqual(stage.log(), ["INFO the policy is now the charm's own"]);
  assert.deepEqual(readdirSync(stage.kept), ["policy.json"]);
});

test("rules in the option take the place of the charm's own, each in the form that the core takes", () => {
  const forms: readonly (readonly [unknown, string])[] = [
    ["parallel:2", "parallel"],
    ["{ rule: parallel, max: 2 }", "parallel"],
    ["[serial, { rule: gate, option: go }]", "serial, gate"],
    ["rules: [serial]\nlimit: 1", "serial"],
    ["limit: 1", "pause"],
    ["", "pause"],
    ["# nothing yet", "pause"],
    [undefined, "pause"],
  ];
  for (const [value, expected] of forms) {
    const stage = new Stage();
    stage.configure(value);
    const status = stage.hook();
    assert.deepEqual([status.policy, status.problems], [expected, []], `${value}`);
  }
});

test("rules that are wrong are refused, and the old ones go on", () => {
  for (const value of ["serially", "[serial", "{ rules: serial, when: now }", "limit: 0", true]) {
    const stage = new Stage();
    stage.configure("parallel:2");
    stage.hook();
    stage.configure(value);
    const { policy, problems } = stage.hook();
    assert.equal(policy, "parallel", `${value}`);
    assert.equal(problems[0]!.key, "option coordinator-policy");
    assert.match(problems[0]!.message, /^bad_policy: /);
  }
});

test("with a module and rules both must permit", () => {
  const stage = new Stage();
  stage.attach(half);
  stage.configure("pause");
  assert.equal(stage.hook().policy, "pause, half");
  assert.equal(stage.isGranted, false);
  stage.configure("");
  assert.equal(stage.hook().policy, "half");
  assert.ok(stage.isGranted);
});

test("the limit of the option holds, whatever its rules permit", () => {
  for (const [limit, holders] of [
    [1, 1],
    [2, 2],
  ] as const) {
    const stage = new Stage();
    stage.configure(`{ rules: "parallel:5", limit: ${limit} }`);
    const status = stage.hook("config-changed", (host) => host, ["restart"]);
    assert.equal(status.holders.length, holders);
  }
});

test("a good module beside a bad option changes nothing, and neither the other way round", () => {
  const stage = new Stage();
  stage.attach(half);
  stage.configure("serially");
  assert.equal(stage.hook().policy, "pause");
  stage.attach(Buffer.from("hello"));
  stage.configure("serial");
  assert.equal(stage.hook().policy, "pause");
});

test("a file of the charm decides where the resource is empty", () => {
  const folder = mkdtempSync(join(tmpdir(), "charm-"));
  const file = join(folder, "own.wasm");
  writeFileSync(file, scriptedPolicy(half));
  const stage = new Stage({ file });
  stage.attach(Buffer.alloc(0));
  stage.hook();
  assert.equal(stage.record.from, "file");
  assert.ok(stage.isGranted);
});

test("what Juju cannot give is a problem, and the old policy goes on", () => {
  const fails = (method: "config" | "resource") => (host: MemoryHost) => ({
    ...host,
    hook: {
      ...host.hook,
      [method]: () => {
        throw new HostError("hook_tool_failed", "no route to the controller");
      },
    },
  });
  const stage = new Stage();
  stage.attach(half);
  stage.hook();
  for (const [method, code] of [
    ["resource", "resource_failed"],
    ["config", "config_failed"],
  ] as const) {
    const { policy, problems } = stage.hook("config-changed", fails(method));
    assert.equal(policy, "half");
    assert.equal(problems[0]!.message, `${code}: no route to the controller`);
  }
  delete stage.application.resources["coordinator-policy"];
  assert.match(stage.hook().problems[0]!.message, /^resource_failed: /);
});

test("no hook tool is run for it where nothing new can be, but a leader without a record looks", () => {
  const stage = new Stage();
  const calls: string[] = [];
  const counting = (host: MemoryHost): MemoryHost => ({
    ...host,
    hook: {
      ...host.hook,
      config: () => {
        calls.push("config");
        return {};
      },
      resource: () => {
        calls.push("resource");
        return null;
      },
    },
  });
  stage.application.leader = "app/1";
  stage.hook("update-status", counting);
  assert.deepEqual(calls, []);
  stage.application.leader = "app/0";
  stage.hook("update-status", counting);
  assert.deepEqual(calls.splice(0).sort(), ["config", "resource"]);
  stage.hook("update-status", counting);
  assert.deepEqual(calls, []);
});

test("a record that cannot be read is as if there was none, and is told", () => {
  const newer = { ...NOTHING_KEPT, v: 2 };
  for (const text of ["{", "[]", '{"v":1}', JSON.stringify(newer)]) {
    const stage = new Stage();
    stage.attach(half);
    mkdirSync(stage.kept);
    writeFileSync(join(stage.kept, "policy.json"), text);
    const { policy, problems } = stage.hook("update-status");
    assert.deepEqual([policy, problems[0]!.code], ["half", "bad_record"]);
    assert.deepEqual(stage.hook("update-status").problems, []);
  }
});

test("a kept module that was lost grants nothing, and the next hook of the leader fetches it again", () => {
  const stage = new Stage();
  stage.attach({ ...half, decide: { ok: { grant: [] } } });
  stage.hook();
  stage.attach(half);
  writeFileSync(join(stage.kept, "policy.wasm"), "something else");
  stage.log();
  stage.hook("update-status");
  assert.match(stage.log().join(), /policy: lost: /);
  stage.hook("update-status");
  assert.ok(stage.isGranted);
});

test("where nothing can be kept, nothing new decides", () => {
  const stage = new Stage();
  writeFileSync(stage.kept, "a file where the folder should be");
  stage.configure("serial");
  const { policy, problems } = stage.hook();
  assert.equal(policy, "pause");
  assert.match(problems.at(-1)!.message, /^folder_failed: /);
});

test("a charm may name places of its own, or none", () => {
  const stage = new Stage({ resource: null, option: "rules" });
  stage.attach(half);
  stage.configure("serial");
  stage.application.config.rules = "parallel:2";
  assert.equal(stage.hook().policy, "parallel");
  const none = new Stage({ resource: null, option: null });
  none.attach(half);
  none.configure("serial");
  assert.equal(none.hook().policy, "pause");
});
