/**
 * A policy in a module of its own, in whatever language: loaded, described and checked before anything depends on it, then asked for
 * decisions. It may be wrong in every way; each has a code, and none costs more than that decision.
 *
 * @module
 */

import { decisionOf, factsOf, needsOf, shallow } from "./answers.js";
import type { Command, CommandRun, TakeLine } from "./command.js";
import {
  type Answer,
  encode,
  type Input,
  type Policy,
  type PolicyDecision,
  type PolicyNeeds,
  type PolicyState,
  parseAnswer,
} from "./contract.js";
import type { Instance } from "./engine.js";
import { ModuleError } from "./errors.js";
import { later } from "./later.js";
import { loadProgram, type Module } from "./module.js";

export interface PolicyOptions {
  /** What the policy is told at its check and with each decision; anything that JSON can say. Default: `{}`. */
  readonly config?: unknown;
  /** The name that status shows and grants carry. Default: what the module calls itself. */
  readonly name?: string;
  /** Milliseconds that one operation may take, if its fuel lasts. Default: 2,000. */
  readonly time?: number;
  /** Takes each line that a command writes on standard error while it is described and checked. */
  readonly log?: TakeLine;
}

/** The most bytes that the file of a policy may have; of a module 1 MiB at the most. */
export const MOST_FILE = 4 << 20;

/** A policy in the charm's own code. It must answer at once: no Promise. */
export type PolicyFunction = (state: PolicyState) => PolicyDecision;

/** What is known of a policy without running it. */
export interface PolicyFacts {
  /** That status shows and grants carry. */
  readonly name: string;
  readonly version: string;
  /** Of the file as it was given, in hexadecimal. */
  readonly sha256: string;
  /** What it wants to be told with each decision. */
  readonly needs: PolicyNeeds;
}

/** A policy that was loaded, described and checked; for `policy` of a {@link Coordinator}. */
export class PolicyModule implements PolicyFacts {
  readonly name: string;
  readonly version: string;
  readonly sha256: string;
  readonly needs: PolicyNeeds;
  readonly #runner: Runner;
  readonly #config: unknown;

  /** For {@link loadPolicy} and {@link keptPolicy}. */
  constructor({ name, version, sha256, needs }: PolicyFacts, runner: Runner, config: unknown) {
    this.name = name;
    this.version = version;
    this.sha256 = sha256;
    this.needs = needs;
    this.#runner = runner;
    this.#config = config;
  }

  /** A command is a program for WASI. */
  get kind(): "module" | "command" {
    return this.#runner.program.kind === "command" ? "command" : "module";
  }

  /** What the last operation used, the same on every machine and in every language. */
  get fuelUsed(): bigint | null {
    return this.#runner.fuelUsed;
  }

  /**
   * Decides, in an instance of its own.
   *
   * @param state - what the core asks about; the module's config is added.
   * @param log - takes each line that a command writes on standard error.
   * @throws ModuleError whatever goes wrong: the codes of `host/abi.md`.
   */
  decide(state: PolicyState, log?: TakeLine): PolicyDecision {
    const answer = this.#runner.call({ op: "decide", ...state, config: this.#config }, log);
    return decisionOf(answer, state);
  }
}

/** Runs each operation in an instance of its own. */
class Runner {
  readonly #load: () => Module | Command;
  #program: Module | Command | null = null;
  #fuelUsed: bigint | null = null;

  /** @param load - is called once, when there is something to ask. */
  constructor(load: () => Module | Command) {
    this.#load = load;
  }

  get program(): Module | Command {
    this.#program ??= this.#load();
    return this.#program;
  }

  get fuelUsed(): bigint | null {
    return this.#fuelUsed;
  }

  call(input: Input, log: TakeLine = () => undefined): Answer {
    const { program } = this;
    let running: Instance | CommandRun | null = null;
    try {
      running = program.instantiate(log);
      return parseAnswer(shallow(running.call(encode(input))));
    } catch (error) {
      if (!(error instanceof ModuleError)) throw error;
      throw new ModuleError(error.code, `${input.op}: ${error.message}`, error.trap);
    } finally {
      this.#fuelUsed = running?.fuelUsed ?? null;
    }
  }
}

/**
 * Loads a policy: checks the file, asks it who it is, and whether it takes this config.
 *
 * @param bytes - the content of a `.wasm` file.
 * @throws ModuleError with the code of what is wrong; `bad_config` if the policy does not take its config.
 *
 * @example
 * ```ts
 * const policy = loadPolicy(readFileSync("half.wasm"));
 * const coordinator = new Coordinator(jujuHost(), { policy });
 * coordinator.start();
 * ```
 */
export function loadPolicy(bytes: Uint8Array, options: PolicyOptions = {}): PolicyModule {
  const { config = {}, log } = options;
  const runner = new Runner(() => loadProgram(bytes, options.time));
  const about = factsOf(runner.call({ op: "describe" }, log));
  const needs = needsOf(runner.call({ op: "check", config }, log));
  const facts = { ...about, name: options.name ?? about.name, sha256: sha256Of(bytes), needs };
  return new PolicyModule(facts, runner, config);
}

/**
 * A policy that was loaded before, with what is known since. Its file is read when it is asked for the first decision.
 *
 * @param read - may throw; that is then what goes wrong with the decision.
 */
export function keptPolicy(
  facts: PolicyFacts,
  read: () => Uint8Array,
  options: Pick<PolicyOptions, "config" | "time">,
): PolicyModule {
  return new PolicyModule(
    facts,
    new Runner(() => loadProgram(read(), options.time)),
    options.config ?? {},
  );
}

/** In hexadecimal. */
export function sha256Of(bytes: Uint8Array): string {
  // Only where there is a policy to name: to load it takes Node as long as all else in most hooks.
  const { createHash } = later()("node:crypto") as typeof import("node:crypto");
  return createHash("sha256").update(bytes).digest("hex");
}

/** A policy as the core takes it: of what is no rule, its name and what it needs. */
export function documentOf(policy: Policy | PolicyFunction | PolicyModule): Policy {
  if (typeof policy === "function") return { external: { name: policy.name || "function" } };
  if (!(policy instanceof PolicyModule)) return policy;
  const { name, sha256, needs } = policy;
  return { external: { name, sha256, needs } };
}
