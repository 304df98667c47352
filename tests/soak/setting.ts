/**
 * What a seed decides about a rollout before anything happens: Juju's version, its switches, the policy, how many units.
 *
 * @module
 */

import { below, pick, type Random } from "../../host/juju/model/random.js";
import type { JujuVersion, Switches } from "../../host/juju/model/state.js";

export interface RolloutSetting {
  readonly seed: number;
  readonly juju: JujuVersion;
  readonly units: number;
  readonly policy: string;
  /** Whether units come and go. Not where the policy counts them: what was allowed with more may be too much with fewer. */
  readonly scales: boolean;
  readonly switches: Partial<Switches>;
}

const policies = ["simple", "serial", "parallel:2", "parallel:50%", "available:50%"] as const;

/** @param random drawn from, so that what follows depends on the setting's seed alone. */
export function settingOf(seed: number, random: Random): RolloutSetting {
  const policy = pick(random, policies);
  const oneIn = (times: number): boolean => below(random, times) === 0;
  return {
    seed,
    juju: seed % 2 === 0 ? "3.6" : "4.0",
    units: 3 + below(random, 3),
    policy,
    scales: !policy.endsWith("%"),
    switches: {
      leaderElectedSuppressed: oneIn(6),
      departedWhenDying: !oneIn(4),
      leaderGetsOwnAppChanged: !oneIn(6),
    },
  };
}
