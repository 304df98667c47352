/**
 * How few hooks a rollout can take, by Juju's event rules alone. `docs/bench.md` derives both figures.
 *
 * @module
 */

import type { JujuVersion } from "../../../host/juju/model/state.js";

/**
 * No rollout of N units takes fewer hooks, whatever its protocol: a config-changed each, a hook in which each unit but the leader
 * learns that it may, and one in each of the N − 1 others for what each unit writes after its operation.
 */
export function leastHooks(units: number): number {
  return units * units + units - 1;
}

/**
 * The same where one unit operates at a time, the leader is asked and answers, and every unit hears of each write before the next:
 * requests, N grants and N releases, each heard by all N − 1 others. In leader settings the leader need not ask itself: it may act in
 * the hook in which it grants. In the application databag it may not, so there are N requests, and a grant is heard by its writer, too.
 */
export function leastHooksHeard(units: number, version: JujuVersion): number {
  const others = units - 1;
  const [requests, heard] = version === "4.0" ? [units, units] : [others, others];
  return units + requests * others + units * heard + units * others;
}
