/**
 * One text for one state: two states with the same text have the same future under the same driver, so a model checker can
 * hash it. What only tells of the past is left out.
 *
 * @module
 */

import { isRelationKind } from "./events.js";
import type { Event, Running, State, UnitState } from "./state.js";

/**
 * JSON with sorted keys. Counts of versions are replaced by whether the unit has seen the newest one: Juju compares them for
 * equality only. Left out: step, seed and generator, hook-tool counts and log lines, and when a status was set or a hook failed.
 */
export function canonical(state: State): string {
  return stable({
    juju: state.juju,
    application: state.application,
    relation: state.relation,
    switches: state.switches,
    time: state.time,
    leader: state.leader,
    leaseEnds: state.leaseEnds,
    applicationBag: state.applicationBag.values,
    applicationStatus: [state.applicationStatus.status, state.applicationStatus.message],
    settings: state.settings.values,
    config: state.config.values,
    resources: state.resources,
    units: state.names.map((name) => unitText(state, state.units[name]!)),
  });
}

function unitText(state: State, unit: UnitState): unknown {
  const { running, hook, number: _number, ...kept } = unit;
  return {
    ...kept,
    bag: unit.bag?.values ?? null,
    config: unit.config.values,
    status: [unit.status.status, unit.status.message],
    ticks: unit.ticks === unit.seenTicks,
    seenTicks: null,
    seenApplication: seen(state, unit.seenApplication, state.applicationBag.version),
    seenSettings: unit.seenSettings === state.settings.version,
    members: Object.fromEntries(
      Object.entries(unit.members).map(([name, version]) => [
        name,
        seen(state, version, state.units[name]!.bag!.version),
      ]),
    ),
    hook: hook && {
      ...hook,
      version: versionText(state, hook.event, hook.version),
      failedAt: 0,
    },
    running: running && runningText(state, unit, running),
  };
}

function runningText(state: State, unit: UnitState, running: Running): unknown {
  const { began: _began, tools: _tools, logs: _logs, ...kept } = running;
  return {
    ...kept,
    version: running.event && versionText(state, running.event, running.version),
    settingsVersion: running.settingsVersion === state.settings.version,
    ticks: running.ticks === unit.ticks,
  };
}

function versionText(state: State, event: Event, version: number): boolean | number {
  if (!isRelationKind(event.kind)) return 0;
  const remote = event.remoteUnit;
  const bag = remote === null ? state.applicationBag : state.units[remote]!.bag!;
  return seen(state, version, bag.version);
}

/** A count that is not the newest will never be again; a hash may, so it is kept. */
function seen(state: State, version: number, newest: number): boolean | number {
  return state.switches.hashVersions ? version : version === newest;
}

function stable(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(stable).join(",")}]`;
  if (value === null || typeof value !== "object") return JSON.stringify(value) ?? "null";
  const record = value as Record<string, unknown>;
  const fields = Object.keys(record)
    .sort()
    .map((key) => `${JSON.stringify(key)}:${stable(record[key])}`);
  return `{${fields.join(",")}}`;
}
