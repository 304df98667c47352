/**
 * Files of vectors: what a policy is asked, and what it must answer.
 *
 * @module
 */

import { isObject } from "../../bindings/typescript/contract.js";
import { readDocument } from "./arguments.js";
import { UsageError } from "./errors.js";
import { completeState } from "./state.js";

export interface Vector {
  readonly name: string;
  /** What the policy is given, as text. */
  readonly input: string;
  /** What its answer must say; members that are not named here are not looked at. */
  readonly out: Readonly<Record<string, unknown>>;
}

/**
 * A list of `{name, config, in, out}`. Without `op`, `in` is a state, and what it leaves out is made up; `in_text` instead is given as it
 * is.
 *
 * @throws UsageError
 */
export function readVectors(file: string): Vector[] {
  const list = readDocument(file);
  if (!Array.isArray(list) || list.length === 0) throw new UsageError(`${file}: expected a list`);
  return list.map((item, at) => readVector(item, `${file}[${at}]`));
}

function readVector(item: unknown, where: string): Vector {
  if (!isObject(item)) throw new UsageError(`${where}: expected an object with name, in and out`);
  const { name, in: given, in_text: text, out, config, ...others } = item;
  const unknown = Object.keys(others)[0];
  if (unknown !== undefined) {
    throw new UsageError(
      `${where}: unknown member "${unknown}": expected name, in, config and out`,
    );
  }
  if (typeof name !== "string") throw new UsageError(`${where}: name: expected a text`);
  if (!isObject(out) || !("ok" in out || "error" in out)) {
    throw new UsageError(`${where}: out: expected an object with ok or error`);
  }
  if (typeof text === "string") return { name, input: text, out };
  if (!isObject(given)) throw new UsageError(`${where}: in: expected an object`);
  const input = "op" in given ? given : { op: "decide", ...completeState(given, `${where}.in`) };
  return { name, input: JSON.stringify(config === undefined ? input : { ...input, config }), out };
}

/** The first place where an answer does not say what it should; null if there is none. */
export function difference(expected: unknown, found: unknown, path = "out"): string | null {
  if (isObject(expected) && isObject(found)) {
    for (const [name, value] of Object.entries(expected)) {
      const first = difference(value, found[name], `${path}.${name}`);
      if (first !== null) return first;
    }
    return null;
  }
  if (Array.isArray(expected) && Array.isArray(found) && expected.length === found.length) {
    for (const [at, value] of expected.entries()) {
      const first = difference(value, found[at], `${path}[${at}]`);
      if (first !== null) return first;
    }
    return null;
  }
  const [want, have] = [expected, found].map((value) => JSON.stringify(value) ?? "nothing");
  return want === have ? null : `${path}: expected ${want}, found ${have}`;
}
