/**
 * Runs a module: one instance, bytes in, bytes out, and every way in which that can go wrong has a code.
 *
 * @module
 */

import { isUtf8 } from "node:buffer";
import vm from "node:vm";
import { ModuleError, type TrapCode } from "./errors.js";
import * as wasm from "./webassembly.js";

/** What a module may use. Those of a policy and of the core are in `module.ts`. */
export interface Limits {
  /** Bytes of one input or answer. */
  readonly text: number;
  /** Milliseconds of wall clock for everything one instance does; null for no limit. */
  readonly time: number | null;
  /** What was put into the module by `meter.ts` for everything one instance does; null if nothing was. */
  readonly fuel: bigint | null;
}

/** Takes JSON, answers JSON; both UTF-8. */
export interface Callable {
  /** @throws ModuleError */
  call(input: Uint8Array): Uint8Array;
}

interface Exports {
  memory: wasm.Memory;
  coordinator_abi(): number;
  coordinator_alloc(length: number): number;
  coordinator_call(address: number, length: number): bigint;
  _initialize?(): void;
  // Only in a module with fuel.
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
let sandbox: { readonly context: vm.Context; readonly script: vm.Script } | null = null;

/** V8 has no limit for a plain call, but interrupts a loop in WebAssembly for a script's `timeout`. */
function within<T>(milliseconds: number, run: () => T): T {
  sandbox ??= {
    context: vm.createContext(Object.create(null)),
    script: new vm.Script("run()"),
  };
  const { context, script } = sandbox;
  context.run = run;
  try {
    return script.runInContext(context, { timeout: Math.max(1, Math.ceil(milliseconds)) }) as T;
  } finally {
    context.run = undefined;
  }
}

/**
 * One instance of a module that has been checked by `loadModule`. It serves one hook (the core) or one decision (a policy),
 * and nothing after its first {@link ModuleError}.
 */
export class Instance implements Callable {
  readonly #exports: Exports;
  readonly #limits: Limits;
  #timeLeft: number;
  #failure: ModuleError | null = null;

  /** @throws ModuleError `trap` or `timeout` from the start function or `_initialize`. */
  constructor(module: wasm.CompiledModule, limits: Limits) {
    this.#limits = limits;
    this.#timeLeft = limits.time ?? 0;
    this.#exports = this.#guard(() => new wasm.Instance(module).exports as unknown as Exports);
    this.#guard(() => {
      this.#exports.coordinator_start?.();
      this.#exports._initialize?.();
    });
  }

  /** How much fuel it has used so far, the same on every machine and in every language; null if it was given none. */
  get fuelUsed(): bigint | null {
    const { fuel } = this.#limits;
    return fuel === null ? null : fuel - this.#exports.coordinator_fuel!.value;
  }

  /** The version of the contract that the module keeps. */
  abi(): number {
    return this.#guard(() => this.#exports.coordinator_abi());
  }

  call(input: Uint8Array): Uint8Array {
    const { coordinator_alloc: alloc, coordinator_call: call } = this.#exports;
    const { text } = this.#limits;
    if (input.length > text) {
      this.#fail("too_long", `the input has ${input.length} bytes; the limit is ${text}`);
    }

    const address = this.#guard(() => alloc(input.length)) >>> 0;
    if (address === 0) this.#fail("no_alloc", `coordinator_alloc(${input.length}) refused`);
    this.#bytes(address, input.length, "coordinator_alloc").set(input);

    const packed = BigInt.asUintN(
      64,
      this.#guard(() => call(address, input.length)),
    );
    const length = Number(packed & 0xffff_ffffn);
    const answer = this.#bytes(Number(packed >> 32n), length, "coordinator_call");
    if (length > text) this.#fail("too_long", `the answer has ${length} bytes; limit ${text}`);
    if (!isUtf8(answer)) this.#fail("not_utf8", `the answer of ${length} bytes is not UTF-8`);
    return answer.slice();
  }

  /** A view of the module's memory; good until the module runs again, since growing detaches it. */
  #bytes(address: number, length: number, who: string): Uint8Array {
    const { buffer } = this.#exports.memory;
    if (address + length > buffer.byteLength) {
      this.#fail(
        "out_of_range",
        `${who} answered ${length} bytes at ${address}; the memory has ${buffer.byteLength}`,
      );
    }
    return new Uint8Array(buffer, address, length);
  }

  /** Runs the module's code within what is left of its time, and gives traps their code. */
  #guard<T>(run: () => T): T {
    if (this.#failure !== null) throw this.#failure;
    const started = performance.now();
    try {
      return this.#limits.time === null ? run() : within(this.#timeLeft, run);
    } catch (error) {
      throw this.#translate(error);
    } finally {
      this.#timeLeft -= performance.now() - started;
    }
  }

  #translate(error: unknown): unknown {
    // The timeout's error belongs to the script's own context: it is no instance of the Error of this one.
    if ((error as { code?: unknown }).code === "ERR_SCRIPT_EXECUTION_TIMEOUT") {
      this.#failure = new ModuleError("timeout", `it ran longer than ${this.#limits.time} ms`);
      return this.#failure;
    }
    if (!(error instanceof Error)) return error;
    const trap = this.#trapOf(error);
    if (trap === "fuel") {
      this.#failure = new ModuleError("timeout", `it used more than ${this.#limits.fuel} fuel`);
      return this.#failure;
    }
    // What is no trap is instantiation without enough memory and the like: there is no way to go on either.
    this.#failure = new ModuleError(
      "trap",
      `it trapped: ${trap ?? error.message}`,
      trap ?? "unknown",
    );
    return this.#failure;
  }

  /** What is added to a module traps as the module itself might: only what it leaves behind tells. */
  #trapOf(error: Error): TrapCode | "fuel" | null {
    const exports = this.#exports as Exports | undefined;
    if ((exports?.coordinator_fuel?.value ?? 0n) < 0n) return "fuel";
    if ((exports?.coordinator_stack?.value ?? 0n) < 0n) return "stack_overflow";
    return trapCode(error);
  }

  #fail(code: "too_long" | "no_alloc" | "out_of_range" | "not_utf8", message: string): never {
    this.#failure = new ModuleError(code, message);
    throw this.#failure;
  }
}
