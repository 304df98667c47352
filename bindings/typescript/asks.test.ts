import assert from "node:assert/strict";
import { test } from "node:test";
import { Asker } from "./asks.js";
import { type Host, HostError, MemoryApplication } from "./index.js";
import type { PolicyFunction } from "./policy.js";
import { ScriptedCore } from "./scripted-core.js";

const done = { ok: { done: true } };

/** Runs one operation in which the core asks for one thing, and gives the binding's answer to it. */
function answerTo(ask: object, host: Host, policy: PolicyFunction | null = null): object {
  const core = new ScriptedCore({ ask }, done);
  const asker = new Asker(() => core, host, "coordinator");
  asker.policy = policy;
  assert.deepEqual(asker.request({ op: "status" }), done.ok);
  const { op, what, result, failure } = core.inputs[1]!;
  assert.equal(op, "answer");
  assert.equal(what, (ask as { what: string }).what);
  return failure === undefined ? { result } : { failure };
}

function leaderOf(units: number): { application: MemoryApplication; host: Host } {
  const application = new MemoryApplication({ units });
  return { application, host: application.hook("app/0") };
}

test("what the core asks for, the host obtains", () => {
  const { application, host } = leaderOf(3);
  application.config.go = "yes";
  application.databags.set("app/1", { coordinator: "{}", "ingress-address": "10.0.0.7" });
  const cases: [object, unknown][] = [
    [{ what: "saved" }, ""],
    [{ what: "units", units: ["app/1", "app/9"] }, { "app/1": { coordinator: "{}" } }],
    [{ what: "planned" }, { "app/0": "active", "app/1": "active", "app/2": "active" }],
    [{ what: "config", options: ["go", "other"] }, { go: "yes" }],
    [{ what: "publish", values: { coordinator: "{}" } }, true],
    [
      { what: "reread", values: { "coordinator-v1": "1" } },
      { coordinator: "{}", "coordinator-v1": "1" },
    ],
    [{ what: "leader" }, true],
  ];
  for (const [ask, result] of cases) assert.deepEqual(answerTo(ask, host), { result });
});

test("a databag's value that is too long to be read is cut, and still too long", () => {
  const { application, host } = leaderOf(3);
  const read = (value: string): string => {
    application.databags.set("app/1", { coordinator: value });
    const answer = answerTo({ what: "units", units: ["app/1"] }, host) as {
      result: { "app/1": { coordinator: string } };
    };
    return answer.result["app/1"].coordinator;
  };
  const longest = "x".repeat(65_536);
  assert.equal(read(longest), longest);
  assert.equal(read(`${longest}yz`), `${longest}y`);
  // A cut between the halves of a character would leave no text at all.
  assert.equal(read(`${longest}\u{1f9ed}z`), `${longest}\u{1f9ed}`);
});

test("grants are handed over whole, however long", () => {
  const { application, host } = leaderOf(1);
  const long = "x".repeat(100_000);
  application.settings = { coordinator: long };
  assert.deepEqual(answerTo({ what: "reread", values: {} }, host), {
    result: { coordinator: long },
  });
});

test("a refused write is the failure `refused`", () => {
  const { application, host } = leaderOf(2);
  application.leader = "app/1";
  for (const what of ["publish", "reread"]) {
    assert.deepEqual(answerTo({ what, values: {} }, host), { failure: "refused" });
  }
});

test("what the host cannot obtain is a failure, not the end of the hook", () => {
  const { host } = leaderOf(2);
  host.peers.planned = () => {
    throw new HostError("hook_tool_failed", "goal-state exited with 1");
  };
  assert.deepEqual(answerTo({ what: "planned" }, host), { failure: "hook_tool_failed" });
});

test("an error that is not the host's is the end of the hook", () => {
  const { host } = leaderOf(2);
  host.peers.planned = () => {
    throw new RangeError("a bug");
  };
  assert.throws(() => answerTo({ what: "planned" }, host), RangeError);
});

test("an ask that this binding does not know is a failure", () => {
  assert.deepEqual(answerTo({ what: "weather" }, leaderOf(1).host), { failure: "unknown_ask" });
});

test("a policy function that throws, or answers nonsense, is a failure with a name", () => {
  const bad = (policy: unknown): object =>
    answerTo({ what: "policy", input: {} }, leaderOf(1).host, policy as PolicyFunction | null);
  const fails = (failure: string): object => ({ failure });
  assert.deepEqual(bad(null), fails("no_policy"));
  assert.deepEqual(
    bad((state: { missing: { n: number } }) => state.missing.n),
    fails("policy_failed"),
  );
  assert.deepEqual(
    bad(() => undefined),
    fails("bad_answer"),
  );
  assert.deepEqual(
    bad(() => ({ grant: "app/1" })),
    fails("bad_answer"),
  );
  assert.deepEqual(
    bad(() => ({ grant: [1n] })),
    fails("bad_answer"),
  );
  assert.deepEqual(
    bad(async () => Promise.reject(new Error("late"))),
    fails("bad_answer"),
  );
  assert.deepEqual(
    bad(() => ({ grant: [] })),
    { result: { grant: [] } },
  );
});

test("age counts from the moment before is-leader was asked, or before the last accepted write", () => {
  const { host } = leaderOf(1);
  let seconds = 100;
  host.hook.monotonic = () => seconds++;
  const core = new ScriptedCore(
    { ask: { what: "leader" } },
    { ask: { what: "publish", values: {} } },
    done,
  );
  new Asker(() => core, host, "coordinator").request({ op: "status" });
  // Never seen to lead; asked at 100 and told at 101; written at 102 and told at 103.
  assert.deepEqual(
    core.inputs.map(({ age }) => age),
    [undefined, 1, 1],
  );
});

test("a core that asks without end is stopped", () => {
  const asks = Array.from({ length: 200 }, () => ({ ask: { what: "leader" } }));
  const core = new ScriptedCore(...asks);
  const asker = new Asker(() => core, leaderOf(1).host, "coordinator");
  assert.throws(() => asker.request({ op: "status" }), { code: "bad_answer" });
});

test("an error of the core keeps its code and its path", () => {
  const error = { code: "bad_lock", message: "a lock's name is empty", path: "lock" };
  const core = new ScriptedCore({ error });
  const asker = new Asker(() => core, leaderOf(1).host, "coordinator");
  assert.throws(() => asker.request({ op: "acquire" }), {
    name: "CoreError",
    code: "bad_lock",
    path: "lock",
    message: "a lock's name is empty (at lock)",
  });
});
