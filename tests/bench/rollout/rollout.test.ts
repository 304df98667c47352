import assert from "node:assert/strict";
import { test } from "node:test";
import { oldParallel, oldSerial, oldSimple } from "../../e2e/old-algorithm.js";
import { ours } from "../../e2e/rolling-charm.js";
import { grow, start } from "./application.js";
import { leastHooksHeard } from "./bound.js";
import { roll, type Setting, schedules } from "./rollout.js";

const algorithms = [
  { version: "3.6", algorithm: ours },
  { version: "4.0", algorithm: ours },
  { version: "3.6", algorithm: oldSerial },
] as const;

test("a rollout of three units takes some twenty hooks, and nobody has to wait for update-status", () => {
  for (const schedule of schedules) {
    const policy = "serial";
    const setting = { version: "3.6", algorithm: ours, policy, units: 3, seed: 1 } as const;
    const { hooks, writes, stalls } = roll({ ...setting, schedule, runs: "all hooks" });
    assert.ok(hooks >= 14 && hooks <= 21, `${schedule}: ${hooks} hooks`);
    // Two ask, three are granted, three give back; the leader asks, too, where another holds.
    assert.ok(writes === 8 || writes === 9, `${schedule}: ${writes} writes`);
    assert.equal(stalls, 0);
  }
});

test("where each unit hears of each write before the next, a rollout takes as few hooks as the rules allow", () => {
  for (const version of ["3.6", "4.0"] as const) {
    for (const units of [3, 7, 12]) {
      const setting = { version, algorithm: ours, policy: "serial", units, seed: 1 } as const;
      const { hooks } = roll({ ...setting, schedule: "slow operations", runs: "all hooks" });
      assert.equal(hooks, leastHooksHeard(units, version), `${units} units on ${version}`);
    }
  }
});

test("hooks that do nothing but read may be left out: all counts are the same without them", () => {
  const olds = { serial: oldSerial, simple: oldSimple, "parallel:2": oldParallel(2) };
  for (const [policy, old] of Object.entries(olds)) {
    for (const { version, algorithm } of algorithms) {
      for (const schedule of schedules) {
        for (const [units, seed] of [
          [3, 1],

          [7, 2],
        ] as const) {
          const library = algorithm === ours ? ours : old;
          const setting = { version, algorithm: library, policy, units, seed, schedule } as const;
          const all = roll({ ...setting, runs: "all hooks" });
          const some = roll({ ...setting, runs: "hooks that matter" });
          assert.deepEqual(some, all, JSON.stringify(setting));
        }
      }
    }
  }
});

test("so they are with 20 units", () => {
  const setting = {
    version: "4.0",
    algorithm: ours,
    policy: "serial",
    units: 20,
    seed: 3,
  } as const;
  const rolled = (runs: Setting["runs"]) => roll({ ...setting, schedule: "random", runs });
  assert.deepEqual(rolled("hooks that matter"), rolled("all hooks"));
});

test("the old Serial comes to a stop in some rollouts, and update-status is needed to go on", () => {
  const counts = Array.from({ length: 12 }, (_, seed) => {
    const setting = { version: "3.6", algorithm: oldSerial, policy: "serial", seed } as const;
    return roll({ ...setting, units: 9, schedule: "random", runs: "hooks that matter" });
  });
  assert.ok(counts.some(({ stalls }) => stalls > 0));
});

test("units that were copied are as those that were started", () => {
  for (const { version, algorithm } of algorithms) {
    const setting = { version, algorithm, policy: "serial", units: 6, seed: 1 } as const;
    const [copied, started] = [grow(setting).state, start(setting).state];
    assert.deepEqual(copied.applicationBag, started.applicationBag);
    assert.deepEqual(copied.settings, started.settings);
    for (const name of started.names) {
      const strip = (unit: (typeof started.units)[string]) => {
        const { cached, status, bag, ...rest } = unit;
        // Each unit's databag holds its own address, which is no business of a coordinator.
        return { ...rest, bag: bag!.values.coordinator, version: bag!.version };
      };
      assert.deepEqual(strip(copied.units[name]!), strip(started.units[name]!), name);
    }
  }
});
