/**
 * What an onlooker reads of the coordinator's data: who has asked, and who has been granted what. It decides nothing and writes
 * nothing, and what cannot be read counts as nothing.
 *
 * @module
 */

import type { HistoryRecord } from "../model/history.js";
import type { LocalJuju } from "../model/juju.js";
import type { Values } from "../model/values.js";

/** Ids by lock. */
export type Ids = Readonly<Record<string, string>>;

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function parse(text: string | undefined): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text ?? "{}");
    return isObject(value) ? value : {};
  } catch {
    return {};
  }
}

function idsOf(value: unknown): Ids {
  if (!isObject(value)) return {};
  return Object.fromEntries(
    Object.entries(value).filter(
      (entry): entry is [string, string] => typeof entry[1] === "string",
    ),
  );
}

/** The value of the greatest reign's key, `coordinator-r<n>`. */
function lastReign(values: Values, key: string): string | undefined {
  let greatest = -1;
  for (const name of Object.keys(values)) {
    const digits = name.startsWith(`${key}-r`) ? name.slice(key.length + 2) : "";
    if (/^\d+$/.test(digits)) greatest = Math.max(greatest, Number(digits));
  }
  return greatest < 0 ? undefined : values[`${key}-r${greatest}`];
}

/** The grants as the controller has them: those of leader settings (Juju 3.6), or of the application databag. */
export function publishedGrants(juju: LocalJuju, key = "coordinator"): Record<string, Ids> {
  const { settings, applicationBag } = juju.state;
  const reign = lastReign(applicationBag.values, key);
  const grants = reign === undefined ? parse(settings.values[key]) : (parse(reign).grants ?? {});
  if (!isObject(grants)) return {};
  return Object.fromEntries(Object.entries(grants).map(([unit, ids]) => [unit, idsOf(ids)]));
}

/** The policies by which leaders have decided, by name: in order, without one that is the same as that before it. */
export function decidingPolicies(history: readonly HistoryRecord[], key = "coordinator"): string[] {
  const names: string[] = [];
  for (const record of history) {
    if (record.type !== "hook") continue;
    const { settings, application } = record.writes;
    const document = settings?.[`${key}-v1`] ?? lastReign(application ?? {}, key);
    const { policy } = parse(document);
    if (!isObject(policy) || typeof policy.name !== "string") continue;
    if (names.at(-1) !== policy.name) names.push(policy.name);
  }
  return names;
}

/** The requests of a unit as the controller has them. */
export function committedRequests(juju: LocalJuju, unit: string, key = "coordinator"): Ids {
  return idsOf(parse(juju.unit(unit).bag?.values[key]));
}

/** The live units with a grant in force: one that the unit's data does not show to be done with. */
export function holdingUnits(juju: LocalJuju, key = "coordinator"): string[] {
  const grants = publishedGrants(juju, key);
  return juju.units.filter((unit) => {
    const done = idsOf(parse(juju.unit(unit).bag?.values[`${key}-v1`]).done);
    return Object.entries(grants[unit] ?? {}).some(([lock, id]) => (done[lock] ?? "") < id);
  });
}

/** The live units that wait at this moment, with the locks they wait for. */
export function waitingUnits(juju: LocalJuju, key = "coordinator"): Map<string, string[]> {
  const grants = publishedGrants(juju, key);
  const waiting = new Map<string, string[]>();
  for (const unit of juju.units) {
    const requests = Object.entries(committedRequests(juju, unit, key));
    const locks = requests
      .filter(([lock, id]) => grants[unit]?.[lock] !== id)
      .map(([lock]) => lock);
    if (locks.length > 0) waiting.set(unit, locks);
  }
  return waiting;
}
