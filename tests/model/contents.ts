/**
 * Databags and grants as numbers: each different content gets one, so that a state can hold it in 32 bits, and what an onlooker
 * wants to know of it is worked out once.
 *
 * @module
 */

import type { Values } from "../../bindings/typescript/host.js";

/** Ids by lock. */
export type Ids = Readonly<Record<string, string>>;
type Table = Readonly<Record<string, Ids>>;

interface Content {
  readonly values: Values;
  grants: Table | null;
  bare: string | null;
  requests: Ids | null;
  done: Ids | null;
}

const none: Ids = Object.freeze({});

/** All contents met so far. 0 is the empty one. */
export class Contents {
  readonly #known: Content[] = [];
  readonly #numbers = new Map<string, number>();
  readonly #overlays = new Map<number, number>();

  constructor() {
    this.number({});
  }

  get size(): number {
    return this.#known.length;
  }

  /** The number of these values; those that are `""` are left out, as Juju shows none. */
  number(values: Values): number {
    const entries = Object.entries(values).filter(([, value]) => value !== "");
    entries.sort(([a], [b]) => (a < b ? -1 : 1));
    const text = JSON.stringify(entries);
    let number = this.#numbers.get(text);
    if (number === undefined) {
      number = this.#known.length;
      this.#numbers.set(text, number);
      this.#known.push({
        ...{ values: Object.fromEntries(entries), grants: null, bare: null },
        ...{ requests: null, done: null },
      });
    }
    return number;
  }

  values(number: number): Values {
    return this.#known[number]!.values;
  }

  /** `base` after a write; `writes` is a number of {@link writes}. */
  after(base: number, writes: number, known: Writes): number {
    const key = base * 0x200000 + writes;
    let number = this.#overlays.get(key);
    if (number === undefined) {
      number = this.number({ ...this.values(base), ...known.values(writes) });
      this.#overlays.set(key, number);
    }
    return number;
  }

  /** `current` after a whole map was written over it: its keys that the map does not name stay. Deleted ones are deleted again. */
  restored(current: number, base: number, writes: number, known: Writes): number {
    return this.number({
      ...this.values(current),
      ...this.values(base),
      ...known.values(writes),
    });
  }

  /** The requests of a unit's databag. */
  requests(number: number): Ids {
    const content = this.#known[number]!;
    content.requests ??= parsed(content.values.coordinator) as Ids;
    return content.requests;
  }

  /** What a unit's databag says to be done, by lock. */
  done(number: number): Ids {
    const content = this.#known[number]!;
    content.done ??= (parsed(content.values["coordinator-v1"]).done as Ids | undefined) ?? none;
    return content.done;
  }

  /** The grants in leader settings, or in the greatest reign of an application databag. */
  grants(number: number): Table {
    const content = this.#known[number]!;
    content.grants ??= grantsOf(content.values);
    return content.grants;
  }

  /** The grants' document without what counts writes: two that differ in nothing else say the same. */
  bare(number: number): string {
    const content = this.#known[number]!;
    content.bare ??= JSON.stringify(content.values).replace(/\\?"generation\\?": ?\d+/g, "");
    return content.bare;
  }
}

/** What hooks have written, as numbers. Unlike in a content `""` stays: it deletes a key. */
export class Writes {
  readonly #known: Values[] = [];
  readonly #numbers = new Map<string, number>();

  number(values: Values): number {
    const text = JSON.stringify(values);
    let number = this.#numbers.get(text);
    if (number === undefined) {
      number = this.#known.length;
      this.#numbers.set(text, number);
      this.#known.push({ ...values });
    }
    return number;
  }

  values(number: number): Values {
    return this.#known[number]!;
  }
}

function parsed(text: string | undefined): Record<string, unknown> {
  if (text === undefined || text === "{") return {};
  return JSON.parse(text.startsWith("{{") ? text.slice(1) : text) as Record<string, unknown>;
}

function grantsOf(values: Values): Table {
  const reigns = Object.keys(values)
    .map((key) => Number(/^coordinator-r(\d+)$/.exec(key)?.[1] ?? 0))
    .sort((a, b) => a - b);
  const reign = reigns.at(-1) ?? 0;
  if (reign > 0) return (parsed(values[`coordinator-r${reign}`]).grants ?? {}) as Table;
  return parsed(values.coordinator) as Table;
}
