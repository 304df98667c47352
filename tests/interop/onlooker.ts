/**
 * Watches units of both libraries: who is inside an operation beside whom, and whose fault it is when that must not be.
 *
 * @module
 */

import { publishedGrants } from "../../host/juju/measure/wire.js";
import type { LocalJuju } from "../../host/juju/model/juju.js";
import type { Library, Policy } from "./program.js";

/** A unit inside the operation of a lock. */
interface Inside {
  readonly unit: string;
  readonly lock: string;
  /** Who took its grant away or never had one published: then another may well operate. */
  fault: string | null;
}

/** See the module's comment. */
export class Onlooker {
  /** What the new library has to answer for. */
  readonly violations: string[] = [];
  /** What the old library does by itself, and how often. */
  readonly oldFaults: Record<string, number> = {};
  readonly #juju: LocalJuju;
  readonly #policy: Policy;
  readonly #libraryOf: (unit: string) => Library;
  readonly #inside: Inside[] = [];

  constructor(juju: LocalJuju, policy: Policy, libraryOf: (unit: string) => Library) {
    this.#juju = juju;
    this.#policy = policy;
    this.#libraryOf = libraryOf;
  }

  /** A unit begins an operation. */
  enter(unit: string, lock: string): void {
    const isPublished = publishedGrants(this.#juju)[unit]?.[lock] !== undefined;
    const isOld = this.#libraryOf(unit) === "original";
    const own: Inside = { unit, lock, fault: null };
    if (!isPublished) {
      own.fault = "row 10: an old leader operates on a grant that it has not published";
      if (!isOld) this.violations.push(`${unit} operates under ${lock}, which nobody has granted`);
    }
    for (const other of this.#inside) {
      if (other.unit === unit || (this.#policy === "serial" && other.lock !== lock)) continue;
      const fault = other.fault ?? own.fault;
      if (fault !== null && (isOld || this.#isOlds(fault))) this.#count(fault);
      else this.violations.push(`${unit} and ${other.unit} operate at once under ${lock}`);
    }
    this.#inside.push(own);
  }

  /** A unit has done with its operations, or its hook has failed in one of them. */
  leave(unit: string): void {
    for (let at = this.#inside.length - 1; at >= 0; at--) {
      if (this.#inside[at]!.unit === unit) this.#inside.splice(at, 1);
    }
  }

  /** `writer` may have written grants: whoever is inside must still have its own. */
  look(writer: string): void {
    const grants = publishedGrants(this.#juju);
    for (const inside of this.#inside) {
      if (inside.fault !== null || grants[inside.unit]?.[inside.lock] !== undefined) continue;
      const isOld = this.#libraryOf(writer) === "original";
      inside.fault = isOld
        ? "F16: an old leader drops a grant whose request it does not see"
        : `${writer} dropped the grant of ${inside.unit} for ${inside.lock}`;
      if (!isOld) this.violations.push(inside.fault);
    }
  }

  #isOlds(fault: string): boolean {
    return fault.startsWith("row 10") || fault.startsWith("F16");
  }

  #count(fault: string): void {
    this.oldFaults[fault] = (this.oldFaults[fault] ?? 0) + 1;
  }
}
