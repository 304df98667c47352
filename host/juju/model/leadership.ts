/**
 * Who leads: the lease at the controller, and the Leader flag by which each unit's agent knows whether leader-elected is due.
 *
 * @module
 */

import { event } from "./events.js";
import { pick } from "./random.js";
import { leaseSeconds, microseconds, type State, type UnitState } from "./state.js";

/** Gives the lease to a unit, or to nobody; agents that are idle look at once. */
export function giveLease(state: State, name: string | null): void {
  state.leader = name;
  renewLease(state);
  if (state.switches.leaderElectedSuppressed) return;
  for (const other of state.names) lookAtLeadership(state, state.units[other]!);
}

export function renewLease(state: State): void {
  state.leaseEnds = state.time + leaseSeconds * microseconds;
}

/** The lease is free: one of the units whose agents wait for it claims it. A dying unit claims too, if there is no other. */
export function elect(state: State): void {
  const waiting = state.names.filter((name) => {
    const unit = state.units[name]!;
    return unit.life !== "dead" && unit.agentRunning;
  });
  const alive = waiting.filter((name) => state.units[name]!.life === "alive");
  const candidates = alive.length > 0 ? alive : waiting;
  giveLease(state, candidates.length > 0 ? pick(state.random, candidates) : null);
}

/**
 * What a unit's agent does about leadership between two hooks: it resigns when it has lost the lease or is dying, and it
 * accepts by queueing leader-elected, which is then the very next hook.
 */
export function lookAtLeadership(state: State, unit: UnitState): void {
  if (unit.running !== null || !unit.agentRunning || !unit.installed) return;
  const leads = state.leader === unit.name && unit.life === "alive";
  if (unit.leaderFlag && !leads) unit.leaderFlag = false;
  const idle = unit.hook === null && (unit.relationCreated || state.relation === null);
  if (leads && !unit.leaderFlag && idle) {
    unit.leaderFlag = true;
    unit.hook = {
      step: "queued",
      event: event("leader-elected"),
      version: 0,
      failures: 0,
      failedAt: 0,
      retryAt: 0,
    };
  }
}
