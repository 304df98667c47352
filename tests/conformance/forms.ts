/**
 * A built-in rule has two forms: in the core, and as a module of its own. One hook is played to two cores at once, each with one of
 * them, and what comes of it must be the same.
 *
 * @module
 */

import { readdirSync, readFileSync } from "node:fs";
import {
  type Answer,
  exchange,
  type Json,
  type PolicyState,
} from "../../bindings/typescript/contract.js";
import { freshCore } from "../../bindings/typescript/core.js";
import type { Callable } from "../../bindings/typescript/engine.js";
import { loadPolicy, type PolicyModule } from "../../bindings/typescript/index.js";
import { type Fields, fieldsOf } from "../../host/policy/rules.js";

// The compiled file lies in build/js/tests/conformance.
const MODULES = new URL("../../../policies/", import.meta.url);
const MOST_ASKS = 20;

/** The names of the rules that have a module. */
export const RULES = readdirSync(MODULES).map((file) => file.replace(/\.wasm$/, ""));
const files = new Map(RULES.map((name) => [name, readFileSync(new URL(`${name}.wasm`, MODULES))]));

/** The file of a rule's module. */
export function fileOf(rule: string): Uint8Array {
  return files.get(rule)!;
}

/** A policy that is one rule, as an object; null for what is none, or has no module. */
export function oneRule(policy: unknown = "simple"): Fields | null {
  if (Array.isArray(policy)) return policy.length === 1 ? oneRule(policy[0]) : null;
  const fields = fieldsOf(policy);
  return files.has(fields.rule) ? fields : null;
}

/** The rule's module with the rule's fields as its config. @throws ModuleError `bad_config` if they are wrong. */
export function moduleOf({ rule, ...config }: Fields): PolicyModule {
  return loadPolicy(fileOf(rule), { config, time: 60_000 });
}

export interface Input {
  readonly op: string;
  readonly [field: string]: unknown;
}

/** Answers what a core asks besides the policy: an `answer` without what says when. */
export type Obtain = (what: string) => object;

/** One hook of a core. */
class Hook {
  /** Whether the policy was asked. */
  hasDecided = false;
  /** How long ago is-leader said True, as was said last: a policy decides at once. */
  #age: unknown;
  readonly #core: Callable = freshCore();
  readonly #obtain: Obtain;
  readonly #policy: PolicyModule | null;

  constructor(obtain: Obtain, policy: PolicyModule | null) {
    this.#obtain = obtain;
    this.#policy = policy;
  }

  /** What an operation comes to, when all that was asked is answered. */
  play(input: Input): Answer {
    let answer = this.#say(input);
    for (let asks = 0; "ask" in answer; asks++) {
      if (asks === MOST_ASKS) throw new Error(`it asked ${asks} times`);
      const { what } = answer.ask;
      const given =
        what === "policy"
          ? this.#decide((answer.ask as unknown as { input: PolicyState }).input)
          : this.#obtain(what);
      answer = this.#say({ ...given, op: "answer", what });
    }
    return answer;
  }

  #say(input: Input): Answer {
    this.#age = input.age;
    return exchange(this.#core, input);
  }

  #decide(state: PolicyState): object {
    this.hasDecided = true;
    return { result: this.#policy!.decide(state) as unknown as Json, age: this.#age };
  }
}

export interface Compared {
  /** What each operation came to with the rule in the core, and with the rule's module. */
  readonly inCore: readonly Answer[];
  readonly inModule: readonly Answer[];
  /** Whether the module was asked at all. */
  readonly hasDecided: boolean;
}

/**
 * Plays a hook to both.
 *
 * @param inputs - from `start` on; the policy in it is replaced.
 * @param obtain - makes, for each core, what answers its questions.
 */
export function compare(fields: Fields, inputs: readonly Input[], obtain: () => Obtain): Compared {
  const policy = moduleOf(fields);
  const external = { name: policy.name, needs: policy.needs };
  const playAll = (hook: Hook, own: unknown): Answer[] =>
    inputs.map((input) => hook.play(input.op === "start" ? { ...input, policy: own } : input));
  const withModule = new Hook(obtain(), policy);
  return {
    inCore: playAll(new Hook(obtain(), null), [fields]),
    inModule: playAll(withModule, { external }),
    hasDecided: withModule.hasDecided,
  };
}
