/**
 * An application whose units have started and know one another, of any size. Starting each for real takes N² hooks, so three are
 * started for real, and the others are copies of the last of them; a test holds such an application against a started one.
 *
 * @module
 */

import { drive } from "../../../host/juju/inprocess.js";
import { LocalJuju } from "../../../host/juju/model/juju.js";
import type { JujuVersion, UnitState } from "../../../host/juju/model/state.js";
import { type Algorithm, emptyDisk, RollingCharm } from "../../e2e/rolling-charm.js";

export interface Started {
  readonly version: JujuVersion;
  readonly algorithm: Algorithm;
  readonly policy: string;
  readonly units: number;
  readonly seed: number;
}

const startedForReal = 3;

/** Runs install, start and the rest of it in so many units, each of which then runs version 1; `app/0` leads. */
export function start({ version, algorithm, policy, units, seed }: Started): LocalJuju {
  const config = { version: "1", policy };
  // Nothing here may wait for update-status: a rollout that does is to be seen to.
  const juju = new LocalJuju({ version, seed, config, switches: { updateStatusSeconds: 0 } });
  for (let unit = 0; unit < units; unit++) juju.addUnit();
  drive({ juju, charm: () => new RollingCharm(algorithm, emptyDisk()) });
  return juju;
}

/** The same without running a hook for each pair of units. */
export function grow(started: Started): LocalJuju {
  const { units, seed } = started;
  const juju = start({ ...started, units: Math.min(units, startedForReal) });
  const { state } = juju;
  const template = state.units[state.names.at(-1)!]!;
  for (let number = state.names.length; number < units; number++) {
    const name = `app/${number}`;
    state.names.push(name);
    state.units[name] = { ...structuredClone(template), name, number };
  }
  for (const name of state.names) introduce(state.units[name]!, state.units);
  state.random.value = seed;
  return juju;
}

/** Lets a unit know all others, with their databags as they are. */
function introduce(unit: UnitState, units: Readonly<Record<string, UnitState>>): void {
  unit.members = {};
  unit.cached = {};
  for (const [name, other] of Object.entries(units)) {
    if (other !== unit) unit.members[name] = other.bag!.version;
  }
}
