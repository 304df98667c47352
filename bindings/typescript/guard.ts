/**
 * Runs the code of a module within what it may use, and gives every way in which that can end a code.
 *
 * @module
 */

import type { Context, Script } from "node:vm";
import { milliseconds } from "./clock.js";
import { ModuleError, type ModuleErrorCode, type TrapCode } from "./errors.js";
import { later } from "./later.js";

/** What a module may use. Those of a policy and of the core are in `module.ts`. */
export interface Limits {
  /** Bytes of one input or answer. */
  readonly text: number;
  /** Milliseconds of wall clock for everything one instance does; null for no limit. */
  readonly time: number | null;
  /** What was put into the module by `meter.ts` for everything one instance does; null if nothing was. */
  readonly fuel: bigint | null;
}

/** What `meter.ts` adds to a module. */
export interface Metered {
  coordinator_start?(): void;
  readonly coordinator_fuel?: { readonly value: bigint };
  readonly coordinator_stack?: { readonly value: bigint };
}

/** V8's words for a trap, by how they begin. They may change with V8; what is not found here is `unknown`. */
const TRAPS: readonly (readonly [RegExp, TrapCode])[] = [
  [/^unreachable/, "unreachable"],
  [/^(divide|remainder) by zero/, "divide_by_zero"],
  [/^divide result unrepresentable/, "integer_overflow"],
  [/^float unrepresentable/, "bad_conversion"],
  [/^(null function|table index|indirect call)|: table index/, "bad_indirect_call"],
  [/out of bounds/, "out_of_bounds"],
];

function trapCode(error: Error): TrapCode | null {
  if (error.name === "RangeError" && /call stack/.test(error.message)) return "stack_overflow";
  if (error.name !== "RuntimeError") return null;
  return TRAPS.find(([words]) => words.test(error.message))?.[1] ?? "unknown";
}

/** Made when a policy runs for the first time: it takes a millisecond, and most hooks run none. */
let sandbox: { readonly context: Context; readonly script: Script } | null = null;

/** V8 has no limit for a plain call, but interrupts a loop in WebAssembly for a script's `timeout`. */
function within<T>(time: number, run: () => T): T {
  if (sandbox === null) {
    const { createContext, Script } = later()("node:vm") as typeof import("node:vm");
    sandbox = { context: createContext(Object.create(null)), script: new Script("run()") };
  }
  const { context, script } = sandbox;
  context.run = run;
  try {
    return script.runInContext(context, { timeout: Math.max(1, Math.ceil(time)) }) as T;
  } finally {
    context.run = undefined;
  }
}

/** The limits of one instance; after its first {@link ModuleError} it runs nothing more. */
export class Guard {
  /** The instance's, as soon as there is one. */
  exports: Metered = {};
  readonly limits: Limits;
  #timeLeft: number;
  #failure: ModuleError | null = null;

  constructor(limits: Limits) {
    this.limits = limits;
    this.#timeLeft = limits.time ?? 0;
  }

  /** How much fuel the instance has used so far, the same on every machine and in every language; null if it was given none. */
  get fuelUsed(): bigint | null {
    const { fuel } = this.limits;
    return fuel === null ? null : fuel - (this.exports.coordinator_fuel?.value ?? fuel);
  }

  /** Makes the instance. What has fuel runs nothing of its own here, and a clock for nothing would cost a thread. @throws ModuleError */
  make<T>(instantiate: () => T): T {
    return this.#run(instantiate, this.limits.fuel === null);
  }

  /** Runs the module's code within what is left of its time. @throws ModuleError */
  run<T>(code: () => T): T {
    return this.#run(code, true);
  }

  #run<T>(code: () => T, isTimed: boolean): T {
    if (this.#failure !== null) throw this.#failure;
    try {
      return isTimed && this.limits.time !== null ? this.#runTimed(code) : code();
    } catch (error) {
      throw this.#translate(error);
    }
  }

  #runTimed<T>(code: () => T): T {
    const started = milliseconds();
    try {
      return within(this.#timeLeft, code);
    } finally {
      this.#timeLeft -= milliseconds() - started;
    }
  }

  fail(code: ModuleErrorCode, message: string): never {
    this.#failure = new ModuleError(code, message);
    throw this.#failure;
  }

  #translate(error: unknown): ModuleError {
    this.#failure = error instanceof ModuleError ? error : this.#errorOf(error);
    return this.#failure;
  }

  #errorOf(error: unknown): ModuleError {
    // The timeout's error belongs to the script's own context: it is no instance of the Error of this one.
    const { code, message = "" } = Object(error) as { code?: unknown; message?: string };
    if (code === "ERR_SCRIPT_EXECUTION_TIMEOUT") {
      return new ModuleError("timeout", `it ran longer than ${this.limits.time} ms`);
    }
    const trap = this.#trapOf(error);
    if (trap === "fuel") {
      return new ModuleError("timeout", `it used more than ${this.limits.fuel} fuel`);
    }
    // What is no trap is instantiation without enough memory and the like: there is no way to go on either.
    return new ModuleError("trap", `it trapped: ${trap ?? message}`, trap ?? "unknown");
  }

  /** What is added to a module traps as the module itself might: only what it leaves behind tells. */
  #trapOf(error: unknown): TrapCode | "fuel" | null {
    const { coordinator_fuel: fuel, coordinator_stack: stack } = this.exports;
    if ((fuel?.value ?? 0n) < 0n) return "fuel";
    if ((stack?.value ?? 0n) < 0n) return "stack_overflow";
    return error instanceof Error ? trapCode(error) : null;
  }
}
