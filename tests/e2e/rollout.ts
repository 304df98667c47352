/**
 * One seeded rollout of nine units in this process, on the real core; and, as the program of a worker thread, many of them.
 *
 * @module
 */

import assert from "node:assert/strict";
import { isMainThread, parentPort, workerData } from "node:worker_threads";
import { drive } from "../../host/juju/inprocess.js";
import { allowedAtOnce } from "../../host/juju/measure/allowed.js";
import { waitingUnits } from "../../host/juju/measure/wire.js";
import { LocalJuju } from "../../host/juju/model/juju.js";
import { below, seeded } from "../../host/juju/model/random.js";
import type { JujuVersion } from "../../host/juju/model/state.js";
import { emptyDisk, ours, RollingCharm } from "./rolling-charm.js";

const policies = ["simple", "serial", "parallel:2"];
/** Units of each rollout. */
export const units = 9;

interface Rollout {
  readonly seed: number;
  readonly version: JujuVersion;
  readonly policy: string;
  /** How often leadership moves, at random moments. */
  readonly moves: number;
}

/** Six settings in turn, and a leader that moves in every third rollout. */
function rolloutOf(seed: number): Rollout {
  const version = seed % 2 === 0 ? "3.6" : "4.0";
  const policy = policies[Math.floor(seed / 2) % policies.length]!;
  return { seed, version, policy, moves: seed % 3 === 0 ? 4 : 0 };
}

/** Nine units of a setting, started: as the first rollout of the setting found them. */
const started = new Map<string, LocalJuju>();

function start({ version, policy, seed }: Rollout): LocalJuju {
  const setting = `${version} ${policy} ${Math.floor(seed / 60)}`;
  let juju = started.get(setting);
  if (juju === undefined) {
    juju = new LocalJuju({ version, seed, config: { version: "1", policy } });
    for (let unit = 0; unit < units; unit++) juju.addUnit();
    drive({ juju, charm: () => new RollingCharm(ours, emptyDisk()) });
    started.set(setting, juju);
  }
  return juju.clone();
}

/** Rolls one change of configuration through nine units; tells how many hooks it took. @throws AssertionError if it goes wrong. */
export function roll(seed: number): number {
  const rollout = rolloutOf(seed);
  const { policy, moves } = rollout;
  const juju = start(rollout);
  juju.state.random.value = seed;
  const disks = new Map(juju.units.map((unit) => [unit, { ...emptyDisk(), version: "1" }]));
  const charms = new Map([...disks].map(([unit, disk]) => [unit, new RollingCharm(ours, disk)]));

  juju.setConfig({ version: "2" });
  const random = seeded(seed);
  const moments = new Set(Array.from({ length: moves }, () => below(random, 250)));
  const rolled = () => [...disks.values()].every((disk) => disk.version === "2");
  const result = drive({
    juju,
    charm: (unit) => charms.get(unit)!,
    before: (step) => {
      if (!moments.has(step)) return;
      // A lease is never taken away within 30 s of its last renewal.
      juju.advance(31);
      juju.moveLeader(`app/${below(random, units)}`);
    },
    done: rolled,
    maxSteps: 5000,
  });

  const which = JSON.stringify(rollout);
  assert.ok(result.quiet && rolled(), `not all units rolled: ${which}`);
  assert.equal(result.failures, 0, `a hook failed: ${which}`);
  assert.ok(result.mostOperatingAtAll <= allowedAtOnce(policy, units), `not exclusive: ${which}`);
  assert.deepEqual([...waitingUnits(juju)], [], `requests left over: ${which}`);
  return result.hooks;
}

/** The seeds of one thread: from `from` in steps of `step` up to, not including, `to`. */
export interface Share {
  readonly from: number;
  readonly step: number;
  readonly to: number;
}

if (!isMainThread) {
  const { from, step, to } = workerData as Share;
  let hooks = 0;
  for (let seed = from; seed < to; seed += step) hooks += roll(seed);
  parentPort!.postMessage(hooks);
}
