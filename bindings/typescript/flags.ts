/**
 * Flags kept in memory: for hosts whose charm has no flag store of its own, which then begins each hook with none set.
 *
 * @module
 */

import type { Flags } from "./host.js";

export class MemoryFlags implements Flags {
  readonly #set: Set<string>;

  /** @param set - the flags set already; it is changed, so that who gave it can keep it for the next hook. */
  constructor(set: Set<string> = new Set()) {
    this.#set = set;
  }

  current(): string[] {
    return [...this.#set].filter((flag) => flag.startsWith("coordinator."));
  }

  set(flag: string): void {
    this.#set.add(flag);
  }

  clear(flag: string): void {
    this.#set.delete(flag);
  }
}
