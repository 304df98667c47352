/**
 * What a context reads of the peer relation: its own pending copies, and what was cached of others, in this hook or before it.
 *
 * @module
 */

import { ToolError } from "./errors.js";
import type { Running, State, UnitState } from "./state.js";
import type { Values } from "./values.js";

/** @throws ToolError `relation_not_found` if the unit had not entered the relation when the context began. */
export function requireRelated(running: Running): void {
  if (!running.related) throw new ToolError("relation_not_found", "relation not found", 2);
}

/** relation-list: sorted as strings, the unit itself left out. */
export function membersOf(unit: UnitState, running: Running): string[] {
  const names = Object.keys(unit.members).filter((name) => isMember(unit, running, name));
  const remote = running.event?.remoteUnit ?? null;
  if (remote !== null && !(remote in unit.members) && isMember(unit, running, remote)) {
    names.push(remote);
  }
  return names.sort();
}

/** relation-joined lists its unit before the agent counts it as a member, relation-departed does not list it any more. */
function isMember(unit: UnitState, running: Running, name: string): boolean {
  if (running.event?.remoteUnit === name) return running.event.kind !== "relation-departed";
  return name in unit.members;
}

/** The unit's own databag with the context's changes; `""` marks a deleted key. */
export function ownDatabag(unit: UnitState, running: Running): Values {
  running.own ??= unit.bag!.values;
  return running.own;
}

/**
 * Another unit's databag: a member's is kept across hooks, anyone else's for this context only.
 *
 * @throws ToolError `permission_denied` for a unit that never was in the relation.
 */
export function otherDatabag(
  state: State,
  unit: UnitState,
  running: Running,
  target: string,
): Values {
  const kept = isMember(unit, running, target) ? unit.cached : running.others;
  const known = kept[target];
  if (known !== undefined) return known;
  const bag = state.units[target]?.bag ?? null;
  if (bag === null) throw new ToolError("permission_denied", "permission denied");
  kept[target] = bag.values;
  return bag.values;
}

/** The application databag with a leader's changes, as the context first touched it. */
export function pendingApplication(state: State, running: Running): Values {
  running.application ??= state.applicationBag.values;
  return running.application;
}
