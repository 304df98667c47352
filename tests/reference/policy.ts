/**
 * A policy in plain TypeScript: rules, all of which must permit, and a hard limit of holders.
 *
 * @module
 */

import type { Request } from "./decision.js";
import { comparison, type Facts, type Fields, mainField, type Permits, rules } from "./rules.js";

/** The reference does not know this; nothing is said about it. */
export class Uncovered extends Error {}

interface Parts {
  readonly rules?: unknown;
  readonly limit?: number | Readonly<Record<string, number>>;
  readonly external?: unknown;
}

export class Policy {
  /** `serial`, or `serial, pause`. */
  readonly name: string;
  readonly #rules: readonly (Fields & { permits: Permits })[];
  readonly #limit: (lock: string) => number;

  /**
   * @param policy as the core is given it; undefined for the default.
   * @throws Uncovered for a policy from elsewhere, and rules that are not known.
   */
  constructor(policy: unknown = "simple") {
    const isParts = isObject(policy) && !("rule" in policy);
    const { rules: list = [], limit, external } = (isParts ? policy : { rules: policy }) as Parts;
    if (external !== undefined) throw new Uncovered("a policy from elsewhere");
    this.#rules = (Array.isArray(list) ? list : [list]).map(ruleOf);
    this.name = this.#rules.map(({ rule }) => rule).join(", ");
    this.#limit = (lock) => (isObject(limit) ? limit[lock] : limit) ?? Number.POSITIVE_INFINITY;
  }

  /** Whether it looks at goal-state. */
  get needsStatuses(): boolean {
    return this.#rules.some(({ rule }) => rule === "halt");
  }

  /** The config options it looks at. */
  get options(): string[] {
    return this.#rules.flatMap(({ rule, option }) => (rule === "gate" ? [String(option)] : []));
  }

  /** Whether it looks at releases, and whose besides the latest. */
  get needsReleases(): boolean {
    return this.#rules.some(({ rule }) => rule === "cooldown" || rule === "canary");
  }

  get releasing(): string[] {
    const canaries = this.#rules.filter(({ rule }) => rule === "canary");
    return canaries.flatMap(({ units }) => units as string[]);
  }

  permits(request: Request, facts: Facts): boolean {
    const { lock } = request;
    if (facts.holders.of(lock).length >= this.#limit(lock)) return false;
    return this.#rules.every((rule) => !speaksOf(rule, lock) || rule.permits(request, facts));
  }

  /** Lines up a queue by the rules that have an order, the first of them last. */
  arrange(queue: readonly Request[], { ledger }: Facts): Request[] {
    const arranged = [...queue];
    for (const rule of this.#rules.filter(({ rule }) => rule === "order").reverse()) {
      arranged.sort(comparison(rule, ledger));
    }
    return arranged;
  }
}

const isObject = <T>(value: T): value is T & object =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const speaksOf = ({ locks }: Fields, lock: string): boolean =>
  locks === undefined || locks.includes(lock);

function ruleOf(given: unknown): Fields & { permits: Permits } {
  const fields = isObject(given) ? (given as Fields) : named(String(given));
  const make = rules[fields.rule];
  if (make === undefined) throw new Uncovered(`the rule ${fields.rule}`);
  return { ...fields, permits: make(fields) };
}

function named(text: string): Fields {
  const [rule, argument] = text.split(/:(.*)/s, 2) as [string, string?];
  const main = mainField[rule];
  return main === undefined || argument === undefined ? { rule } : { rule, [main]: argument };
}
