/**
 * Watches operations of real charms as the local Juju does, and whether a unit inside its operation keeps its grant.
 *
 * @module
 */

import { Operations } from "../../host/juju/measure/operations.js";
import { publishedGrants } from "../../host/juju/measure/wire.js";
import type { HookContext } from "../../host/juju/model/context.js";
import type { LocalJuju } from "../../host/juju/model/juju.js";
import type { Result } from "../../host/juju/model/lifecycle.js";

/** See the module's comment. */
export class Onlooker {
  readonly #juju: LocalJuju;
  readonly #operations: Operations;
  readonly #dropped = new Set<string>();

  constructor(juju: LocalJuju, allowed: () => number) {
    this.#juju = juju;
    this.#operations = new Operations(juju, allowed);
  }

  /** What must never be, in words. */
  get wrong(): string[] {
    const dropped = [...this.#dropped].map((unit) => `${unit} lost its grant inside its operation`);
    return [...this.#operations.violations, ...dropped];
  }

  /** Inside an operation, or stopped there. */
  operates(unit: string): boolean {
    return this.#operations.current.has(unit);
  }

  get someoneOperates(): boolean {
    return this.#operations.current.size > 0;
  }

  /** To be told of every hook tool before it is carried out. */
  tool(context: HookContext, name: string, args: readonly string[]): void {
    this.#operations.tool(context, name, args);
  }

  /** To be told of every hook that has ended. One that succeeded has left its operation behind, finished or given up. */
  ended(context: HookContext, { ending }: Result): void {
    if (context.kind === "hook" && (ending === "committed" || ending === "rerun")) {
      this.#operations.end(context.unit);
    }
    this.look();
  }

  /** Grants may have changed: whoever is inside an operation must still have its own. */
  look(): void {
    this.#operations.look();
    const grants = publishedGrants(this.#juju);
    for (const [unit, { lock }] of this.#operations.current) {
      if (grants[unit]?.[lock] === undefined) this.#dropped.add(unit);
    }
  }
}
