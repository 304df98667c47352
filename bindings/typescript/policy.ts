/**
 * A policy in a module of its own, in whatever language: loaded, described and checked before anything depends on it, then asked for
 * decisions. It may be wrong in every way; each has a code, and none costs more than that decision.
 *
 * @module
 */

import { createRequire } from "node:module";
import type { Command, CommandRun, TakeLine } from "./command.js";
import {
  type Answer,
  encode,
  type Input,
  isObject,
  type Json,
  type PolicyDecision,
  type PolicyNeeds,
  type PolicyState,
  parseAnswer,
} from "./contract.js";
import type { Instance } from "./engine.js";
import { ModuleError } from "./errors.js";
import { loadProgram, type Module } from "./module.js";

const MOST_DEPTH = 64;
const [QUOTE, BACKSLASH, OPENS, CLOSES] = [0x22, 0x5c, 0x7b, 0x7d];

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
    if ("error" in answer)
      throw new ModuleError("policy_error", `decide: it answered ${told(answer)}`);
    if (!("ok" in answer)) throw wrong("decide", "it asks, where a policy must answer");
    return decisionOf(answer.ok, state);
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
  const about = describe(runner.call({ op: "describe" }, log));
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
  const { createHash } = createRequire(import.meta.url)(
    "node:crypto",
  ) as typeof import("node:crypto");
  return createHash("sha256").update(bytes).digest("hex");
}

/** JSON nested no deeper than the core itself takes it. @throws ModuleError `not_json` */
function shallow(bytes: Uint8Array): Uint8Array {
  let depth = 0;
  let isText = false;
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at]!;
    if (byte === QUOTE) isText = !isText;
    else if (isText) at += byte === BACKSLASH ? 1 : 0;
    // Brackets and braces differ in one bit.
    else if ((byte | 0x20) === OPENS) depth++;
    else if ((byte | 0x20) === CLOSES) depth--;
    if (depth <= MOST_DEPTH) continue;
    throw new ModuleError("not_json", `the answer is nested deeper than ${MOST_DEPTH}`);
  }
  return bytes;
}

function describe(answer: Answer): { name: string; version: string } {
  if ("error" in answer) throw wrong("describe", `it answered ${told(answer)}`);
  const { kind, name, version } = "ok" in answer ? answer.ok : {};
  if (kind !== "policy") throw wrong("describe", `its kind is ${show(kind)}; expected "policy"`);
  if (!isText(name)) throw wrong("describe", `its name is ${show(name)}; expected a text`);
  if (!isText(version)) throw wrong("describe", `its version is ${show(version)}; expected a text`);
  return { name, version };
}

function needsOf(answer: Answer): PolicyNeeds {
  if ("error" in answer) throw new ModuleError("bad_config", `check: ${told(answer)}`);
  if (!("ok" in answer)) throw wrong("check", "it asks, where a policy must answer");
  const { needs = {} } = answer.ok;
  if (!isObject(needs)) throw wrong("check", `its needs are ${show(needs)}; expected an object`);
  const { options, units, released, ...others } = needs;
  const unknown = Object.keys(others)[0];
  if (unknown !== undefined) throw wrong("check", `it needs ${show(unknown)}, which is not known`);
  for (const [need, names] of Object.entries({ options, released })) {
    if (names === undefined || (Array.isArray(names) && names.every(isText))) continue;
    throw wrong("check", `its need ${need} is ${show(names)}; expected a list of texts`);
  }
  if (units !== undefined && typeof units !== "boolean") {
    throw wrong("check", `its need units is ${show(units)}; expected true or false`);
  }
  return needs;
}

/** The decision, if it has the right form and grants nothing but what is asked for, and that once. */
function decisionOf(ok: Record<string, unknown>, state: PolicyState): PolicyDecision {
  const { grant, wait, retry_after, ...others } = ok;
  const unknown = Object.keys(others)[0];
  if (unknown !== undefined) {
    throw wrong("decide", `it has ${show(unknown)}; expected grant, wait and retry_after only`);
  }
  if (!isEntries<Entry>(grant)) {
    throw wrong("decide", `grant is ${show(grant)}; expected a list of objects with unit and lock`);
  }
  if (wait !== undefined && !isEntries<Wait>(wait, "reason")) {
    throw wrong("decide", `wait is ${show(wait)}; expected such a list, each with a reason`);
  }
  if (retry_after !== undefined && !isSeconds(retry_after)) {
    throw wrong("decide", `retry_after is ${show(retry_after)}; expected seconds`);
  }
  const asked = new Set(state.queue.map(keyOf));
  for (const entry of grant) {
    if (asked.delete(keyOf(entry))) continue;
    const isQueued = state.queue.some((request) => keyOf(request) === keyOf(entry));
    const what = isQueued ? "twice" : "who has not asked for it, or holds it already";
    throw new ModuleError("not_asked", `decide: it grants ${entry.lock} to ${entry.unit}, ${what}`);
  }
  return {
    grant: grant.map(({ unit, lock }) => ({ unit, lock })),
    ...(wait === undefined
      ? {}
      : { wait: wait.map(({ unit, lock, reason }) => ({ unit, lock, reason })) }),
    ...(retry_after === undefined ? {} : { retry_after }),
  };
}

interface Entry {
  readonly unit: string;
  readonly lock: string;
}

interface Wait extends Entry {
  readonly reason: string;
}

function isEntries<T extends Entry>(list: unknown, ...besides: string[]): list is T[] {
  const isEntry = (item: unknown): boolean =>
    isObject(item) &&
    ["unit", "lock", ...besides].every((member) => typeof item[member] === "string");
  return Array.isArray(list) && list.every(isEntry);
}

function keyOf({ unit, lock }: Entry): string {
  return JSON.stringify([unit, lock]);
}

function isSeconds(value: unknown): value is number {
  return typeof value === "number" && value >= 0 && Number.isFinite(value);
}

function isText(value: unknown): value is string {
  return typeof value === "string" && value !== "";
}

function wrong(op: string, what: string): ModuleError {
  return new ModuleError("bad_answer", `${op}: ${what}`);
}

/** The policy's own words for what it refuses. */
function told({ error }: { error: { code: string; message: string; path: string } }): string {
  const { code, message, path } = error;
  return `${message === "" ? code : message}${path === "" ? "" : ` (at ${path})`}`;
}

function show(value: unknown): string {
  return value === undefined ? "missing" : JSON.stringify(value as Json).slice(0, 80);
}
