/**
 * Loads a WebAssembly file and checks that it keeps the contract of `host/abi.md`, before anything depends on it.
 *
 * @module
 */

import { BinaryError, type Export, readExports } from "./binary.js";
import { Command } from "./command.js";
import { Instance } from "./engine.js";
import { ModuleError } from "./errors.js";
import type { Limits } from "./guard.js";
import { type Contract, prepare } from "./meter.js";
import * as wasm from "./webassembly.js";

/** The version of the contract that this binding speaks. */
export const ABI = 1;

const MIB = 1 << 20;
const MOST_BYTES = MIB;
const MOST_PAGES = { core: 1024, policy: 256 } as const;
const LIMITS = {
  core: { text: 64 * MIB, time: null, fuel: null },
  policy: { text: MIB, time: 2000, fuel: 100_000_000n },
} as const satisfies Record<ModuleKind, Limits>;

const REQUIRED = {
  coordinator_abi: "() -> i32",
  coordinator_alloc: "(i32) -> i32",
  coordinator_call: "(i32, i32) -> i64",
};
const OPTIONAL = { _initialize: "() -> ()" };

export type ModuleKind = "core" | "policy";

export interface ModuleOptions {
  readonly kind: ModuleKind;
  /** Milliseconds one instance may run, if its fuel lasts. Default: 2,000 for a policy, no limit for the core. */
  readonly time?: number;
}

/** A module that keeps the contract. Compiled once; each use takes a fresh instance. */
export class Module {
  readonly kind: ModuleKind;
  readonly #compiled: wasm.CompiledModule;
  readonly #limits: Limits;

  /** For {@link loadModule}, which checks what it is given. */
  constructor(kind: ModuleKind, compiled: wasm.CompiledModule, limits: Limits) {
    this.kind = kind;
    this.#compiled = compiled;
    this.#limits = limits;
  }

  /** @throws ModuleError `trap` or `timeout`, from code that runs at the start. */
  instantiate(): Instance {
    return new Instance(this.#compiled, this.#limits);
  }
}

/**
 * Checks a file and compiles it. What runs at the module's start runs here once, within the limits.
 *
 * @param bytes - the content of a `.wasm` file.
 * @throws ModuleError with the code of the first check that fails, in the order of `host/abi.md`.
 */
export function loadModule(bytes: Uint8Array, options: ModuleOptions): Module {
  const { kind, time } = options;
  if (bytes.length > MOST_BYTES) {
    throw new ModuleError("too_big", `the file has ${bytes.length} bytes; at most ${MOST_BYTES}`);
  }
  return checkAbi(
    new Module(
      kind,
      kind === "policy" ? preparePolicy(bytes, "policy") : checkCore(bytes),
      limitsOf(kind, time),
    ),
  );
}

/**
 * Checks a policy and compiles it, whichever of the two kinds it is: a module, or a command.
 *
 * @param time - milliseconds one instance may run, if its fuel lasts. Default: 2,000.
 * @throws ModuleError with the code of the first check that fails, in the order of `host/abi.md`.
 */
export function loadProgram(bytes: Uint8Array, time?: number): Module | Command {
  const compiled = preparePolicy(bytes, "either");
  const limits = limitsOf("policy", time);
  const isCommand = wasm.Module.imports(compiled).length > 0;
  return isCommand
    ? new Command(compiled, limits)
    : checkAbi(new Module("policy", compiled, limits));
}

function limitsOf(kind: ModuleKind, time: number | undefined): Limits {
  return time === undefined ? LIMITS[kind] : { ...LIMITS[kind], time };
}

function checkAbi(module: Module): Module {
  const abi = module.instantiate().abi();
  if (abi !== ABI) {
    throw new ModuleError(
      "wrong_abi",
      `it keeps version ${abi} of the contract; this host knows version ${ABI}`,
    );
  }
  return module;
}

function preparePolicy(bytes: Uint8Array, contract: Contract): wasm.CompiledModule {
  const budget = { pages: MOST_PAGES.policy, fuel: LIMITS.policy.fuel };
  return compile(prepare(bytes, contract, budget));
}

/** The core is trusted with its time, so it is run as it is. */
function checkCore(bytes: Uint8Array): wasm.CompiledModule {
  const compiled = compile(bytes);
  const [imported] = wasm.Module.imports(compiled);
  if (imported !== undefined) {
    throw new ModuleError(
      "has_import",
      `it imports ${imported.module}.${imported.name}; a module imports nothing`,
    );
  }
  const exports = exportsOf(bytes);
  checkMemory(exports.get("memory"));
  checkFunctions(exports);
  return compiled;
}

function compile(bytes: Uint8Array): wasm.CompiledModule {
  try {
    return new wasm.Module(bytes);
  } catch (error) {
    if (error instanceof wasm.CompileError) {
      throw new ModuleError("not_wasm", `it is no valid WebAssembly module: ${error.message}`);
    }
    throw error;
  }
}

function exportsOf(bytes: Uint8Array): Map<string, Export> {
  try {
    return readExports(bytes);
  } catch (error) {
    if (error instanceof BinaryError) {
      throw new ModuleError(
        "not_wasm",
        `it uses more than WebAssembly 1 with bulk memory and sign extension: ${error.message}`,
      );
    }
    throw error;
  }
}

function checkMemory(memory: Export | undefined): void {
  if (memory?.kind !== "memory") {
    const found = memory === undefined ? "nothing" : `a ${memory.kind}`;
    throw new ModuleError("no_memory", `it exports ${found} as "memory"; expected its memory`);
  }
  const { max } = memory.memory;
  const most = MOST_PAGES.core;
  if (max === null || max > most) {
    const found = max === null ? "no maximum" : `a maximum of ${max} pages`;
    throw new ModuleError("no_max", `its memory declares ${found}; expected at most ${most}`);
  }
}

function checkFunctions(exports: ReadonlyMap<string, Export>): void {
  for (const [name, expected] of Object.entries(REQUIRED)) {
    if (!exports.has(name)) {
      throw new ModuleError("missing_export", `it does not export ${name}: ${expected}`);
    }
  }
  for (const [name, expected] of Object.entries({ ...REQUIRED, ...OPTIONAL })) {
    const found = exports.get(name);
    if (found === undefined) continue;
    const type = found.kind === "function" ? found.type : `a ${found.kind}`;
    if (type !== expected) {
      throw new ModuleError("wrong_type", `${name} is ${type}; expected ${expected}`);
    }
  }
}
