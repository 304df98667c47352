/**
 * Whether what a charm calls this package with is of the right type: plain JavaScript does not ask.
 *
 * @module
 */

import { isObject } from "./contract.js";
import { UsageError } from "./errors.js";

/** @throws UsageError `bad_type` */
export function checkLock(lock: unknown): void {
  if (typeof lock === "string") return;
  throw new UsageError("bad_type", `a lock is named by a string, not ${show(lock)}`);
}

/** @throws UsageError `bad_type` */
export function checkData(data: unknown): void {
  if (data === undefined) return;
  if (!isObject(data))
    throw new UsageError("bad_type", `data must be an object, not ${show(data)}`);
  try {
    JSON.stringify(data);
  } catch (error) {
    throw new UsageError("bad_type", `data cannot be written as JSON: ${error}`);
  }
}

function show(value: unknown): string {
  return value === null ? "null" : Array.isArray(value) ? "a list" : `a ${typeof value}`;
}
