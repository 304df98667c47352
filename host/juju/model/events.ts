/**
 * Which events are due for a unit, in the order of Juju's resolver, and which one Juju would deliver next.
 *
 * @module
 */

import { pick } from "./random.js";
import type { Event, EventKind, State, UnitState } from "./state.js";

const plain = new Map<EventKind, Event>();

/** An event without another unit: the same object for the same kind. */
export function event(kind: EventKind): Event {
  let known = plain.get(kind);
  if (known === undefined) {
    known = Object.freeze({ kind, remoteUnit: null, departingUnit: null });
    plain.set(kind, known);
  }
  return known;
}

/** A relation event about another unit. */
export function relationEvent(
  kind: EventKind,
  remoteUnit: string,
  departingUnit: string | null = null,
): Event {
  return { kind, remoteUnit, departingUnit };
}

export function sameEvent(a: Event, b: Event): boolean {
  return a.kind === b.kind && a.remoteUnit === b.remoteUnit && a.departingUnit === b.departingUnit;
}

/** JUJU_HOOK_NAME: `config-changed`, `coordinator-relation-joined`. */
export function hookName(state: State, kind: EventKind): string {
  return isRelationKind(kind) ? `${state.relation}-${kind}` : kind;
}

export function isRelationKind(kind: EventKind): boolean {
  return kind.startsWith("relation-");
}

/** Whether the unit's peers see it in the relation. */
export function inRelation(unit: UnitState): boolean {
  return unit.inScope && unit.life !== "dead";
}

/**
 * Every event that Juju may deliver to this unit next, in the order in which its resolver asks for them. More than one, because
 * what the unit's agent knows comes from watchers that may each be late; what Juju guarantees to come next is alone in the list.
 * A failed hook is listed when its retry is due.
 */
export function dueEvents(state: State, unit: UnitState): Event[] {
  if (unit.running !== null || !unit.agentRunning || unit.life === "dead") return [];
  const first = guaranteed(state, unit);
  if (first !== undefined) return first === null ? [] : [first];
  if (unit.life === "dying") return dyingEvents(unit);

  const due: Event[] = [];
  if (leaderElectedDue(state, unit)) due.push(event("leader-elected"));
  if (leaderSettingsDue(state, unit)) due.push(event("leader-settings-changed"));
  if (unit.revision !== unit.deployed) due.push(event("upgrade-charm"));
  if (unit.config.version !== unit.seenConfig) due.push(event("config-changed"));
  relationEvents(state, unit, due);
  if (unit.ticks !== unit.seenTicks) due.push(event("update-status"));
  return due;
}

/** The event Juju delivers next if every watcher is up to date; null if none is due. Between units in the same position it is random. */
export function nextEvent(state: State, unit: UnitState): Event | null {
  const due = dueEvents(state, unit);
  const first = due[0];
  if (first === undefined || first.remoteUnit === null) return first ?? null;
  let ties = 1;
  while (ties < due.length && due[ties]!.kind === first.kind && due[ties]!.remoteUnit !== null) {
    ties++;
  }
  return ties === 1 ? first : pick(state.random, due.slice(0, ties));
}

/** The one event that must be next; null: nothing may run now; undefined: nothing is guaranteed. */
function guaranteed(state: State, unit: UnitState): Event | null | undefined {
  const hook = unit.hook;
  if (hook !== null && !skipped(state, unit)) {
    if (hook.step === "queued") return hook.event;
    return state.switches.retryHooks && state.time >= hook.retryAt ? hook.event : null;
  }
  if (!unit.installed) return event("install");
  if (unit.life === "dying") return undefined;
  if (state.relation !== null && !unit.relationCreated) return event("relation-created");
  if (unit.started) return undefined;
  if (leaderElectedDue(state, unit)) return event("leader-elected");
  if (leaderSettingsDue(state, unit)) return event("leader-settings-changed");
  return unit.config.version !== unit.seenConfig ? event("config-changed") : event("start");
}

/** A leader-elected whose turn has come is dropped without being run when the unit does not lead any more. */
export function skipped(state: State, unit: UnitState): boolean {
  const hook = unit.hook;
  if (hook === null || hook.event.kind !== "leader-elected" || state.leader === unit.name) {
    return false;
  }
  return hook.step === "queued" || (state.switches.retryHooks && state.time >= hook.retryAt);
}

function leaderElectedDue(state: State, unit: UnitState): boolean {
  return state.leader === unit.name && !unit.leaderFlag;
}

function leaderSettingsDue(state: State, unit: UnitState): boolean {
  return (
    state.juju === "3.6" &&
    state.leader !== unit.name &&
    unit.seenSettings !== state.settings.version
  );
}

/** Relations come first in a dying unit, one relation-departed for each peer it knew; then stop and remove. */
function dyingEvents(unit: UnitState): Event[] {
  const pending = unit.changedPending;
  if (pending !== null) return [relationEvent("relation-changed", pending)];
  const due: Event[] = [];
  for (const name in unit.members) due.push(relationEvent("relation-departed", name, unit.name));
  if (due.length > 0) return due;
  return [event(unit.started ? "stop" : "remove")];
}

function relationEvents(state: State, unit: UnitState, due: Event[]): void {
  if (state.relation === null) return;
  const pending = unit.changedPending;
  if (pending !== null) {
    due.push(relationEvent("relation-changed", pending));
    return;
  }
  for (const name in unit.members) {
    if (!inRelation(state.units[name]!)) due.push(relationEvent("relation-departed", name, name));
  }
  if (unit.seenApplication !== state.applicationBag.version) due.push(event("relation-changed"));
  const changed: Event[] = [];
  for (const name of state.names) {
    const other = state.units[name]!;
    if (other === unit || !inRelation(other)) continue;
    const seen = unit.members[name];
    if (seen === undefined) due.push(relationEvent("relation-joined", name));
    else if (seen !== other.bag!.version) changed.push(relationEvent("relation-changed", name));
  }
  for (const one of changed) due.push(one);
}
