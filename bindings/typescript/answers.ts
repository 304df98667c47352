/**
 * What a policy answers, taken strictly: whatever it says that nobody expects is an error, never a guess.
 *
 * @module
 */

import {
  type Answer,
  isObject,
  type Json,
  type PolicyDecision,
  type PolicyNeeds,
  type PolicyState,
} from "./contract.js";
import { ModuleError } from "./errors.js";

const MOST_DEPTH = 64;
const [QUOTE, BACKSLASH, OPENS, CLOSES] = [0x22, 0x5c, 0x7b, 0x7d];

/** JSON nested no deeper than the core itself takes it. @throws ModuleError `not_json` */
export function shallow(bytes: Uint8Array): Uint8Array {
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

/** Who the policy says it is. @throws ModuleError `bad_answer` */
export function factsOf(answer: Answer): { name: string; version: string } {
  if ("error" in answer) throw wrong("describe", `it answered ${told(answer)}`);
  const { kind, name, version } = "ok" in answer ? answer.ok : {};
  if (kind !== "policy") throw wrong("describe", `its kind is ${show(kind)}; expected "policy"`);
  if (!isText(name)) throw wrong("describe", `its name is ${show(name)}; expected a text`);
  if (!isText(version)) throw wrong("describe", `its version is ${show(version)}; expected a text`);
  return { name, version };
}

/** What it wants to be told. @throws ModuleError `bad_config`, `bad_answer` */
export function needsOf(answer: Answer): PolicyNeeds {
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

/**
 * The decision, if it has the right form and grants nothing but what is asked for, and that once.
 *
 * @throws ModuleError `policy_error`, `bad_answer`, `not_asked`
 */
export function decisionOf(answer: Answer, state: PolicyState): PolicyDecision {
  if ("error" in answer) {
    throw new ModuleError("policy_error", `decide: it answered ${told(answer)}`);
  }
  if (!("ok" in answer)) throw wrong("decide", "it asks, where a policy must answer");
  const { ok } = answer;
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
