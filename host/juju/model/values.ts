/**
 * Databags, leader settings and saved state: maps of strings that are replaced, never changed in place, so that clones can share them.
 *
 * @module
 */

/** The content of a databag, of leader settings or of a unit's saved state. Never changed in place. */
export type Values = Readonly<Record<string, string>>;

/** A databag or leader settings with the version that Juju compares to find out whether an event is due. Never changed in place. */
export interface Bag {
  readonly values: Values;
  /** 0: never written. A counter on Juju 3.6; a hash of the content on 4.0. */
  readonly version: number;
}

export const noValues: Values = Object.freeze({});
export const emptyBag: Bag = Object.freeze({ values: noValues, version: 0 });

/** Sets a key as the object's own even if it is called `__proto__`. */
export function setOwn(values: Record<string, string>, key: string, value: string): void {
  Object.defineProperty(values, key, {
    value,
    enumerable: true,
    configurable: true,
    writable: true,
  });
}

/** A key's value; `""` if there is none. */
export function valueAt(values: Values, key: string): string {
  return Object.hasOwn(values, key) ? values[key]! : "";
}

/** `base` with `changes` laid over it; `""` stays, as the mark of a deleted key. */
export function overlay(base: Values, changes: Values): Values {
  return { ...base, ...changes };
}

/** The values that a reader sees: keys marked as deleted are left out. */
export function visible(values: Values): Values {
  for (const key in values) {
    if (values[key] === "") return withoutDeleted(values);
  }
  return values;
}

function withoutDeleted(values: Values): Values {
  const kept: Record<string, string> = {};
  for (const key in values) {
    if (values[key] !== "") setOwn(kept, key, values[key]!);
  }
  return kept;
}

/**
 * What changes when `written` is laid over `current` key by key; null when nothing does. `""` deletes.
 * Juju writes whole maps, but a key that has its value already is no change and makes no event.
 */
export function difference(current: Values, written: Values): Values | null {
  let changed: Record<string, string> | null = null;
  for (const key in written) {
    if (valueAt(current, key) === written[key]) continue;
    changed ??= {};
    setOwn(changed, key, written[key]!);
  }
  return changed;
}

/** The bag after `changed` was written: the next count, or the hash of the new content. */
export function writeBag(bag: Bag, changed: Values, hashVersions: boolean): Bag {
  const values = visible(overlay(bag.values, changed));
  return { values, version: hashVersions ? hashValues(values) : bag.version + 1 };
}

/** A 53-bit hash (cyrb53) of keys and values in any order; never 0. */
export function hashValues(values: Readonly<Record<string, unknown>>): number {
  let high = 0xdeadbeef;
  let low = 0x41c6ce57;
  for (const key of Object.keys(values).sort()) {
    const text = `${JSON.stringify(key)}:${JSON.stringify(values[key])},`;
    for (let i = 0; i < text.length; i++) {
      const code = text.charCodeAt(i);
      high = Math.imul(high ^ code, 2654435761);
      low = Math.imul(low ^ code, 1597334677);
    }
  }
  high = Math.imul(high ^ (high >>> 16), 2246822507) ^ Math.imul(low ^ (low >>> 13), 3266489909);
  low = Math.imul(low ^ (low >>> 16), 2246822507) ^ Math.imul(high ^ (high >>> 13), 3266489909);
  return 4294967296 * (2097151 & low) + (high >>> 0) || 1;
}
