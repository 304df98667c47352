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

/** What can be made, asked and inherited from as a class that is loaded when that is done for the first time. `scripts/bundle.mjs` uses it. */
export function laterClass<T extends new (...given: never[]) => object>(load: () => T): T {
  // A function's prototype may be another than that of the class; a class's may not.
  const standIn = function standIn(): void {} as unknown as T;
  return new Proxy(standIn, {
    construct: (_, given, target) => Reflect.construct(load(), given, target),
    get: (_, name) => Reflect.get(load(), name),
    has: (_, name) => Reflect.has(load(), name),
  });
}

let buffer: typeof import("node:buffer") | null = null;

/** Whether bytes are UTF-8. */
export function isUtf8(bytes: Uint8Array): boolean {
  buffer ??= later()("node:buffer") as typeof import("node:buffer");
  return buffer.isUtf8(bytes);
}
