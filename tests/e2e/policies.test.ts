/**
 * A story for each rule that looks at more than who holds: what a rollout under it looks like, which units wait meanwhile, and what
 * ends that.
 *
 * @module
 */

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Policy, Status } from "../../bindings/typescript/contract.js";
import { Coordinator } from "../../bindings/typescript/coordinator.js";
import type { JujuVersion } from "../../host/juju/model/state.js";
import { microsecondText } from "../../host/juju/model/time.js";
import type { Algorithm } from "./rolling-charm.js";
import { Stage } from "./stage.js";

type Data = Readonly<Record<string, unknown>>;

/** A rollout of five units under a policy; `app/0` leads. */
class Rollout {
  readonly stage: Stage;
  /** The units that have operated, in order. */
  readonly operated: string[] = [];
  /** What the leader said of its queue when it last began a hook. */
  status: Status | null = null;

  /** @param atOnce how many may operate at once, as a policy; @param dataOf what goes with a unit's request. */
  constructor(
    setting: { juju: JujuVersion; seed: number },
    policy: Policy,
    atOnce = "serial",
    dataOf: (unit: string) => Data | undefined = () => undefined,
  ) {
    const algorithm: Algorithm = {
      name: "with rules",
      open: (host) => {
        const coordinator = new Coordinator(host, { policy });
        coordinator.start();
        const status = coordinator.status();
        if (status.leading) this.status = status;
        return {
          acquire: (lock) => coordinator.acquire(lock, dataOf(host.hook.unit)),
          granted: (lock) => coordinator.granted(lock),
        };
      },
    };
    this.stage = new Stage({ ...setting, units: 5, algorithm, policy: atOnce });
    this.stage.interrupt = (unit, call, when) => {
      if (call === "operation" && when === "before") this.operated.push(unit);
    };
    this.stage.run();
    this.stage.lead("app/0");
    this.stage.run();
  }

  /** Every unit asks, the leader last of all, before anything is decided. */
  ask(): void {
    this.stage.configure();
    for (const unit of ["app/1", "app/2", "app/3", "app/4", "app/0"]) {
      this.stage.hook(unit, "config-changed");
    }
  }

  /** `app/1` asks before all others, and is in the middle of its operation. */
  firstOperates(): void {
    const { stage } = this;
    stage.configure();
    stage.run({ only: ["app/1"] });
    stage.hook("app/0", "relation-changed");
    stage.reach(() => stage.operates("app/1"), { only: ["app/1"] });
  }

  /** Time passes, and then update-status comes. */
  later(seconds: number): void {
    this.stage.juju.advance(seconds);
    this.stage.tick();
  }

  /** When the first in the queue may go on, by the leader's word. */
  get until(): string | undefined {
    return this.status?.queue[0]?.until;
  }

  /** The model's clock, so many seconds from now. */
  timeIn(seconds: number): string {
    return microsecondText(this.stage.juju.state.time + seconds * 1_000_000);
  }

  assertDone(): void {
    const { crowded, unheld, dropped, failures, unserved, waiting } = this.stage;
    const found = { crowded, unheld, dropped, failures, unserved, waiting };
    assert.deepEqual(found, {
      ...{ crowded: [], unheld: [], dropped: [] },
      ...{ failures: [], unserved: [], waiting: [] },
    });
  }
}

const all = ["app/0", "app/1", "app/2", "app/3", "app/4"];

function story(name: string, play: (setting: { juju: JujuVersion; seed: number }) => void): void {
  for (const juju of ["3.6", "4.0"] as const) {
    test(`Juju ${juju}: ${name}`, () => {
      for (let seed = 0; seed < 5; seed++) play({ juju, seed });
    });
  }
}

story(
  "window: nobody restarts before it opens, and who holds when it closes goes on",
  (setting) => {
    const opens = new Rollout(setting, "serial").timeIn(3600).slice(11, 16);
    const closes = new Rollout(setting, "serial").timeIn(7200).slice(11, 16);
    const window = { rule: "window", from: opens, to: closes } as const;
    const rollout = new Rollout(setting, ["serial", window]);
    const { stage } = rollout;
    rollout.ask();
    stage.run();
    rollout.later(1800);
    assert.deepEqual(rollout.operated, []);
    assert.deepEqual(stage.waiting, all);
    assert.equal(rollout.until?.slice(11, 16), opens);
    assert.equal(
      rollout.status?.awaits,
      `update-status on this unit, at ${rollout.until} or later`,
    );
    stage.juju.advance(1800);
    stage.juju.tick();
    stage.reach(() => stage.inside.length > 0);
    const [inside] = stage.inside;
    stage.juju.advance(3600);
    stage.run();
    assert.deepEqual(rollout.operated, [inside]);
    rollout.later(86_400 - 3600);
    rollout.assertDone();
  },
);

story(
  "cooldown: one restarts, and the next one when the service has been well for a while",
  (setting) => {
    const rollout = new Rollout(setting, ["serial", "cooldown:600"]);
    rollout.ask();
    rollout.stage.run();
    for (let done = 1; done <= 5; done++) {
      assert.equal(rollout.operated.length, done);
      rollout.later(300);
      assert.equal(rollout.operated.length, done);
      rollout.later(300);
    }
    rollout.assertDone();
  },
);

test("zones: units of one zone restart together, never two of different zones", () => {
  const zoneOf = (unit: string) => (unit === "app/0" || unit === "app/3" ? "east" : "west");
  let most = 0;
  for (const juju of ["3.6", "4.0"] as const) {
    for (let seed = 0; seed < 5; seed++) {
      const data = (unit: string) => ({ zone: zoneOf(unit) });
      const rollout = new Rollout({ juju, seed }, "zones", "parallel:2", data);
      const { stage } = rollout;
      rollout.ask();
      stage.run({
        until: () => {
          assert.ok(new Set(stage.inside.map(zoneOf)).size < 2, stage.inside.join());
          return false;
        },
      });
      rollout.later(0);
      rollout.assertDone();
      most = Math.max(most, stage.mostAtOnce);
    }
  }
  assert.equal(most, 2);
});

story("order: a unit that is named first, then by priority, the leader last", (setting) => {
  const order = { rule: "order", first: ["app/3"], leader: "last", priority: "p" } as const;
  const priorities: Record<string, number> = { "app/0": 9, "app/2": 1, "app/4": 2 };
  const rollout = new Rollout(setting, ["serial", order], "serial", (unit) => ({
    p: priorities[unit] ?? 0,
  }));
  const { stage } = rollout;
  rollout.firstOperates();
  stage.run({ except: ["app/1"] });
  stage.run();
  rollout.assertDone();
  assert.deepEqual(rollout.operated, ["app/1", "app/3", "app/4", "app/2", "app/0"]);
});

story("canary: one restarts, and the others when it has been well for ten minutes", (setting) => {
  const canary = { rule: "canary", units: ["app/2"], seconds: 600 } as const;
  const rollout = new Rollout(setting, ["serial", canary]);
  rollout.ask();
  rollout.stage.run();
  rollout.later(300);
  assert.deepEqual(rollout.operated, ["app/2"]);
  assert.equal(rollout.status?.queue[0]?.rule, "canary");
  assert.ok((rollout.until ?? "") > rollout.timeIn(0));
  rollout.later(300);
  rollout.assertDone();
  assert.equal(rollout.operated[0], "app/2");
});

story(
  "canary: as long as its hook fails nobody else restarts, and it restarts anew for each rollout",
  (setting) => {
    const rollout = new Rollout(setting, [
      "serial",
      { rule: "canary", units: ["app/2"], within: 60 },
    ]);
    const { stage } = rollout;
    rollout.ask();
    stage.reach(() => stage.operates("app/2"));
    stage.juju.setSwitches({ retryHooks: false });
    stage.crash("app/2");
    stage.run();
    rollout.later(600);
    assert.deepEqual(rollout.operated, []);
    stage.juju.resolved("app/2", { retry: true });
    stage.run();
    rollout.later(0);
    rollout.assertDone();
    stage.juju.advance(86_400);
    stage.configure("3");
    stage.hook("app/1", "config-changed");
    stage.hook("app/0", "config-changed");
    stage.run({ except: ["app/2"] });
    assert.equal(rollout.operated.length, 5);
    stage.run();
    rollout.later(0);
    rollout.assertDone();
    assert.equal(rollout.operated[5], "app/2");
  },
);

story("halt: nobody restarts once a unit has failed, until it is mended", (setting) => {
  const rollout = new Rollout(setting, ["parallel:2", "halt:1"], "parallel:2");
  const { stage } = rollout;
  stage.juju.setSwitches({ retryHooks: false });
  rollout.firstOperates();
  stage.crash("app/1");
  stage.run();
  rollout.later(600);
  assert.deepEqual(rollout.operated, []);
  assert.deepEqual(stage.waiting, ["app/0", "app/2", "app/3", "app/4"]);
  stage.juju.resolved("app/1", { retry: true });
  stage.run();
  rollout.later(0);
  rollout.assertDone();
});
