/**
 * What a command is about: the file of a policy, or rules.
 *
 * @module
 */

import { existsSync } from "node:fs";
import type { TakeLine } from "../../bindings/typescript/command.js";
import type {
  Policy,
  PolicyDecision,
  PolicyNeeds,
  PolicyState,
} from "../../bindings/typescript/contract.js";
import { loadPolicy } from "../../bindings/typescript/index.js";
import { parseDocument, readFile } from "./arguments.js";
import { UsageError } from "./errors.js";
import { type Asked, Program } from "./program.js";
import { rulesOf } from "./rules.js";

/** A policy that can decide. */
export interface Decider {
  readonly kind: "module" | "command" | "rules";
  readonly name: string;
  /** Rules have that of the core, and say neither. */
  readonly version?: string;
  readonly needs?: PolicyNeeds;
  /** What it used for the last decision; null for rules, which are not metered. */
  readonly fuelUsed: bigint | null;
  /** @throws ModuleError if it fails. */
  decide(state: PolicyState, log?: TakeLine): PolicyDecision;
}

/** What can be asked anything. */
export interface Asker {
  /** @throws ModuleError if it fails. */
  ask(input: string): Asked;
}

export type Subject =
  | { readonly kind: "file"; readonly bytes: Buffer }
  | { readonly kind: "rules"; readonly policy: Policy };

const MAGIC = Buffer.from("\0asm");

/**
 * What is named on the command line: a WebAssembly file, a file of rules (JSON or YAML), or a rule such as `parallel:2`.
 *
 * @throws UsageError
 */
export function readSubject(named: string): Subject {
  if (!existsSync(named)) {
    // A single letter before a colon is a drive.
    if (/^[a-z]{2,}(:.*)?$/.test(named)) return { kind: "rules", policy: named };
    throw new UsageError(`${named}: there is no such file`);
  }
  const bytes = readFile(named);
  if (bytes.subarray(0, MAGIC.length).equals(MAGIC)) return { kind: "file", bytes };
  if (bytes.includes(0)) throw new UsageError(`${named}: it is no WebAssembly file`);
  return { kind: "rules", policy: parseDocument(bytes.toString(), named) as Policy };
}

/**
 * @param config - for a module; rules have their fields. undefined for none.
 * @param log - takes what a command writes on standard error.
 * @throws ModuleError, PolicyError if the policy is not valid, or does not take the config.
 */
export function load(subject: Subject, config: unknown, log: TakeLine): Decider {
  if (subject.kind === "file") {
    return loadPolicy(subject.bytes, { log, ...(config !== undefined && { config }) });
  }
  if (config !== undefined) throw new UsageError("rules take no --config: they have their fields");
  return rulesOf(subject.policy);
}

/** @throws ModuleError, PolicyError if it is no policy. */
export function askerOf(subject: Subject): Asker {
  if (subject.kind === "file") return new Program(subject.bytes);
  const rules = rulesOf(subject.policy);
  return {
    ask: (input) => {
      const { op, ...state } = parseDocument(input, "a vector") as PolicyState & { op?: string };
      if (op !== "decide") throw new UsageError("rules do nothing but decide: expected a state");
      return { answer: { ok: { ...rules.decide(state) } }, fuelUsed: null, log: [] };
    },
  };
}
