/**
 * Modules in text, prepared and run, with what they left of their fuel and of the stack.
 *
 * @module
 */

import wabt from "wabt";
import { type Contract, prepare } from "../../bindings/typescript/meter.js";
import * as wasm from "../../bindings/typescript/webassembly.js";

const { parseWat } = await wabt();

export const FUEL = 1_000_000n;
export const SLOTS = 32_768n;

export function assemble(text: string): Uint8Array {
  return parseWat("test", text, { reference_types: true, tail_call: true }).toBinary({}).buffer;
}

/** Prepares it without a contract, unless one is given. @throws ModuleError */
export function prepareText(text: string, contract: Contract = "none", fuel = FUEL): Uint8Array {
  return prepare(assemble(text), contract, { pages: 256, fuel });
}

export interface Outcome {
  /** The result, or the error's message. */
  readonly result: unknown;
  readonly fuel: bigint;
  readonly stack: bigint;
}

interface Added {
  readonly coordinator_fuel: { readonly value: bigint };
  readonly coordinator_stack: { readonly value: bigint };
}

/** An instance of a prepared module. */
export class Prepared {
  readonly exports: Added & Record<string, unknown>;

  constructor(text: string, fuel = FUEL) {
    const module = new wasm.Module(prepareText(text, "none", fuel));
    this.exports = new wasm.Instance(module).exports as Added & Record<string, unknown>;
  }

  /** Calls an export; the fuel is that of this call alone. */
  call(name: string, ...args: readonly unknown[]): Outcome {
    const { coordinator_fuel: fuel, coordinator_stack: stack } = this.exports;
    const before = fuel.value;
    let result: unknown;
    try {
      result = (this.exports[name] as (...args: readonly unknown[]) => unknown)(...args);
    } catch (error) {
      result = (error as Error).message;
    }
    return { result, fuel: before - fuel.value, stack: stack.value };
  }
}

/** Calls the only function of a module, whose export is `f`. */
export function run(text: string, ...args: readonly unknown[]): Outcome {
  return new Prepared(text).call("f", ...args);
}
