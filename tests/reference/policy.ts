/**
 * The built-in rules of policies in plain TypeScript, as `host/abi.md` tells them.
 *
 * @module
 */

import { amount } from "../../host/juju/measure/allowed.js";
import type { Holders, Unit } from "./decision.js";

type Permits = (unit: Unit, lock: string, holders: Holders) => boolean;

/** Rules, all of which must permit, and a hard limit of holders. */
export class Policy {
  /** `serial`, or `serial, pause`. */
  readonly name: string;
  readonly #rules: readonly { permits: Permits; speaksOf: (lock: string) => boolean }[];
  readonly #limit: (lock: string) => number;

  /**
   * @param policy as the core is given it; undefined for the default.
   * @throws Uncovered for what needs to be asked for: `gate`, and a policy from elsewhere.
   */
  constructor(policy: unknown = "simple") {
    const isParts = isObject(policy) && !("rule" in policy);
    const { rules = [], limit, external } = (isParts ? policy : { rules: policy }) as Parts;
    if (external !== undefined) throw new Uncovered("a policy from elsewhere");
    const list = (Array.isArray(rules) ? rules : [rules]).map(fieldsOf);
    this.name = list.map(({ rule }) => rule).join(", ");
    this.#rules = list.map((fields) => ({
      permits: permitsOf(fields),
      speaksOf: (lock) => fields.locks === undefined || fields.locks.includes(lock),
    }));
    this.#limit = (lock) => (isObject(limit) ? limit[lock] : limit) ?? Number.POSITIVE_INFINITY;
  }

  permits(unit: Unit, lock: string, holders: Holders): boolean {
    if (holders.of(lock) >= this.#limit(lock)) return false;
    return this.#rules.every((rule) => {
      return !rule.speaksOf(lock) || rule.permits(unit, lock, holders);
    });
  }
}

/** The reference does not know this; nothing is said about it. */
export class Uncovered extends Error {}

interface Parts {
  readonly rules?: unknown;
  readonly limit?: number | Readonly<Record<string, number>>;
  readonly external?: unknown;
}

interface Fields {
  readonly rule: string;
  readonly locks?: readonly string[];
  readonly max?: string | number;
  readonly min?: string | number;
}

const isObject = <T>(value: T): value is T & object =>
  typeof value === "object" && value !== null && !Array.isArray(value);

function fieldsOf(rule: unknown): Fields {
  if (isObject(rule)) return rule as Fields;
  const [name, argument] = String(rule).split(/:(.*)/s, 2) as [string, string?];
  return { rule: name, max: argument, min: argument } as Fields;
}

function permitsOf({ rule, max = "", min = "" }: Fields): Permits {
  switch (rule) {
    case "simple":
      return (unit, _lock, holders) =>
        holders.units === 0 || (holders.units === 1 && holders.has(unit));
    case "serial":
      return (_unit, lock, holders) => holders.of(lock) === 0;
    case "parallel":
      return (_unit, lock, holders) => {
        const most = Math.floor(amount(String(max), holders.n));
        return holders.of(lock) < (most >= 1 && Number.isFinite(most) ? most : 1);
      };
    case "available":
      return (unit, _lock, holders) => {
        const left = holders.n - holders.members - (holders.has(unit) ? 0 : 1);
        return left >= Math.ceil(amount(String(min), holders.n));
      };
    case "pause":
      return () => false;
    default:
      throw new Uncovered(`the rule ${rule}`);
  }
}
