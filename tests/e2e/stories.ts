/**
 * Stories: what happens to an application, told without a word about the algorithm that its units run, so that the same story can
 * be played with any.
 *
 * @module
 */

import type { JujuVersion } from "../../host/juju/model/state.js";
import { type Setting, Stage, Stopped } from "./stage.js";

export interface Story {
  readonly name: string;
  readonly units: number;
  readonly setting?: Partial<Setting>;
  /** The units are started, quiet, and led by `app/0`. What is due when it returns is then run to its end. */
  readonly play: (stage: Stage) => void;
  /** No event tells the leader what it needs to go on: update-status once on each unit is allowed. */
  readonly needsUpdateStatus?: boolean;
}

/** Plays a story to its end. */
export function play(
  story: Story,
  setting: Pick<Setting, "algorithm" | "seed"> & { readonly juju: JujuVersion },
): Stage {
  const stage = new Stage({ units: story.units, ...story.setting, ...setting });
  stage.run();
  stage.lead("app/0");
  stage.run();
  story.play(stage);
  stage.interrupt = null;
  stage.run();
  if (story.needsUpdateStatus === true) stage.tick();
  return stage;
}

const [first, second, third] = ["app/0", "app/1", "app/2"] as const;

/** The second unit asks before anybody else, and is in the middle of its operation. */
function secondOperates(stage: Stage): void {
  stage.configure();
  stage.run({ only: [second] });
  stage.hook(first, "relation-changed");
  stage.reach(() => stage.operates(second), { only: [second] });
}

/** Row 2: while the leader operates, the third unit waits, and the leader has heard of that before. */
export const leaderGivesBack: Story = {
  name: "the leader gives its lock back while another unit waits",
  units: 3,
  play(stage) {
    secondOperates(stage);
    stage.run({ only: [first, third] });
  },
};

/** Row 10: the leader operates, and leadership moves before its hook has ended. */
export const leadershipMoves: Story = {
  name: "leadership moves while the leader operates",
  units: 3,
  play(stage) {
    stage.configure();
    stage.reach(() => stage.operates(first), { only: [first] });
    stage.lead(second);
    stage.run({ except: [first] });
  },
};

/** Row 16: a unit that has run no relation-joined is elected while another operates. */
export const youngLeader: Story = {
  name: "a young leader that has seen no peer is elected while another unit operates",
  units: 3,
  play(stage) {
    secondOperates(stage);
    const young = stage.juju.addUnit();
    stage.reach(() => stage.juju.unit(young).started, { only: [young] });
    stage.lead(young);
    stage.hook(young, "leader-elected");
    stage.run({ except: [second] });
  },
};

/** Row 17: a unit is removed while it operates, and its peers hear that it departs before it has ended. */
export const holderDeparts: Story = {
  name: "a holder departs while it operates",
  units: 4,
  needsUpdateStatus: true,
  play(stage) {
    secondOperates(stage);
    stage.juju.removeUnit(second);
    stage.run({ except: [second] });
  },
};

/** A leader comes back whose agent still has the databags as they were: the second unit's says that it waits. */
export const oldCopy: Story = {
  name: "leadership comes back with an old copy of the databags",
  units: 3,
  play(stage) {
    stage.configure();
    stage.run({ only: [first] });
    stage.reach(() => stage.operates(second), { only: [first, second] });
    stage.run({ only: [first] });
    stage.lead(second);
    stage.reach(() => stage.operates(third), { only: [second, third] });
    stage.lead(first);
    stage.hook(first, "leader-elected");
    stage.run({ except: [third] });
  },
};

/**
 * When this call of the leader's hook has returned, another unit leads for a while, and begins to operate if it may. (Between the
 * host's look at the clock and the call that follows it nobody can notice anything; that moment is left out.)
 */
export const lostAndRegained = (moment: number, policy: string): Story => ({
  name: `${policy}: leadership is lost and regained after call ${moment} of the leader's hook`,
  units: 3,
  setting: { policy },
  play(stage) {
    stage.configure();
    let calls = 0;
    stage.interrupt = (unit, _call, when) => {
      if (unit !== first || when !== "after" || calls++ !== moment) return;
      stage.lead(second);
      stage.run({ only: [second], until: () => stage.operates(second) });
      stage.lead(first);
    };
    stage.run({ only: [first] });
    stage.run({ except: [second] });
  },
});

/** The unit's hook fails in its operation, and again when it is run again. */
export const failsTwice = (unit: string): Story => ({
  name: `the hook of ${unit} fails twice in its operation`,
  units: 4,
  play(stage) {
    let failures = 2;
    stage.interrupt = (from, call) => {
      if (from !== unit || call !== "operation" || failures-- <= 0) return;
      throw new Stopped({ exit: 1 });
    };
    stage.configure();
  },
});

/** The leader has granted itself the lock, and its hook fails before anything of it is committed. */
export const failsAfterSelfGrant: Story = {
  name: "the leader's hook fails after a grant to itself, and leadership moves",
  units: 3,
  play(stage) {
    stage.configure();
    stage.reach(() => stage.operates(first));
    stage.crash(first);
    stage.lead(second);
    stage.run({ except: [first] });
  },
};

/** As before, and the operator gives that hook up. */
export const skippedAfterSelfGrant: Story = {
  name: "the leader's hook fails after a grant to itself, and is given up by the operator",
  units: 3,
  setting: { switches: { retryHooks: false } },
  needsUpdateStatus: true,
  play(stage) {
    stage.configure();
    stage.reach(() => stage.operates(first));
    stage.crash(first);
    stage.run({ except: [first] });
    stage.juju.resolved(first, { retry: false });
  },
};

/** While a unit is in error inside its operation, somebody runs juju-exec and an action there. */
export const commandInError = (unit: string): Story => ({
  name: `juju-exec and an action run while a hook of ${unit} is in error`,
  units: 3,
  play(stage) {
    stage.configure();
    stage.reach(() => stage.operates(unit));
    stage.crash(unit);
    stage.command(unit, "exec");
    stage.command(unit, "action");
    stage.run({ except: [unit] });
    stage.command(unit, "exec");
  },
});

/** A unit and its machine are gone in the middle of the operation. */
export const removedByForce = (unit: string): Story => ({
  name: `${unit} is removed by force while it operates`,
  units: 4,
  needsUpdateStatus: true,
  play(stage) {
    stage.configure();
    stage.reach(() => stage.operates(unit));
    stage.juju.removeUnit(unit, { force: true });
  },
});

/** Two units come and three go, one of them the leader, one of them inside its operation. */
export const scaling: Story = {
  name: "units are added and removed in the middle of a rollout",
  units: 7,
  needsUpdateStatus: true,
  play(stage) {
    const { juju } = stage;
    const rolled = () => juju.units.filter((unit) => stage.versionOf(unit) === "2").length;
    stage.configure();
    stage.reach(() => rolled() === 2);
    const added = [juju.addUnit(), juju.addUnit()];
    juju.removeUnit(stage.unserved.find((unit) => unit !== juju.leader && !added.includes(unit))!);
    stage.reach(() => rolled() >= 3);
    juju.removeUnit(juju.leader!);
    stage.reach(() => stage.inside.length > 0);
    juju.removeUnit(stage.inside[0]!);
  },
};

/** Clocks that differ by hours, and one that goes back in the middle of the rollout. */
export const skewedClocks: Story = {
  name: "clocks differ by hours, and one goes back",
  units: 5,
  play(stage) {
    const hour = 3600;
    [-5, 3, 0, 26, -1].forEach((hours, n) => {
      stage.juju.setSkew(`app/${n}`, hours * hour);
    });
    stage.configure();
    stage.reach(() => stage.inside.length > 0);
    stage.juju.setSkew(third, -48 * hour);
    stage.run();
    stage.juju.setSkew(first, -72 * hour);
    stage.configure("3");
  },
};

/** The calls of a leader's config-changed, as far as its last write. */
const moments = Array.from({ length: 13 }, (_, moment) => moment);

/** Stories without a parameter, and the others with those that matter. */
export const stories: readonly Story[] = [
  leaderGivesBack,
  leadershipMoves,
  youngLeader,
  holderDeparts,
  oldCopy,
  ...moments.map((moment) => lostAndRegained(moment, "serial")),
  ...moments.map((moment) => lostAndRegained(moment, "parallel:2")),
  failsTwice(first),
  failsTwice(second),
  failsAfterSelfGrant,
  skippedAfterSelfGrant,
  commandInError(first),
  commandInError(second),
  removedByForce(first),
  removedByForce(second),
  scaling,
  skewedClocks,
];
