/**
 * The leader's decision in plain TypeScript, written a second time and apart from the core, from the rules alone: what may be
 * dropped, who stands in the queue, what is granted. Tests hold the core against it; the bench measures the core beside it.
 *
 * @module
 */

import type { Policy } from "./policy.js";
import type { Facts } from "./rules.js";

/** A lock of a unit with an id, which is the UTC text of a time: ids are compared as texts. */
export interface Entry {
  readonly unit: Unit;
  readonly lock: string;
  readonly id: string;
}

export interface Request extends Entry {
  /** Place in the order of arrival as the leader recorded it; Infinity if it is not recorded. */
  arrival: number;
  /** What the unit said with it. */
  readonly data: Readonly<Record<string, unknown>> | undefined;
}

export interface Grant extends Entry {
  /** Made before its request was committed. */
  readonly isMarked: boolean;
}

/** What is known of one unit. */
export interface Unit {
  readonly name: string;
  /** In relation-list, or the leader itself. */
  isMember: boolean;
  /** Its databag was read and can be relied on. */
  isReadable: boolean;
  /** It has written in the new format, in which a finished request leaves its id in `done`. */
  hasDone: boolean;
  /** What was read of it cannot be an old copy. */
  isFresh: boolean;
  isDying: boolean;
  /** By lock. */
  readonly requests: Map<string, Request>;
  readonly done: Map<string, string>;
  readonly grants: Map<string, Grant>;
}

/** All units that a hook of the leader knows, by name; the leader `self` is one of them. */
export interface Ledger {
  readonly self: Unit;
  readonly units: Map<string, Unit>;
}

/** Rule 5: a grant is dropped only on evidence that carries an id. A request that is merely missing, or smaller, is an old copy. */
export function isSpent({ unit, lock, id, isMarked }: Grant): boolean {
  if (!unit.isReadable) return false;
  if ((unit.done.get(lock) ?? "") >= id) return true;
  const request = unit.requests.get(lock);
  if (request !== undefined) return request.id > id;
  // A unit of the old library says nothing of what it has done: there what is missing counts, if the copy cannot be old.
  return !unit.hasDone && !isMarked && unit.isFresh;
}

/** Drops what is spent. @returns the grants that were. */
export function drop({ units }: Ledger): Grant[] {
  const grants = [...units.values()].flatMap((unit) => [...unit.grants.values()]);
  const spent = grants.filter(isSpent);
  for (const { unit, lock } of spent) unit.grants.delete(lock);
  return spent;
}

/** Whether every later leader reads of the unit itself that such a grant is over: then that may wait for the next grant. */
export function isLasting({ unit }: Grant): boolean {
  return unit.hasDone;
}

/** Whether what was dropped was given back: else the unit has lost its request, and asks anew. */
export function isReleased({ unit, lock, id }: Grant): boolean {
  return (unit.done.get(lock) ?? "") >= id || !unit.requests.has(lock);
}

/** Rule 6: requests of the leader and of those in relation-list that are neither granted nor done, in order. */
export function queue({ units, self }: Ledger, own: "with own" | "without own"): Request[] {
  const waiting: Request[] = [];
  for (const unit of units.values()) {
    if (!unit.isMember || !unit.isReadable || unit.isDying) continue;
    if (unit === self && own === "without own") continue;
    for (const request of unit.requests.values()) {
      const isDone = (unit.done.get(request.lock) ?? "") >= request.id;
      if (!isDone && !unit.grants.has(request.lock)) waiting.push(request);
    }
  }
  return waiting.sort(inOrder);
}

/** Arrival as it was recorded, then time, then unit, then lock: on every leader the same. */
function inOrder(a: Request, b: Request): number {
  if (a.arrival !== b.arrival) return a.arrival - b.arrival;
  return compare(a.id, b.id) || compare(a.unit.name, b.unit.name) || compareBytes(a.lock, b.lock);
}

/** Rule 7: what the policy permits is granted, in the order that it gives the queue and counting the grants made just before. */
export function admit(
  ledger: Ledger,
  waiting: readonly Request[],
  policy: Policy,
  facts: Omit<Facts, "holders" | "ledger">,
  hasRoom: (request: Request) => boolean,
): Grant[] {
  const holders = new Holders(ledger);
  const all = { ...facts, holders, ledger };
  const made: Grant[] = [];
  for (const request of policy.arrange(waiting, all)) {
    const { unit, lock, id } = request;
    if (!policy.permits(request, all) || !hasRoom(request)) continue;
    const grant = { unit, lock, id, isMarked: false };
    unit.grants.set(lock, grant);
    holders.add(unit, lock);
    made.push(grant);
  }
  return made;
}

/** Who holds what, as policies count it. */
export class Holders {
  /** The units in relation-list, and the leader. */
  readonly n: number;
  readonly #locks = new Map<string, Unit[]>();
  readonly #units = new Set<Unit>();
  #members = 0;

  constructor({ units }: Ledger) {
    let n = 0;
    for (const unit of units.values()) {
      if (unit.isMember) n++;
      for (const lock of unit.grants.keys()) this.add(unit, lock);
    }
    this.n = n;
  }

  add(unit: Unit, lock: string): void {
    const holders = this.#locks.get(lock);
    if (holders === undefined) this.#locks.set(lock, [unit]);
    else holders.push(unit);
    if (!this.#units.has(unit) && unit.isMember) this.#members++;
    this.#units.add(unit);
  }

  /** Holders of a lock. */
  of(lock: string): readonly Unit[] {
    return this.#locks.get(lock) ?? [];
  }

  has(unit: Unit): boolean {
    return this.#units.has(unit);
  }

  /** Units that hold anything. */
  get units(): number {
    return this.#units.size;
  }

  /** Those of them that are among the N. */
  get members(): number {
    return this.#members;
  }
}

export const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** By UTF-8 bytes, which beyond the first 65,536 characters is another order than that of JavaScript. */
export const compareBytes = (a: string, b: string): number =>
  a === b ? 0 : Buffer.compare(Buffer.from(a), Buffer.from(b));
