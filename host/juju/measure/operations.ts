/**
 * Watches operations from outside, by what charms say to Juju: a unit operates from `status-set maintenance "LOCK: …"` until its
 * next status-set of another kind. A hook that fails or is killed in between ends nothing: its service is down until it is done again.
 *
 * @module
 */

import type { HookContext } from "../model/context.js";
import type { LocalJuju } from "../model/juju.js";
import { holdingUnits, publishedGrants } from "./wire.js";

/** One operation. Times are milliseconds of `performance.now()`. */
export interface Operation {
  readonly unit: string;
  readonly lock: string;
  readonly from: number;
  /** null while it goes on, or if its unit died in it. */
  to: number | null;
}

/** See the module's comment. */
export class Operations {
  /** All operations, in the order in which they began. */
  readonly all: Operation[] = [];
  /** What must never happen, in words. */
  readonly violations: string[] = [];
  /** The most units that have held a lock or operated at once. */
  mostHolders = 0;
  readonly #juju: LocalJuju;
  readonly #allowed: () => number;
  readonly #current = new Map<string, Operation>();

  /** @param allowed how many units may operate at once now. */
  constructor(juju: LocalJuju, allowed: () => number = () => 1) {
    this.#juju = juju;
    this.#allowed = allowed;
  }

  /** The units that operate now. */
  get current(): ReadonlyMap<string, Operation> {
    for (const unit of this.#current.keys()) {
      if (this.#juju.unit(unit).life === "dead") this.#current.delete(unit);
    }
    return this.#current;
  }

  /** How many operations of a unit ran to their end. */
  completed(unit: string): number {
    return this.all.filter((one) => one.unit === unit && one.to !== null).length;
  }

  /** The live units that completed an operation. */
  get rolled(): number {
    return this.#juju.units.filter((unit) => this.completed(unit) > 0).length;
  }

  /** To be told of every hook tool before it is carried out. @returns what it began or ended. */
  tool(context: HookContext, name: string, args: readonly string[]): "began" | "ended" | null {
    if (name !== "status-set" || args.includes("--application")) return null;
    const [status, message = ""] = args.filter((arg) => !arg.startsWith("--"));
    const lock = status === "maintenance" ? /^([^\s:]+): /.exec(message)?.[1] : undefined;
    if (lock === undefined) return this.end(context.unit) ? "ended" : null;
    return this.begin(context.unit, lock) ? "began" : null;
  }

  /** To be told when a hook has ended: grants may have changed. */
  look(): void {
    const holders = new Set([...holdingUnits(this.#juju), ...this.current.keys()]);
    this.mostHolders = Math.max(this.mostHolders, holders.size);
  }

  /** @returns false if the unit operated already: it does again what failed. */
  begin(unit: string, lock: string): boolean {
    if (this.current.has(unit)) return false;
    const operation: Operation = { unit, lock, from: performance.now(), to: null };
    this.all.push(operation);
    this.#current.set(unit, operation);
    this.look();
    if (this.current.size > this.#allowed()) {
      this.violations.push(
        `${[...this.#current.keys()].join(", ")} operate at once; allowed: ${this.#allowed()}`,
      );
    }
    if (publishedGrants(this.#juju)[unit]?.[lock] === undefined) {
      this.violations.push(`${unit} operates under ${lock}, which nobody has granted it`);
    }
    return true;
  }

  /** @returns false if it did not operate. */
  end(unit: string): boolean {
    const operation = this.#current.get(unit);
    if (operation === undefined) return false;
    operation.to = performance.now();
    return this.#current.delete(unit);
  }
}
