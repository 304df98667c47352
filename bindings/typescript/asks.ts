/**
 * The ask loop: what the core was not given and needs, the host obtains. What cannot be had is input too, under the name of its
 * failure, so that every language goes on alike.
 *
 * @module
 */

import {
  type Ask,
  type ErrorAnswer,
  exchange,
  type Input,
  isObject,
  type Json,
  type Policy,
  type PolicyDecision,
  type PolicyState,
} from "./contract.js";
import type { Callable } from "./engine.js";
import { CoordinatorError, CoreError, HostError, ModuleError } from "./errors.js";
import type { Host, Values } from "./host.js";
import { type PolicyFunction, PolicyModule } from "./policy.js";

/** Seconds for which Juju lets nobody else lead after it has said True, or has accepted a write. */
const PROVEN_FOR = 30;

/** More asks than this for one operation mean that the core is broken: it asks for each thing once or twice. */
const MOST_ASKS = 100;

/** A databag's value with more bytes than this is not read; one more byte says that it is too long. */
const MOST_VALUE = 65_536;

/** Why something asked for could not be had; the core reports it as a problem. */
class Failure extends Error {
  readonly failure: string;

  constructor(failure: string, message: string) {
    super(message);
    this.failure = failure;
  }
}

/** Talks to the core for one hook, on behalf of a host. */
export class Asker {
  readonly #makeCore: () => Callable;
  #core: Callable | null = null;
  readonly #host: Host;
  readonly #key: string;
  /** What is not the core's to decide; set before the core is asked to start. */
  policy: PolicyFunction | PolicyModule | null = null;
  /** Moment before is-leader last said True, or before the last accepted write; null if this unit was never seen to lead. */
  #ledAt: number | null = null;

  /** @param makeCore - is called once, when there is something to ask. */
  constructor(makeCore: () => Callable, host: Host, key: string) {
    this.#makeCore = makeCore;
    this.#host = host;
    this.#key = key;
  }

  /** Asks is-leader. The answer's age counts from the moment before the question: from then on the 30 seconds run. */
  isLeader(): boolean {
    const before = this.#host.hook.monotonic();
    const leader = this.#host.leadership.isLeader();
    if (leader) this.#ledAt = before;
    return leader;
  }

  /** The values of a databag under the relation key. The core reads none that is too long, so none is carried to it whole. */
  databag(values: Values): Values {
    const own = Object.entries(this.grants(values));
    return Object.fromEntries(own.map(([key, value]) => [key, cut(value)]));
  }

  /** The grants' values under the relation key; the charm's own data in the same place is none of the core's business. */
  grants(values: Values): Values {
    const own = Object.entries(values).filter(([key]) => key.startsWith(this.#key));
    return Object.fromEntries(own.map((texts) => texts.map(wellFormed) as [string, string]));
  }

  /** The databags of these units, without those that Juju refuses to show. */
  databags(units: readonly string[]): Record<string, Values> {
    const read = units.map((unit) => [unit, this.#host.peers.of(unit)] as const);
    return Object.fromEntries(
      read.flatMap(([unit, values]) => (values === null ? [] : [[unit, this.databag(values)]])),
    );
  }

  /** Whether Juju said so long ago that this unit leads that another may have led, and written the grants, since. */
  isLate(): boolean {
    return this.#ledAt !== null && this.#host.hook.monotonic() - this.#ledAt >= PROVEN_FOR;
  }

  /**
   * One operation of the core, with everything it asks for on the way.
   *
   * @throws CoreError if the core refuses the operation.
   */
  request<Ok>(input: Input): Ok {
    let answer = exchange(this.#awake(), { ...input, ...this.#times() });
    for (let asks = 0; "ask" in answer; asks++) {
      if (asks === MOST_ASKS) throw new ModuleError("bad_answer", `it asked ${asks} times`);
      answer = exchange(this.#awake(), this.#answer(answer.ask as Ask));
    }
    if ("error" in answer) {
      const { code, message, path } = answer.error;
      throw new CoreError(code, message, path);
    }
    return answer.ok as Ok;
  }

  /** What the core has against a policy, or null; possible before `start`. */
  check(policy: Policy): ErrorAnswer | null {
    const answer = exchange(this.#awake(), { op: "check", policy });
    return "error" in answer ? answer.error : null;
  }

  #awake(): Callable {
    this.#core ??= this.#makeCore();
    return this.#core;
  }

  #times(): { now: string; age?: number } {
    const { hook } = this.#host;
    const now = hook.now();
    return this.#ledAt === null ? { now } : { now, age: hook.monotonic() - this.#ledAt };
  }

  #answer(ask: Ask): Input {
    const { what } = ask;
    try {
      const result = this.#obtain(ask);
      return { op: "answer", what, result, ...this.#times() };
    } catch (error) {
      if (error instanceof Failure) {
        return {
          op: "answer",
          what,
          failure: error.failure,
          message: error.message,
          ...this.#times(),
        };
      }
      if (error instanceof HostError) {
        return {
          op: "answer",
          what,
          failure: error.code,
          message: error.message,
          ...this.#times(),
        };
      }
      throw error;
    }
  }

  #obtain(ask: Ask): unknown {
    const { hook, leadership, peers } = this.#host;
    switch (ask.what) {
      case "saved":
        return peers.readSaved(this.#key);
      case "units":
        return this.databags(ask.units);
      case "planned":
        return peers.planned();
      case "config":
        return pick(hook.config(), ask.options);
      case "policy":
        return this.#decide(ask.input);
      case "publish":
        if (this.isLate()) throw new Failure("refused", "is-leader said True too long ago");
        this.#publish(ask.values);
        return true;
      case "reread":
        this.#publish(ask.values);
        return this.grants(leadership.read());
      case "leader":
        return this.isLeader();
      default:
        throw new Failure("unknown_ask", `this binding does not know ${JSON.stringify(ask)}`);
    }
  }

  #publish(values: Values): void {
    const before = this.#host.hook.monotonic();
    if (!this.#host.leadership.write(values)) {
      throw new Failure("refused", "Juju refused the write: this unit does not lead");
    }
    this.#ledAt = before;
  }

  #decide(input: PolicyState): unknown {
    const { policy } = this;
    if (policy === null) throw new Failure("no_policy", "the charm has no policy function");
    if (policy instanceof PolicyModule) return this.#decideBy(policy, input);
    let decision: unknown;
    try {
      decision = policy(input);
    } catch (error) {
      throw new Failure("policy_failed", `it threw ${error}`);
    }
    return checkDecision(decision);
  }

  #decideBy(policy: PolicyModule, input: PolicyState): PolicyDecision {
    try {
      return policy.decide(input, (line) =>
        this.#host.hook.log("WARNING", `${policy.name}: ${line}`),
      );
    } catch (error) {
      if (!(error instanceof CoordinatorError)) throw new Failure("policy_failed", `${error}`);
      throw new Failure(error.code, error.message);
    }
  }
}

/** Half a surrogate pair is no text: the core would refuse the whole snapshot for it, and with it everybody's hook. */
function wellFormed(text: string): string {
  return (text as { toWellFormed?(): string }).toWellFormed?.() ?? Buffer.from(text).toString();
}

/** The beginning of a value that is too long: enough to show that it is, and never half a surrogate pair, which is no text. */
function cut(value: string): string {
  if (value.length <= MOST_VALUE) return value;
  const beginning = value.slice(0, MOST_VALUE + 1);
  return /[\ud800-\udbff]$/.test(beginning) ? value.slice(0, MOST_VALUE + 2) : beginning;
}

function pick(
  config: Record<string, unknown>,
  options: readonly string[],
): Record<string, unknown> {
  return Object.fromEntries(
    options.flatMap((option) => (Object.hasOwn(config, option) ? [[option, config[option]]] : [])),
  );
}

/** A decision as JSON, so that nothing in it can fail later. */
function checkDecision(decision: unknown): Json {
  if (decision instanceof Promise) {
    decision.catch(() => undefined);
    throw new Failure("bad_answer", "the policy returned a Promise; it must decide at once");
  }
  if (!isObject(decision) || !Array.isArray(decision.grant)) {
    throw new Failure("bad_answer", "the policy must return an object with a list `grant`");
  }
  try {
    return JSON.parse(JSON.stringify(decision)) as Json;
  } catch (error) {
    throw new Failure("bad_answer", `the policy's decision cannot be written as JSON: ${error}`);
  }
}
