/**
 * Modules that a bystander's hook does without. Each is loaded when it is first asked for, since loading one takes a millisecond or more
 * of every hook.
 *
 * @module
 */

import { createRequire } from "node:module";

let require: NodeJS.Require | null = null;

/** CommonJS's `require`, from this file; to make it takes a millisecond, too. */
export function later(): NodeJS.Require {
  require ??= createRequire(import.meta.url);
  return require;
}

let buffer: typeof import("node:buffer") | null = null;

/** Whether bytes are UTF-8. */
export function isUtf8(bytes: Uint8Array): boolean {
  buffer ??= later()("node:buffer") as typeof import("node:buffer");
  return buffer.isUtf8(bytes);
}
