import assert from "node:assert/strict";
import { test } from "node:test";
import { type Charm, drive, ModelHost, type Running } from "./inprocess.js";
import { openHook, started } from "./model/fixtures.js";
import { LocalJuju } from "./model/juju.js";

const key = "lock";

/** A charm that asks for a lock with its databag; the leader grants it to one unit after the other. */
function rolling(rolled: Set<string>, careful: boolean): Charm {
  return {
    begin({ hook, leadership, peers }, event): Running {
      const leads = leadership.isLeader();
      const own = peers.own();
      if (own === null) return { operating: [], end: () => {} };
      const holder = leadership.read()[key];
      const holds = holder === hook.unit && own[key] === "wanted";
      const asks = event.kind === "start";
      return {
        operating: holds || (!careful && asks) ? [key] : [],
        end() {
          if (asks) peers.writeOwn({ [key]: "wanted" });
          if (holds) {
            rolled.add(hook.unit);
            peers.writeOwn({ [key]: "done" });
          }
          if (!leads) return;
          const wants = (unit: string) => peers.of(unit)?.[key] === "wanted";
          const queue = [hook.unit, ...peers.members()].filter(wants);
          if (holder === undefined || !queue.includes(holder)) {
            leadership.write({ [key]: queue[0] ?? "" });
          }
        },
      };
    },
  };
}

function application(version: "3.6" | "4.0", count: number, seed: number): LocalJuju {
  const juju = new LocalJuju({ version, seed });
  for (let unit = 0; unit < count; unit++) juju.addUnit();
  return juju;
}

for (const version of ["3.6", "4.0"] as const) {
  test(`five units of a charm roll one at a time on Juju ${version}, whatever the seed`, () => {
    for (let seed = 0; seed < 20; seed++) {
      const rolled = new Set<string>();
      const result = drive({
        juju: application(version, 5, seed),
        charm: rolling(rolled, true),
        done: () => rolled.size === 5,
      });
      assert.ok(result.quiet);
      assert.equal(rolled.size, 5);
      assert.equal(result.mostOperating[key], 1);
    }
  });
}

test("two units that operate at once are seen", () => {
  const result = drive({
    juju: application("4.0", 5, 1),
    charm: rolling(new Set(), false),
    maxSteps: 2000,
  });
  assert.ok(result.mostOperating[key]! > 1);
  assert.equal(result.mostOperatingAtAll, result.mostOperating[key]);
});

test("the same seed drives the same history", () => {
  const histories = [7, 7, 8].map((seed) => {
    const juju = application("3.6", 3, seed);
    drive({ juju, charm: rolling(new Set(), true) });
    return JSON.stringify(juju.history);
  });
  assert.equal(histories[0], histories[1]);
  assert.notEqual(histories[0], histories[2]);
});

test("a charm that throws fails its hook, which is run again; the history says why", () => {
  const juju = application("4.0", 1, 1);
  let left = 2;
  const result = drive({
    juju,
    charm: {
      begin: () => ({
        operating: [],
        end() {
          if (left-- > 0) throw new Error("no disk");
        },
      }),
    },
  });
  assert.ok(result.quiet);
  assert.equal(result.failures, 2);
  const first = juju.history.find((record) => record.type === "hook");
  assert.ok(first?.type === "hook");
  assert.equal(first.logs[0]?.message, "Error: no disk");
});

test("callbacks for the end of the hook run when the charm has ended, and not if it threw", () => {
  const juju = application("4.0", 1, 1);
  const order: string[] = [];
  drive({
    juju,
    charm: {
      begin(host, event) {
        host.hook.onEnd(() => order.push(`callback of ${event.kind}`));
        return {
          operating: [],
          end() {
            order.push(`end of ${event.kind}`);
            if (event.kind === "install" && order.length === 1) throw new Error("once");
          },
        };
      },
    },
  });
  assert.deepEqual(order.slice(0, 3), ["end of install", "end of install", "callback of install"]);
});

test("a driver may move leadership in the middle of hooks and let hooks be killed", () => {
  const juju = application("3.6", 3, 5);
  const rolled = new Set<string>();
  let kills = 3;
  const result = drive({
    juju,
    charm: rolling(rolled, true),
    before: (step) => {
      if (step === 30) juju.moveLeader("app/2");
    },
    outcome: () => (kills-- > 0 ? { signal: "SIGKILL" } : { exit: 0 }),
    done: () => rolled.size === 3,
  });
  assert.ok(result.quiet);
  assert.equal(result.failures, 3);
  assert.equal(juju.leader, "app/2");
});

test("the host answers as hook tools would: null where there is nothing, false where Juju refuses", () => {
  const juju = started("4.0", 2);
  const host = new ModelHost(openHook(juju, "app/1"));
  assert.equal(host.leadership.store, "application");
  assert.deepEqual(host.leadership.read(), {});
  assert.equal(host.leadership.write({ a: "1" }), false);
  assert.equal(host.peers.of("app/9"), null);
  assert.deepEqual(host.peers.members(), ["app/0"]);
  assert.deepEqual(Object.keys(host.peers.planned()), ["app/0", "app/1"]);
  assert.equal(host.peers.readSaved("coordinator"), "");
  assert.equal(host.hook.name, "update-status");
  assert.deepEqual(host.flags.current(), []);
});

test("before the unit has entered the relation the host has no databag", () => {
  const juju = new LocalJuju({ version: "3.6" });
  juju.addUnit();
  const host = new ModelHost(juju.begin("app/0", juju.next("app/0")!));
  assert.equal(host.peers.own(), null);
  assert.deepEqual(host.peers.members(), []);
  assert.equal(host.leadership.store, "settings");
  assert.equal(host.leadership.write({ a: "1" }), true);
});
