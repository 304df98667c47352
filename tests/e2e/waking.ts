/**
 * Who wakes whom: each way in which a unit can come to wait, played up to the moment at which what it waits for has happened, and
 * the event by which Juju then starts the hook that goes on.
 *
 * @module
 */

import type { EventKind, JujuVersion } from "../../host/juju/model/state.js";
import { ours } from "./rolling-charm.js";
import { Stage } from "./stage.js";

/** An event of a unit; or that nothing is needed, or that Juju has no event and the next update-status sees to it. */
export type Wake =
  | { readonly unit: string; readonly event: EventKind }
  | "the same hook"
  | "update-status";

export interface Case {
  /** As `docs/waking.md` calls it. */
  readonly name: string;
  /** The unit that must have operated in the end. */
  readonly waits: string;
  readonly policy?: string;
  /** Up to the moment at which something must wake somebody. The units `app/0`, which leads, to `app/2` are started and quiet. */
  play(stage: Stage): void;
  readonly wakes: Readonly<Record<JujuVersion, Wake>>;
}

const [first, second, third] = ["app/0", "app/1", "app/2"] as const;

/** These units are to operate, and ask for the lock, one after the other. */
function ask(stage: Stage, ...units: string[]): void {
  stage.juju.setConfig({ version: "2" }, units);
  for (const unit of units) stage.hook(unit, "config-changed");
}

const only = (stage: Stage, unit: string): void => void stage.run({ only: [unit] });

/** The second unit holds, the others wait as named, and the leader knows. */
function secondHolds(stage: Stage, ...others: string[]): void {
  ask(stage, second);
  only(stage, first);
  if (others.length > 0) ask(stage, ...others);
  only(stage, first);
}

/** The third unit has held the lock, and given it back; all have heard of it, and nobody waits. */
function leftOver(stage: Stage): void {
  ask(stage, third);
  stage.run();
  if (stage.grants()[third] === undefined) throw new Error("the grant does not stand any more");
}

const both = (unit: string, event: EventKind): Case["wakes"] => ({
  "3.6": { unit, event },
  "4.0": { unit, event },
});

/** A hook is given up: Juju counts its event as delivered. */
function skip(stage: Stage, unit: string): void {
  stage.juju.setSwitches({ retryHooks: false });
  stage.begin(unit);
  stage.crash(unit);
  stage.juju.resolved(unit, { retry: false });
}

const granted: Case["wakes"] = {
  "3.6": { unit: third, event: "leader-settings-changed" },
  "4.0": { unit: third, event: "relation-changed" },
};
const nothing: Case["wakes"] = { "3.6": "update-status", "4.0": "update-status" };

export const cases: readonly Case[] = [
  {
    name: "another unit asks",
    waits: third,
    play: (stage) => ask(stage, third),
    wakes: both(first, "relation-changed"),
  },
  {
    name: "another unit is granted the lock",
    waits: third,
    play(stage) {
      ask(stage, third);
      only(stage, first);
    },
    wakes: granted,
  },
  {
    name: "a holder gives the lock back, another unit waits",
    waits: third,
    play(stage) {
      secondHolds(stage, third);
      only(stage, second);
    },
    wakes: both(first, "relation-changed"),
  },
  {
    name: "a holder gives the lock back, the leader waits",
    waits: first,
    play(stage) {
      secondHolds(stage, first);
      only(stage, second);
    },
    wakes: both(first, "relation-changed"),
  },
  {
    name: "the leader asks, and nobody holds",
    waits: first,
    play: (stage) => ask(stage, first),
    wakes: { "3.6": "the same hook", "4.0": { unit: first, event: "relation-changed" } },
  },
  {
    name: "the leader gives the lock back, another unit waits",
    waits: third,
    play(stage) {
      secondHolds(stage, first, third);
      only(stage, second);
      only(stage, first);
    },
    wakes: granted,
  },
  {
    name: "another unit leads, and the old leader has not heard the request",
    waits: third,
    play(stage) {
      ask(stage, third);
      stage.lead(second);
    },
    wakes: both(second, "leader-elected"),
  },
  {
    name: "the holder is dead before the leader has heard that it departs",
    waits: third,
    play(stage) {
      secondHolds(stage, third);
      stage.juju.removeUnit(second, { force: true });
    },
    wakes: both(first, "relation-departed"),
  },
  {
    name: "a unit asks, and the last grant, which is over, still stands",
    waits: second,
    play(stage) {
      leftOver(stage);
      ask(stage, second);
    },
    wakes: both(first, "relation-changed"),
  },
  {
    name: "the same, and another unit leads",
    waits: first,
    play(stage) {
      leftOver(stage);
      stage.lead(second);
      stage.run();
      ask(stage, first);
    },
    wakes: both(second, "relation-changed"),
  },
  {
    name: "the same, and who held it is gone",
    waits: second,
    play(stage) {
      leftOver(stage);
      stage.juju.removeUnit(third);
      stage.run();
      ask(stage, second);
    },
    wakes: both(first, "relation-changed"),
  },
  {
    name: "the operator opens a gate",
    waits: third,
    policy: "gate:go",
    play(stage) {
      ask(stage, third);
      stage.run();
      stage.juju.setConfig({ go: true });
    },
    wakes: both(first, "config-changed"),
  },
  {
    name: "a holder in another zone gives the lock back",
    waits: third,
    policy: "zones",
    play(stage) {
      secondHolds(stage, third);
      only(stage, second);
    },
    wakes: both(first, "relation-changed"),
  },
  {
    name: "a canary gives the lock back, and no time must pass",
    waits: third,
    policy: '["serial", {"rule": "canary", "units": ["app/1"]}]',
    play(stage) {
      ask(stage, third);
      only(stage, first);
      secondHolds(stage);
      only(stage, second);
    },
    wakes: both(first, "relation-changed"),
  },
  {
    name: "a time has come: that of a window, a cooldown, a canary, or a policy that said when to ask again",
    waits: third,
    policy: '["serial", "cooldown:60"]',
    play(stage) {
      secondHolds(stage, third);
      only(stage, second);
      only(stage, first);
      stage.juju.advance(60);
    },
    wakes: nothing,
  },
  {
    name: "a unit that had failed, without the lock, is well again, and the policy had halted",
    waits: third,
    policy: "halt:1",
    play(stage) {
      stage.juju.setSwitches({ retryHooks: false });
      stage.juju.tick([second]);
      stage.begin(second);
      stage.crash(second);
      ask(stage, third);
      only(stage, first);
      stage.juju.resolved(second, { retry: true });
      stage.hook(second);
    },
    wakes: nothing,
  },
  {
    name: "a holder gives back, or dies, after the leader has heard that it departs",
    waits: third,
    play(stage) {
      secondHolds(stage, third);
      stage.begin(second);
      stage.juju.removeUnit(second);
      stage.run({ except: [second] });
      stage.end(second);
    },
    wakes: nothing,
  },
  {
    name: "leadership is lost and regained before the agent has looked, and the leader has asked meanwhile",
    waits: first,
    play(stage) {
      stage.juju.setSwitches({ leaderElectedSuppressed: true });
      stage.interrupt = (unit, call, when) => {
        if (unit !== first) return;
        if (call === "isLeader" && when === "before") stage.lead(second);
        if (call === "writeOwn" && when === "after") stage.lead(first);
      };
      ask(stage, first);
      stage.interrupt = null;
    },
    wakes: nothing,
  },
  {
    name: "the hook in which the leader would have heard a request is given up (resolved --no-retry)",
    waits: third,
    play(stage) {
      ask(stage, third);
      skip(stage, first);
    },
    wakes: nothing,
  },
  {
    name: "the hook in which a unit would have operated is given up (resolved --no-retry)",
    waits: third,
    play(stage) {
      ask(stage, third);
      only(stage, first);
      skip(stage, third);
    },
    wakes: nothing,
  },
  {
    name: "the leader takes 30 seconds to read, and goes on without leading",
    waits: third,
    play(stage) {
      ask(stage, third);
      stage.interrupt = (unit, call, when) => {
        if (unit === first && call === "members" && when === "before") stage.juju.advance(31);
      };
      stage.hook(first, "relation-changed");
      stage.interrupt = null;
    },
    wakes: nothing,
  },
];

/** Plays a case up to the moment at which something must wake somebody. */
export function play({ policy = "serial", play: tell }: Case, juju: JujuVersion): Stage {
  const stage = new Stage({ algorithm: ours, juju, units: 3, seed: 1, policy });
  stage.run();
  stage.lead(first);
  stage.run();
  tell(stage);
  return stage;
}

const text = (wake: Wake): string =>
  typeof wake === "string" ? wake : `${wake.event} on ${roles[wake.unit]}`;

const roles: Readonly<Record<string, string>> = {
  [first]: "the leader",
  [second]: "the new leader",
  [third]: "that unit",
};

/** The table of `docs/waking.md`. */
export function table(): string {
  const rows = cases.map(({ name, wakes }) => [name, text(wakes["3.6"]), text(wakes["4.0"])]);
  const all = [["what happens", "Juju 3.6", "Juju 4.0"], ["---", "---", "---"], ...rows];
  return all.map((row) => `| ${row.join(" | ")} |\n`).join("");
}
