/**
 * When locks were released, as far as a policy wants to know: for each lock the latest, and those of the units that it names.
 *
 * @module
 */

import { compare, compareBytes, type Ledger, type Unit } from "./decision.js";
import { earlier } from "./time.js";

/** So many are kept, the newest. */
const most = 100;

interface Release {
  readonly unit: string;
  readonly lock: string;
  time: string;
}

export class Releases {
  readonly isWanted: boolean;
  readonly #named: ReadonlySet<string>;
  #list: Release[] = [];

  constructor(isWanted: boolean, named: Iterable<string>) {
    this.isWanted = isWanted;
    this.#named = new Set(named);
  }

  add(unit: string, lock: string, time: string): void {
    if (!this.isWanted) return;
    const others = this.#list.filter((one) => one.lock === lock && one.time > time);
    if (others.length > 0 && !this.#named.has(unit)) return;
    this.#list = this.#list.filter((one) => {
      const isOutdone = one.time <= time && (one.unit === unit || !this.#named.has(one.unit));
      return one.lock !== lock || !isOutdone;
    });
    if (this.#list.length === most) {
      const oldest = this.#list.reduce((a, b) => (b.time < a.time ? b : a));
      this.#list = this.#list.filter((one) => one !== oldest);
    }
    this.#list.push({ unit, lock, time });
  }

  /** What is later than now becomes now; of named units the ids that they have done stand in. @returns whether a time was changed. */
  settle({ units }: Ledger, now: string): boolean {
    for (const name of this.#named) {
      for (const [lock, id] of units.get(name)?.done ?? []) {
        if (this.#recorded(name, lock) === undefined) this.add(name, lock, id);
      }
    }
    const late = this.#list.filter(({ time }) => time > now);
    for (const release of late) release.time = now;
    return late.length > 0;
  }

  /** When a lock was released last; undefined if that is not known. */
  last(lock: string): string | undefined {
    const times = this.#list.filter((one) => one.lock === lock).map(({ time }) => time);
    return times.sort().at(-1);
  }

  /** When this unit released it last. */
  by(unit: Unit, lock: string, now: string): string | undefined {
    const time = this.#recorded(unit.name, lock) ?? unit.done.get(lock);
    return time === undefined ? undefined : earlier(time, now);
  }

  /** As it is written; undefined if nobody looks at them. */
  get document(): Record<string, Record<string, string>> | undefined {
    if (!this.isWanted) return undefined;
    const inOrder = [...this.#list].sort(
      (a, b) => compareBytes(a.lock, b.lock) || compare(a.unit, b.unit),
    );
    const document: Record<string, Record<string, string>> = {};
    for (const { lock, unit, time } of inOrder) {
      document[lock] ??= {};
      document[lock][unit] = time;
    }
    return document;
  }

  #recorded(unit: string, lock: string): string | undefined {
    return this.#list.find((one) => one.unit === unit && one.lock === lock)?.time;
  }
}
