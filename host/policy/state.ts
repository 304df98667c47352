/**
 * The state that a policy decides on, as a person writes it: who holds and who waits. What is left out is added.
 *
 * @module
 */

import { isObject, type PolicyState } from "../../bindings/typescript/contract.js";
import { UsageError } from "./errors.js";

/** The moment of a decision whose state names none: then what a policy decides depends on nothing but the state. */
export const NOON = "2026-01-01 12:00:00.000000Z";

/** More units than that do not fit into an input. */
const MOST = 20_000;

interface Entry {
  readonly unit: string;
  readonly lock: string;
  readonly [member: string]: unknown;
}

/**
 * The state with `now`, `leader`, `n`, `units` and `holders`, and an id for each request, in the order in which they stand.
 *
 * @param where - names the state in errors.
 * @throws UsageError
 */
export function completeState(given: unknown, where: string): PolicyState {
  if (!isObject(given)) throw new UsageError(`${where}: expected an object with a queue`);
  const { op, config, ...rest } = given;
  if (op !== undefined && op !== "decide") {
    throw new UsageError(`${where}: op: expected "decide"`);
  }
  const holders = entriesOf(given, "holders", where, []);
  const queue = entriesOf(given, "queue", where);
  const { leader } = given;
  const mentioned = [...holders, ...queue].map(({ unit }) => unit);
  const named = typeof leader === "string" ? [leader, ...mentioned] : mentioned;
  const units = unitsOf(given, named, where);
  const numbered = (entries: readonly Entry[], hour: number): object[] =>
    entries.map((entry, at) => ({ id: idOf(hour, at), ...entry }));
  return {
    ...{ now: NOON, leader: units[0] },
    ...rest,
    ...{ n: units.length, units, holders: numbered(holders, 9), queue: numbered(queue, 10) },
  } as PolicyState;
}

/** The units that are listed; else those that are named somewhere, and others until there are `n`. */
function unitsOf(
  { units, n }: Record<string, unknown>,
  named: readonly string[],
  where: string,
): string[] {
  if (units !== undefined) {
    if (!Array.isArray(units) || units.some((unit) => typeof unit !== "string")) {
      throw new UsageError(`${where}: units: expected a list of units`);
    }
    if (n === undefined || n === units.length) return units;
    throw new UsageError(`${where}: n: expected ${units.length}, the number of units`);
  }
  const all = new Set(named);
  const [application = "app"] = named[0]?.split("/") ?? [];
  if (n !== undefined && !(Number.isSafeInteger(n) && Number(n) >= all.size && Number(n) <= MOST)) {
    throw new UsageError(
      `${where}: n: expected a whole number from ${all.size}, since so many are named, to ${MOST}`,
    );
  }
  for (let at = 0; all.size < Number(n ?? 1); at++) all.add(`${application}/${at}`);
  return [...all].sort();
}

function entriesOf(
  state: Record<string, unknown>,
  name: string,
  where: string,
  otherwise?: readonly Entry[],
): readonly Entry[] {
  const list = state[name] ?? otherwise;
  if (!Array.isArray(list)) throw new UsageError(`${where}: ${name}: expected a list`);
  for (const [at, item] of list.entries()) {
    if (isObject(item) && typeof item.unit === "string" && typeof item.lock === "string") continue;
    throw new UsageError(`${where}: ${name}[${at}]: expected an object with unit and lock`);
  }
  return list;
}

/** A time on the day of the decision, before it; ids of one state differ. */
function idOf(hour: number, place: number): string {
  return new Date(Date.UTC(2026, 0, 1, hour) + place)
    .toISOString()
    .replace("T", " ")
    .replace(/Z$/, "000Z");
}
