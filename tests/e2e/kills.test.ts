/**
 * A unit is stopped before each call of its hooks in turn, from the change of the configuration to the end of the rollout.
 *
 * @module
 */

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Outcome } from "../../host/juju/model/lifecycle.js";
import type { JujuVersion } from "../../host/juju/model/state.js";
import { ours } from "./rolling-charm.js";
import { Stage, Stopped } from "./stage.js";

/** How a hook ends before its time, and what becomes of leadership. */
interface Fault {
  readonly name: string;
  readonly outcome: Outcome;
  /** The lease runs out while the unit is down. */
  readonly losesLead: boolean;
}

const faults: readonly Fault[] = [
  { name: "killed", outcome: { signal: "SIGKILL" }, losesLead: false },
  { name: "failed, and no leader any more", outcome: { exit: 1 }, losesLead: true },
  { name: "crashed", outcome: { crash: "before-commit" }, losesLead: true },
];

/** Four units roll, and the leader is stopped before its call `moment`. False if the rollout has no such moment. */
function rollWith(fault: Fault, juju: JujuVersion, moment: number): boolean {
  const stage = new Stage({ juju, units: 4, seed: 1, algorithm: ours });
  stage.run();
  const leader = stage.juju.leader!;
  let calls = 0;
  let struck = false;
  stage.interrupt = (unit, _call, when) => {
    if (unit !== leader || when !== "before" || struck || calls++ !== moment) return;
    struck = true;
    if (fault.losesLead) stage.lead(stage.juju.units.find((other) => other !== leader)!);
    throw new Stopped(fault.outcome);
  };
  stage.configure();
  stage.run();
  const { crowded, unheld, dropped, failures, unserved, waiting } = stage;
  assert.deepEqual(
    { crowded, unheld, dropped, failures, unserved, waiting },
    { crowded: [], unheld: [], dropped: [], failures: [], unserved: [], waiting: [] },
    `stopped before call ${moment}`,
  );
  return struck;
}

for (const juju of ["3.6", "4.0"] as const) {
  for (const fault of faults) {
    test(`Juju ${juju}: a leader is ${fault.name} at any moment of the rollout`, (t) => {
      let moments = 0;
      while (rollWith(fault, juju, moments)) moments++;
      assert.ok(moments > 40, `only ${moments} moments`);
      t.diagnostic(`${moments} moments`);
    });
  }
}
