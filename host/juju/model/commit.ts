/**
 * The end of a hook at the controller: everything it buffered is written in one commit, or nothing is.
 *
 * @module
 */

import type { Running, State, UnitState } from "./state.js";
import { difference, noValues, setOwn, type Values, writeBag } from "./values.js";

/** What one hook wrote: only keys that changed; `""` for a deleted one. */
export interface Writes {
  readonly unit: Values | null;
  readonly application: Values | null;
  /** leader-set: written at once, so listed even if the hook failed. */
  readonly settings: Values | null;
  readonly saved: Values | null;
}

/** Bytes of saved state a unit may have (the controller's `max-charm-state-size`). */
const maximumSaved = 2 * 1024 * 1024;

/** Why the controller refuses the commit; null if it does not. Only a write to the application databag needs leadership. */
export function refusal(state: State, unit: UnitState, running: Running): string | null {
  if (running.applicationDirty && state.leader !== unit.name) {
    return state.juju === "4.0"
      ? `cannot apply changes: updating unit and application settings for "${unit.name}": permission denied`
      : `cannot apply changes: checking leadership continuity: "${unit.name}" is not leader of "${state.application}"`;
  }
  if (running.savedDirty && sizeOf(running.saved!) > maximumSaved) {
    return `cannot apply changes: max allowed size (${maximumSaved}) exceeded by the unit's state`;
  }
  return null;
}

/**
 * Writes what was buffered, key by key. Juju sends the whole map of a databag as the hook first read it, with its changes: values
 * that others have written to the application databag since are overwritten, and keys that others have deleted come back.
 */
export function commit(state: State, unit: UnitState, running: Running): Writes {
  const writes = {
    unit: commitOwn(state, unit, running.own),
    application: running.applicationDirty ? commitApplication(state, unit, running) : null,
    settings: immediate(running),
    saved: running.savedDirty ? commitSaved(unit, running.saved!) : null,
  };
  if (running.ports !== null) unit.ports = running.ports;
  return writes;
}

/** What a hook has written although nothing of it is committed. */
export function immediateOnly(running: Running): Writes {
  return { unit: null, application: null, settings: immediate(running), saved: null };
}

function immediate(running: Running): Values | null {
  return running.settingsWritten === noValues ? null : running.settingsWritten;
}

function commitOwn(state: State, unit: UnitState, own: Values | null): Values | null {
  const changed = own === null ? null : difference(unit.bag!.values, own);
  if (changed !== null) unit.bag = writeBag(unit.bag!, changed, state.switches.hashVersions);
  return changed;
}

function commitApplication(state: State, unit: UnitState, running: Running): Values | null {
  const changed = difference(state.applicationBag.values, running.application!);
  if (changed === null) return null;
  const before = state.applicationBag.version;
  state.applicationBag = writeBag(state.applicationBag, changed, state.switches.hashVersions);
  if (!state.switches.leaderGetsOwnAppChanged && unit.seenApplication === before) {
    unit.seenApplication = state.applicationBag.version;
  }
  return changed;
}

/** `""` is a value here, and a key that is missing from the new map is deleted. */
function commitSaved(unit: UnitState, saved: Values): Values | null {
  const changed: Record<string, string> = {};
  for (const key in saved) {
    const same = Object.hasOwn(unit.saved, key) && unit.saved[key] === saved[key];
    if (!same) setOwn(changed, key, saved[key]!);
  }
  for (const key in unit.saved) if (!Object.hasOwn(saved, key)) setOwn(changed, key, "");
  unit.saved = saved;
  return Object.keys(changed).length === 0 ? null : changed;
}

function sizeOf(values: Values): number {
  let size = 0;
  for (const key in values) size += Buffer.byteLength(key) + Buffer.byteLength(values[key]!);
  return size;
}
