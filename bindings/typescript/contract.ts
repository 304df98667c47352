/**
 * The JSON of `host/abi.md` as types, and the one place that turns an answer's bytes into one of its three forms.
 *
 * @module
 */

import type { Callable } from "./engine.js";
import { ModuleError } from "./errors.js";
import type { LogLevel, Values } from "./host.js";
import type { Rule } from "./rules.js";

/** Anything that JSON can say. */
export type Json = null | boolean | number | string | readonly Json[] | { [key: string]: Json };

/** What decides which of the queue is granted now; the rules are in `host/abi.md`, "Policies". */
export type Policy = Rule | readonly Rule[] | PolicyObject;

export interface PolicyObject {
  readonly rules?: readonly Rule[];
  readonly external?: {
    readonly name: string;
    readonly sha256?: string;
    readonly needs?: PolicyNeeds;
  };
  /** The most holders of a lock, whatever the rules say. */
  readonly limit?: number | Readonly<Record<string, number>>;
}

/** What an external policy wants to be told besides; each costs the leader something. */
export interface PolicyNeeds {
  /** Config options, told in `options`. */
  readonly options?: readonly string[];
  /** The units of goal-state, told in `status`. */
  readonly units?: boolean;
  /** When locks were released, told in `released`: the latest of each lock, and that of these units. */
  readonly released?: readonly string[];
}

/** What an external policy is given. */
export interface PolicyState {
  /** UTC. */
  readonly now: string;
  readonly leader: string;
  /** The number of units in relation-list, and the leader. */
  readonly n: number;
  readonly units: readonly string[];
  readonly holders: readonly { unit: string; lock: string; id: string; data?: Json }[];
  /** In the order of the queue. */
  readonly queue: readonly { unit: string; lock: string; id: string; data?: Json }[];
  /** The needed options that have a value. */
  readonly options?: Readonly<Record<string, Json>>;
  /** The units of goal-state with their status. */
  readonly status?: Readonly<Record<string, string>>;
  /** By lock, then by unit: UTC. */
  readonly released?: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

/** What an external policy decides. Only what is queued can be granted, and nothing is ever taken back. */
export interface PolicyDecision {
  readonly grant: readonly { unit: string; lock: string }[];
  /** Why others wait, for people to read in {@link Status}. */
  readonly wait?: readonly { unit: string; lock: string; reason: string }[];
  /** Seconds. */
  readonly retry_after?: number;
}

/** Something wrong that was found; the codes are in `host/abi.md`. It never breaks the hook. */
export interface Problem {
  readonly code: string;
  readonly unit?: string;
  readonly key?: string;
  readonly message: string;
}

export interface LogLine {
  readonly level: LogLevel;
  readonly message: string;
}

export interface FlagChanges {
  readonly set: readonly string[];
  readonly clear: readonly string[];
}

/** The answer to `start`, `acquire` and `withdraw`. */
export interface View {
  readonly granted: readonly string[];
  readonly requested: readonly string[];
  readonly leading: boolean;
  readonly flags: FlagChanges;
  readonly problems: readonly Problem[];
  readonly log: readonly LogLine[];
}

export interface Status {
  readonly unit: string;
  readonly leading: boolean;
  readonly policy: string;
  /** Why nothing can be decided at all, or `""`. */
  readonly hold: string;
  readonly requests: readonly { lock: string; id: string; data?: Json; granted: boolean }[];
  /** On a unit that does not lead, as published last: who is named there may have given the lock back since. */
  readonly holders: readonly { unit: string; lock: string; id: string; member: boolean }[];
  /** Only a leader knows the queue of others; elsewhere this unit's own requests, with position 0. */
  readonly queue: readonly {
    position: number;
    unit: string;
    lock: string;
    id: string;
    /** What came with the request, if anything did. */
    data?: Json;
    rule: string;
    reason: string;
    /** When what keeps it waiting is over, if that is known; UTC. */
    until?: string;
  }[];
  /** The event that is waited for. */
  readonly awaits: string;
  readonly problems: readonly Problem[];
}

export type Effect =
  | ({ readonly do: "flags" } & FlagChanges)
  | { readonly do: "databag"; readonly values: Values }
  | { readonly do: "saved"; readonly value: string }
  | { readonly do: "application"; readonly values: Values }
  | { readonly do: "settings"; readonly values: Values };

/** The answer to `end`. */
export interface End {
  readonly effects: readonly Effect[];
  readonly released: readonly string[];
  readonly grants: readonly { unit: string; lock: string }[];
  readonly log: readonly LogLine[];
}

/** Something the core needs in order to go on; {@link Asker} in `asks.ts` answers it. */
export type Ask =
  | { readonly what: "saved" }
  | { readonly what: "units"; readonly units: readonly string[] }
  | { readonly what: "planned" }
  | { readonly what: "config"; readonly options: readonly string[] }
  | { readonly what: "policy"; readonly input: PolicyState }
  | { readonly what: "publish"; readonly values: Values }
  | { readonly what: "reread"; readonly values: Values }
  | { readonly what: "leader" };

export interface ErrorAnswer {
  readonly code: string;
  readonly message: string;
  readonly path: string;
}

export type Answer =
  | { readonly ok: Record<string, unknown> }
  | { readonly ask: { readonly what: string } }
  | { readonly error: ErrorAnswer };

/** Every input is an object with `op`. */
export interface Input {
  readonly op: string;
  readonly [field: string]: unknown;
}

// One for the whole process, made where it is needed first: making it costs more than using it.
let decoder: InstanceType<typeof TextDecoder> | null = null;

/**
 * One call: an input, and the answer in one of its three forms.
 *
 * @throws ModuleError `not_json` or `bad_answer`, and whatever `call` throws.
 */
export function exchange(module: Callable, input: Input): Answer {
  return parseAnswer(module.call(encode(input)));
}

/** An input as a module takes it. */
export function encode(input: Input): Uint8Array {
  return Buffer.from(JSON.stringify(input));
}

/** @throws ModuleError `not_json` or `bad_answer`. */
export function parseAnswer(bytes: Uint8Array): Answer {
  decoder ??= new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  const text = decoder.decode(bytes);
  const beginning = text.slice(0, 80);
  let answer: unknown;
  try {
    answer = JSON.parse(text);
  } catch {
    throw new ModuleError("not_json", `the answer is not JSON: ${beginning}`);
  }
  if (isObject(answer)) {
    const { ok, ask, error } = answer;
    if (isObject(ok)) return { ok };
    if (isObject(ask) && typeof ask.what === "string") return { ask: { ...ask, what: ask.what } };
    if (isObject(error) && typeof error.code === "string") {
      return {
        error: {
          code: error.code,
          message: textOf(error.message),
          path: textOf(error.path),
        },
      };
    }
  }
  throw new ModuleError(
    "bad_answer",
    `the answer has neither "ok", "ask" nor "error": ${beginning}`,
  );
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}
