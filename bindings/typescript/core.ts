/**
 * The core that this package brings with it: found beside the compiled code, loaded once in a process.
 *
 * @module
 */

import { readFileSync } from "node:fs";
import type { Instance } from "./engine.js";
import { loadModule, type Module } from "./module.js";

let core: Module | null = null;

/**
 * A fresh instance of the core, for one hook.
 *
 * @throws ModuleError if the file beside this package is not the core it was built with.
 */
export function freshCore(): Instance {
  core ??= loadModule(readFileSync(new URL("../../../coordinator.wasm", import.meta.url)), {
    kind: "core",
  });
  return core.instantiate();
}
