import assert from "node:assert/strict";
import { test } from "node:test";
import {
  Coordinator,
  type CoordinatorOptions,
  type Host,
  HostError,
  MemoryApplication,
  type MemoryHost,
  ModuleError,
  type PolicyFunction,
} from "./index.js";
import { ScriptedCore, view } from "./scripted-core.js";

/** A hook of one unit that does one thing and succeeds. */
function inHook<T>(
  application: MemoryApplication,
  unit: string,
  act: (coordinator: Coordinator, host: MemoryHost) => T,
  options: CoordinatorOptions = { policy: "serial" },
): T {
  const host = application.hook(unit);
  const coordinator = new Coordinator(host, options);
  coordinator.start();
  const result = act(coordinator, host);
  host.commit();
  return result;
}

const nothing = (): void => undefined;

for (const store of ["settings", "application"] as const) {
  test(`a lock goes round: asked for, granted, held for one hook, given back (${store})`, () => {
    const application = new MemoryApplication({ units: 3, store });
    const granted = (unit: string): boolean =>
      inHook(application, unit, (coordinator) => coordinator.granted("restart"));

    for (const unit of ["app/1", "app/2"]) {
      const held = inHook(application, unit, (coordinator) => coordinator.acquire("restart"));
      assert.equal(held, false, "only the leader grants");
    }
    inHook(application, "app/0", nothing);
    assert.deepEqual([granted("app/2"), granted("app/1"), granted("app/1")], [false, true, false]);
    inHook(application, "app/0", nothing);
    assert.deepEqual([granted("app/1"), granted("app/2")], [false, true]);
  });
}

test("a hook that fails keeps the lock", () => {
  const application = new MemoryApplication({ units: 2 });
  inHook(application, "app/1", (coordinator) => coordinator.acquire("restart"));
  inHook(application, "app/0", nothing);
  const failed = application.hook("app/1");
  new Coordinator(failed).start();
  failed.fail();
  assert.ok(inHook(application, "app/1", (coordinator) => coordinator.granted("restart")));
});

test("what waits for a lock runs once, as soon as it is held", () => {
  const ran: string[] = [];
  const application = new MemoryApplication({ units: 1 });
  inHook(application, "app/0", (coordinator) => {
    coordinator.whenGranted("restart", () => {
      ran.push("first");
      coordinator.whenGranted("restart", () => ran.push("from inside"));
      coordinator.acquire("restart");
    });
    assert.equal(ran.length, 0);
    assert.ok(coordinator.acquire("restart"));
    assert.deepEqual(ran, ["first", "from inside"]);
    coordinator.whenGranted("restart", () => ran.push("held already"));
    coordinator.whenGranted("other", () => ran.push("never"));
  });
  assert.deepEqual(ran, ["first", "from inside", "held already"]);
});

test("what waits for a lock must not return a Promise", () => {
  const application = new MemoryApplication({ units: 1 });
  inHook(application, "app/0", (coordinator) => {
    coordinator.whenGranted("restart", async () => undefined);
    assert.throws(() => coordinator.acquire("restart"), { name: "UsageError", code: "bad_type" });
  });
});

test("a request can be taken back", () => {
  const application = new MemoryApplication({ units: 2 });
  inHook(application, "app/1", (coordinator) => {
    coordinator.acquire("restart");
    assert.ok(coordinator.requested("restart"));
    coordinator.withdraw("restart");
    assert.ok(!coordinator.requested("restart"));
  });
  assert.deepEqual(JSON.parse(application.databags.get("app/1")!.coordinator!), {});
});

test("status names who holds, who waits and why", () => {
  const application = new MemoryApplication({ units: 3 });
  for (const unit of ["app/1", "app/2"]) {
    inHook(application, unit, (coordinator) => coordinator.acquire("restart"));
  }
  inHook(application, "app/0", nothing);
  const { policy, holders, queue } = inHook(application, "app/0", (each) => each.status());
  assert.equal(policy, "serial");
  assert.deepEqual(
    holders.map(({ unit, lock }) => [unit, lock]),
    [["app/1", "restart"]],
  );
  assert.deepEqual(
    queue.map(({ unit, reason }) => [unit, reason]),
    [["app/2", "app/1 holds restart"]],
  );
});

test("a policy may be a function", () => {
  const application = new MemoryApplication({ units: 3 });
  const policy: PolicyFunction = function lastFirst({ queue, holders }) {
    return { grant: holders.length === 0 ? queue.slice(-1) : [] };
  };
  for (const unit of ["app/1", "app/2"]) {
    inHook(application, unit, (coordinator) => coordinator.acquire("restart"), { policy });
  }
  const name = inHook(application, "app/0", (each) => each.status().policy, { policy });
  assert.equal(name, "lastFirst");
  const granted = (unit: string): boolean =>
    inHook(application, unit, (coordinator) => coordinator.granted("restart"), { policy });
  assert.deepEqual([granted("app/1"), granted("app/2")], [false, true]);
});

test("a policy function that throws grants nothing and breaks no hook", () => {
  const application = new MemoryApplication({ units: 2 });
  const policy = (): never => {
    throw new Error("out of order");
  };
  inHook(application, "app/1", (coordinator) => coordinator.acquire("restart"), { policy });
  inHook(application, "app/0", nothing, { policy });
  assert.ok(!inHook(application, "app/1", (each) => each.granted("restart"), { policy }));
  const logged = application.log.filter(({ message }) => message.includes("out of order"));
  assert.deepEqual([...new Set(logged.map(({ level }) => level))], ["WARNING"]);
});

test("an author's wrong policy is an error at once; an operator's is only reported", () => {
  const application = new MemoryApplication({ units: 1 });
  const host = application.hook("app/0");
  assert.throws(() => new Coordinator(host, { policy: "parallel:none" }).start(), {
    name: "PolicyError",
    code: "bad_policy",
  });
  for (const operatorPolicy of ["serail", { rules: 7 }, 12]) {
    inHook(
      new MemoryApplication({ units: 1 }),
      "app/0",
      (coordinator) => {
        assert.equal(coordinator.acquire("restart"), false);
        assert.equal(coordinator.status().problems[0]?.code, "bad_policy");
      },
      { operatorPolicy },
    );
  }
});

test("an operator's policy stands in place of the author's, unless it is empty", () => {
  const policyOf = (operatorPolicy: string): string =>
    inHook(new MemoryApplication({ units: 1 }), "app/0", (each) => each.status().policy, {
      policy: "serial",
      operatorPolicy,
    });
  assert.deepEqual([policyOf("pause"), policyOf("")], ["pause", "serial"]);
});

/** The host with a note of each call. */
function noting(host: Host, calls: string[]): Host {
  const note = <T extends object>(part: T): T =>
    new Proxy(part, {
      get(target, name) {
        const value = Reflect.get(target, name) as unknown;
        if (typeof value !== "function") return value;
        return (...args: unknown[]): unknown => {
          calls.push([String(name), ...args.filter((arg) => typeof arg === "string")].join(" "));
          return Reflect.apply(value, target, args) as unknown;
        };
      },
    });
  return { ...host, leadership: note(host.leadership), peers: note(host.peers) };
}

test("is-leader is asked before anything is read, and peers are read only to lead", () => {
  const application = new MemoryApplication({ units: 3 });
  const readsOf = (unit: string): string[] => {
    const calls: string[] = [];
    const coordinator = new Coordinator(noting(application.hook(unit), calls));
    coordinator.start();
    coordinator.end();
    return calls;
  };
  assert.deepEqual(readsOf("app/1"), ["isLeader", "own", "read"]);
  assert.deepEqual(readsOf("app/0"), [
    "isLeader",
    "own",
    "read",
    "members",
    "of app/1",
    "of app/2",
  ]);
});

test("only values under the relation key reach the core", () => {
  const application = new MemoryApplication({ units: 2 });
  application.databags.set("app/0", { coordinator: "{}", password: "secret" });
  application.databags.set("app/1", { "coordinator-v1": "{}", password: "secret" });
  application.settings = { coordinator: "{}", password: "secret" };
  const core = new ScriptedCore(view());
  new Coordinator(application.hook("app/0"), {}, core).start();
  assert.ok(JSON.stringify(core.inputs).includes("coordinator-v1"));
  assert.ok(!JSON.stringify(core.inputs).includes("secret"));
});

test("effects are carried out in the order given", () => {
  const calls: string[] = [];
  const values = { coordinator: "{}" };
  const effects = [
    { do: "flags", set: [], clear: ["coordinator.granted.restart"] },
    { do: "databag", values },
    { do: "saved", value: "" },
    { do: "settings", values },
  ];
  const application = new MemoryApplication({ units: 2 });
  const core = new ScriptedCore(view(), { ok: { effects, released: [], grants: [], log: [] } });
  const coordinator = new Coordinator(noting(application.hook("app/1"), calls), {}, core);
  coordinator.start();
  calls.length = 0;
  coordinator.end();
  assert.deepEqual(calls, ["writeOwn", "writeSaved coordinator ", "write"]);
  assert.match(application.log.at(-1)!.message, /refused/, "app/1 does not lead, and goes on");
});

test("where the core fails at the end nothing is written and the hook fails", () => {
  const failures: [object, object][] = [
    [new ModuleError("trap", "it trapped", "unreachable"), { code: "trap" }],
    [{ error: { code: "bad_order", message: "not now" } }, { code: "bad_order" }],
    [
      { ok: { effects: [{ do: "databag", values: {} }, { do: "dance" }], log: [] } },
      { code: "bad_answer" },
    ],
  ];
  for (const [answer, expected] of failures) {
    const calls: string[] = [];
    const host = new MemoryApplication({ units: 1 }).hook("app/0");
    const coordinator = new Coordinator(noting(host, calls), {}, new ScriptedCore(view(), answer));
    coordinator.start();
    calls.length = 0;
    assert.throws(() => host.commit(), expected);
    assert.deepEqual(calls, []);
  }
});

test("a write that fails at the end is the host's error", () => {
  const host = new MemoryApplication({ units: 2 }).hook("app/1");
  host.peers.writeOwn = () => {
    throw new HostError("hook_tool_failed", "relation-set exited with 1");
  };
  const coordinator = new Coordinator(host);
  coordinator.start();
  coordinator.acquire("restart");
  assert.throws(() => host.commit(), { name: "HostError", code: "hook_tool_failed" });
});

test("without a peer relation requests are kept by Juju for the unit, and then move", () => {
  const application = new MemoryApplication({ units: 2 });
  const install = application.hook("app/1", "install");
  install.peers.own = () => null;
  const first = new Coordinator(install);
  first.start();
  first.acquire("restart");
  install.commit();
  assert.deepEqual(application.databags.get("app/1"), {});

  const created = application.hook("app/1", "coordinator-relation-created");
  const second = new Coordinator(created);
  second.start();
  assert.ok(second.requested("restart"));
  created.commit();
  assert.match(application.databags.get("app/1")!.coordinator!, /restart/);
  assert.equal(application.hook("app/1").peers.readSaved("coordinator"), "");
});

test("outside a hook nothing is asked for, nor given back, unless it is allowed by name", () => {
  const application = new MemoryApplication({ units: 2 });
  const inAction = (options: CoordinatorOptions): Coordinator => {
    const host = application.hook("app/1");
    const action = { ...host, hook: { ...host.hook, kind: "action" as const, name: "" } };
    const coordinator = new Coordinator(action, options);
    coordinator.start();
    return coordinator;
  };
  assert.throws(() => inAction({}).acquire("restart"), { code: "not_in_hook" });
  assert.equal(inAction({ allow: ["acquire"] }).acquire("restart"), false);
});

test("wrong types are told at once", () => {
  const host = new MemoryApplication({ units: 1 }).hook("app/0");
  for (const key of ["", "a=b", "--file"]) {
    assert.throws(() => new Coordinator(host, { key }), { code: "bad_type" });
  }
  const coordinator = new Coordinator(host);
  const wrong = coordinator as unknown as Record<string, (...args: unknown[]) => unknown>;
  assert.throws(() => coordinator.granted("restart"), { code: "bad_order" });
  coordinator.start();
  for (const call of [
    () => wrong.acquire!(7),
    () => wrong.acquire!("restart", ["list"]),
    () => wrong.acquire!("restart", { big: 1n }),
    () => wrong.granted!(),
    () => wrong.whenGranted!("restart", "restart"),
  ]) {
    assert.throws(call, { name: "UsageError", code: "bad_type" });
  }
  assert.throws(() => coordinator.acquire(""), { name: "CoreError", code: "bad_lock" });
  coordinator.end();
  coordinator.end();
  assert.throws(() => coordinator.granted("restart"), { code: "bad_order" });
});
