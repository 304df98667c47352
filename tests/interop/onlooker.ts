/**
 * Watches units of both libraries: who is inside an operation beside whom, and whose fault it is when that must not be.
 *
 * @module
 */

import { committedRequests, publishedGrants } from "../../host/juju/measure/wire.js";
import type { LocalJuju } from "../../host/juju/model/juju.js";
import type { Library, Policy } from "./program.js";

/** What the old library does by itself, whoever else is there. */
const row10 = "row 10: an old leader operates on a grant that it has not published";
const f16 = "F16: an old leader drops a grant whose request it does not see";

export const spentGrant =
  "row 2: an old leader publishes a grant of its own that it has done with, and then leads no more";

/** A unit inside the operation of a lock; `fault` says why its grant is not there for others to see. */
interface Inside {
  readonly unit: string;
  readonly lock: string;
  fault: string | null;
}

/** See the module's comment. */
export class Onlooker {
  /** What the new library has to answer for. */
  readonly violations: string[] = [];
  /** What the old library does by itself: how often another unit operated beside, or without a grant, because of it. */
  readonly oldFaults: Record<string, number> = {};
  readonly #juju: LocalJuju;
  readonly #policy: Policy;
  readonly #libraryOf: (unit: string) => Library;
  readonly #inside: Inside[] = [];
  /** Grants that an old leader took away from a unit that had not done with them, as `unit lock`. */
  readonly #takenByOld = new Set<string>();
  #grants: ReturnType<typeof publishedGrants> = {};

  constructor(juju: LocalJuju, policy: Policy, libraryOf: (unit: string) => Library) {
    this.#juju = juju;
    this.#policy = policy;
    this.#libraryOf = libraryOf;
  }

  /** A unit begins an operation. */
  enter(unit: string, lock: string): void {
    const own: Inside = { unit, lock, fault: this.#faultOf(unit, lock) };
    if (own.fault === f16) this.count(f16);
    for (const other of this.#inside) {
      if (other.unit === unit || (this.#policy === "serial" && other.lock !== lock)) continue;
      const fault = other.fault ?? own.fault;
      if (fault !== null) this.count(fault);
      else this.violations.push(`${unit} and ${other.unit} operate at once under ${lock}`);
    }
    this.#inside.push(own);
  }

  #faultOf(unit: string, lock: string): string | null {
    if (this.#grants[unit]?.[lock] !== undefined) return null;
    if (this.#takenByOld.has(`${unit} ${lock}`)) return f16;
    if (this.#libraryOf(unit) === "original") return row10;
    this.violations.push(`${unit} operates under ${lock}, which nobody has granted`);
    return null;
  }

  /** A unit has done with its operations, or its hook has failed in one of them. */
  leave(unit: string): void {
    for (let at = this.#inside.length - 1; at >= 0; at--) {
      if (this.#inside[at]!.unit === unit) this.#inside.splice(at, 1);
    }
  }

  /** `writer` may have written grants: whoever is inside must still have its own. */
  look(writer: string): void {
    const before = this.#grants;
    this.#grants = publishedGrants(this.#juju);
    const isOld = this.#libraryOf(writer) === "original";
    for (const [unit, locks] of Object.entries(before)) {
      for (const [lock, id] of Object.entries(locks)) {
        const isTaken = this.#grants[unit]?.[lock] === undefined && !this.#isDone(unit, lock, id);
        if (isTaken && isOld) this.#takenByOld.add(`${unit} ${lock}`);
        else this.#takenByOld.delete(`${unit} ${lock}`);
      }
    }
    for (const inside of this.#inside) {
      if (inside.fault !== null || this.#grants[inside.unit]?.[inside.lock] !== undefined) continue;
      inside.fault = isOld ? f16 : `${writer} drops the grant of ${inside.unit} for ${inside.lock}`;
      if (!isOld) this.violations.push(inside.fault);
    }
  }

  /** Whether the unit's data, as the controller has it, shows that it has given this up. */
  #isDone(unit: string, lock: string, id: string): boolean {
    const extra = this.#juju.unit(unit).bag?.values["coordinator-v1"];
    if (extra === undefined) return committedRequests(this.#juju, unit)[lock] !== id;
    const { done = {} } = JSON.parse(extra) as { done?: Record<string, string> };
    return (done[lock] ?? "") >= id;
  }

  /** Something that the old library did by itself. */
  count(fault: string): void {
    this.oldFaults[fault] = (this.oldFaults[fault] ?? 0) + 1;
  }
}
