import assert from "node:assert/strict";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { Coordinator, HookToolError, type Host, jujuHost, type RunTool } from "./index.js";
import type { JujuOptions } from "./juju.js";

/** Hook tools that answer from a table by how the command line begins, and note what was run. */
class FakeTools {
  readonly calls: string[] = [];
  readonly #answers: Record<string, unknown>;

  constructor(answers: Record<string, unknown> = {}) {
    this.#answers = answers;
  }

  readonly run: RunTool = (tool, args, input) => {
    const call = [tool, ...args.filter((arg) => arg !== "--format=json")].join(" ");
    this.calls.push(input === undefined ? call : `${call} < ${input}`);
    const found = Object.keys(this.#answers)
      .filter((beginning) => call.startsWith(beginning))
      .sort((a, b) => b.length - a.length)[0];
    const answer = found === undefined ? "" : this.#answers[found];
    if (answer instanceof Refusal) throw new HookToolError(tool, args, 1, answer.stderr);
    return typeof answer === "string" ? answer : JSON.stringify(answer);
  };
}

class Refusal {
  readonly stderr: string;

  constructor(stderr: string) {
    this.stderr = `ERROR ${stderr}\n`;
  }
}

const env = {
  JUJU_UNIT_NAME: "app/1",
  JUJU_HOOK_NAME: "update-status",
  JUJU_DISPATCH_PATH: "hooks/update-status",
  JUJU_VERSION: "3.6.8",
  JUJU_PRINCIPAL_UNIT: "",
};

const bystander = {
  "is-leader": false,
  "relation-ids coordinator": ["coordinator:3"],
  "relation-get": {},
  "leader-get": {},
};

const leader = {
  ...bystander,
  "is-leader": true,
  "relation-list": ["app/0", "app/2", "app/3"],
};

/** `end` is called by hand: the test's own process must not end as a hook. */
function hostOf(tools: FakeTools, options: JujuOptions = {}): Host {
  const host = jujuHost({ env, run: tools.run, relation: "coordinator", ...options });
  host.hook.onEnd = () => undefined;
  return host;
}

function runHook(tools: FakeTools, options: JujuOptions = {}): void {
  const coordinator = new Coordinator(hostOf(tools, options));
  coordinator.start();
  coordinator.end();
}

test("a unit that does not lead runs four hook tools, and writes nothing", () => {
  const tools = new FakeTools(bystander);
  runHook(tools);
  assert.deepEqual(tools.calls, [
    "is-leader",
    "relation-ids coordinator",
    "relation-get -r coordinator:3 - app/1",
    "leader-get -",
  ]);
});

test("on Juju 4 the same four, with the application databag", () => {
  const tools = new FakeTools(bystander);
  runHook(tools, { env: { ...env, JUJU_VERSION: "4.0.1" } });
  assert.equal(tools.calls.length, 4);
  assert.equal(tools.calls[3], "relation-get -r coordinator:3 --app - app");
});

test("a leader of N units runs N + 4", () => {
  const tools = new FakeTools(leader);
  runHook(tools);
  assert.equal(tools.calls.length, 4 + 4);
  assert.deepEqual(tools.calls.slice(4), [
    "relation-list -r coordinator:3",
    ...["app/0", "app/2", "app/3"].map((unit) => `relation-get -r coordinator:3 - ${unit}`),
  ]);
});

test("without a peer relation what was asked for is read from the unit's own state", () => {
  const tools = new FakeTools({
    ...bystander,
    "relation-ids coordinator": [],
    "state-get": '""',
  });
  runHook(tools);
  assert.deepEqual(tools.calls, [
    "is-leader",
    "relation-ids coordinator",
    "leader-get -",
    "state-get coordinator",
  ]);
});

test("a request is written by one relation-set, as JSON on its standard input", () => {
  const tools = new FakeTools(bystander);
  const coordinator = new Coordinator(hostOf(tools));
  coordinator.start();
  assert.equal(coordinator.acquire("restart"), false);
  coordinator.end();
  const [write, ...more] = tools.calls.slice(4);
  assert.match(
    write!,
    /^relation-set -r coordinator:3 --file - < \{"coordinator":"\{\\"restart\\"/,
  );
  assert.deepEqual(more, []);
});

test("a leader publishes its own lock before it holds it, and goes on if that is refused", () => {
  const accepted = new FakeTools(leader);
  const first = new Coordinator(hostOf(accepted));
  first.start();
  assert.ok(first.acquire("restart"));
  assert.match(accepted.calls.at(-1)!, /^leader-set coordinator=\{"app\/1"/);

  for (const stderr of [
    "cannot write leadership settings: cannot write settings: not the leader",
    "not the leader",
  ]) {
    const second = new Coordinator(
      hostOf(new FakeTools({ ...leader, "leader-set": new Refusal(stderr) })),
    );
    second.start();
    assert.equal(second.acquire("restart"), false);
    assert.equal(second.status().problems[0]?.code, "not_leader");
    second.end();
  }
});

test("writes to either store, refused or not", () => {
  for (const store of ["settings", "application"] as const) {
    const write = (answers: Record<string, unknown>): boolean =>
      hostOf(new FakeTools({ ...bystander, ...answers }), { store }).leadership.write({ a: "b" });
    const tool = store === "settings" ? "leader-set" : "relation-set";
    const refusal =
      store === "settings" ? "cannot write leadership settings" : "cannot write relation settings";
    assert.equal(write({}), true);
    assert.equal(write({ [tool]: new Refusal(refusal) }), false);
    assert.throws(() => write({ [tool]: new Refusal("connection is shut down") }), HookToolError);
  }
});

test("a hook tool that fails says which, how, and what it said", () => {
  const tools = new FakeTools({ "is-leader": new Refusal("connection is shut down") });
  assert.throws(() => runHook(tools), {
    name: "HookToolError",
    code: "hook_tool_failed",
    tool: "is-leader",
    args: ["--format=json"],
    exitCode: 1,
    stderr: "ERROR connection is shut down\n",
  });
});

test("a hook tool that is not there is no hook tool that refused", () => {
  const host = jujuHost({ env, relation: "coordinator" });
  assert.throws(() => host.leadership.isLeader(), { name: "HookToolError", exitCode: null });
  assert.throws(() => host.peers.members(), { name: "HookToolError", exitCode: null });
});

test("what is not in the form that Juju gives is refused", () => {
  const broken = (answers: Record<string, unknown>, act: (host: Host) => unknown): void => {
    const host = hostOf(new FakeTools({ ...bystander, ...answers }));
    assert.throws(() => act(host), { name: "HostError", code: "bad_output" });
  };
  broken({ "is-leader": "True" }, ({ leadership }) => leadership.isLeader());
  broken({ "is-leader": 1 }, ({ leadership }) => leadership.isLeader());
  broken({ "leader-get": { a: 1 } }, ({ leadership }) => leadership.read());
  broken({ "relation-list": "app/0" }, ({ peers }) => peers.members());
  broken({ "goal-state": {} }, ({ peers }) => peers.planned());
  broken({ "state-get": 7 }, ({ peers }) => peers.readSaved("coordinator"));
  broken({ "config-get": null }, ({ hook }) => hook.config());
});

test("a unit that Juju refuses to show is left out; a name that is none never reaches a tool", () => {
  const tools = new FakeTools({
    ...bystander,
    "relation-get -r coordinator:3 - app/7": new Refusal("permission denied"),
  });
  const { peers } = hostOf(tools);
  assert.equal(peers.of("app/7"), null);
  assert.deepEqual(peers.of("app/8"), {});
  const before = tools.calls.length;
  for (const name of ["--help", "-o/0", "app", "app/-1", "app/1 x", "../app/1", ""]) {
    assert.equal(peers.of(name), null, name);
  }
  assert.equal(tools.calls.length, before);
});

test("empty answers of Juju 4 are empty maps", () => {
  const { leadership, peers } = hostOf(
    new FakeTools({ ...bystander, "leader-get": "null", "state-get": "null" }),
  );
  assert.deepEqual(leadership.read(), {});
  assert.equal(peers.readSaved("coordinator"), "");
});

test("goal-state gives each unit's status", () => {
  const units = {
    "app/0": { status: "active", since: "2026-01-01" },
    "app/1": { status: "dying" },
  };
  const { peers } = hostOf(new FakeTools({ "goal-state": { units, relations: {} } }));
  assert.deepEqual(peers.planned(), { "app/0": "active", "app/1": "dying" });
});

test("the environment says what kind of hook it is", () => {
  const hook = (more: Record<string, string>): object => {
    const { unit, kind, name, remoteUnit, departingUnit, subordinate } = hostOf(
      new FakeTools(bystander),
      { env: { ...env, ...more } },
    ).hook;
    return { unit, kind, name, remoteUnit, departingUnit, subordinate };
  };
  const plain = {
    unit: "app/1",
    kind: "hook",
    name: "update-status",
    remoteUnit: null,
    departingUnit: null,
    subordinate: false,
  };
  assert.deepEqual(hook({}), plain);
  const exec = { JUJU_HOOK_NAME: "" };
  assert.deepEqual(hook(exec), { ...plain, name: "", kind: "exec" });
  const action = { JUJU_HOOK_NAME: "", JUJU_ACTION_NAME: "show" };
  assert.deepEqual(hook(action), { ...plain, name: "", kind: "action" });
  assert.deepEqual(hook({ JUJU_PRINCIPAL_UNIT: "db/0" }), { ...plain, subordinate: true });
  assert.throws(() => jujuHost({ env: {} }), { name: "HostError", code: "no_hook" });
});

test("a remote unit counts only in a hook of the relation in which the requests are", () => {
  const told = (relation: string | null): (string | null)[] => {
    const departed = { JUJU_REMOTE_UNIT: "app/2", JUJU_DEPARTING_UNIT: "app/2" };
    const about = relation === null ? {} : { JUJU_RELATION_ID: relation };
    const { hook } = hostOf(new FakeTools(bystander), { env: { ...env, ...departed, ...about } });
    return [hook.remoteUnit, hook.departingUnit];
  };
  assert.deepEqual(told("coordinator:3"), ["app/2", "app/2"]);
  assert.deepEqual(told("cluster:4"), [null, null]);
  assert.deepEqual(told(null), [null, null]);
});

test("only what is serious costs a hook tool to log", () => {
  const tools = new FakeTools();
  const { hook } = hostOf(tools);
  hook.log("DEBUG", "cheap");
  hook.log("WARNING", "-- app/3 has data that cannot be read");
  assert.deepEqual(tools.calls, ["juju-log -l WARNING -- -- app/3 has data that cannot be read"]);
});

test("no peer can break a hook by what it makes this unit log", () => {
  const tools = new FakeTools({ "juju-log -l ERROR": new Refusal("too long") });
  const { hook } = hostOf(tools);
  hook.log("WARNING", "the lock a\0b\nERROR c");
  assert.deepEqual(tools.calls, ["juju-log -l WARNING -- the lock a b ERROR c"]);
  hook.log("ERROR", "goes to stderr where juju-log fails");
});

test("time is UTC in Juju's old library's form, and a clock that does not go back", () => {
  const { hook } = hostOf(new FakeTools());
  assert.match(hook.now(), /^20\d\d-\d\d-\d\d \d\d:\d\d:\d\d\.\d{6}Z$/);
  const first = hook.monotonic();
  assert.ok(hook.monotonic() >= first);
});

test("the peer relation is the one called coordinator, else the first by name", () => {
  const nameIn = (files: Record<string, string>): string | undefined => {
    const directory = mkdtempSync(join(tmpdir(), "charm-"));
    for (const [file, text] of Object.entries(files)) writeFileSync(join(directory, file), text);
    const tools = new FakeTools({ ...bystander, "relation-ids": [] });
    const host = jujuHost({ env: { ...env, JUJU_CHARM_DIR: directory }, run: tools.run });
    host.peers.own();
    return tools.calls[0];
  };
  const peers =
    "peers:\n  zebra: {interface: z}\n  coordinator: {interface: c}\n  ant: {interface: a}\n";
  assert.equal(nameIn({ "metadata.yaml": peers }), "relation-ids coordinator");
  const others = peers.replace("  coordinator: {interface: c}\n", "");
  assert.equal(nameIn({ "charmcraft.yaml": others }), "relation-ids ant");
  assert.equal(
    nameIn({ "metadata.yaml": "name: app\n", "charmcraft.yaml": others }),
    "relation-ids ant",
  );
  assert.equal(nameIn({ "metadata.yaml": "name: app\n" }), undefined);
  assert.equal(nameIn({}), undefined);
  assert.throws(() => nameIn({ "metadata.yaml": "peers: [" }), { code: "bad_metadata" });
});
