/**
 * Runs a module: one instance, bytes in, bytes out.
 *
 * @module
 */

import { Guard, type Limits, type Metered } from "./guard.js";
import { isUtf8 } from "./later.js";
import * as wasm from "./webassembly.js";

/** Takes JSON, answers JSON; both UTF-8. */
export interface Callable {
  /** @throws ModuleError */
  call(input: Uint8Array): Uint8Array;
}

interface Exports extends Metered {
  memory: wasm.Memory;
  coordinator_abi(): number;
  coordinator_alloc(length: number): number;
  coordinator_call(address: number, length: number): bigint;
  _initialize?(): void;
}

/**
 * One instance of a module that has been checked by `loadModule`. It serves one hook (the core) or one decision (a policy),
 * and nothing after its first {@link ModuleError}.
 */
export class Instance implements Callable {
  readonly #exports: Exports;
  readonly #guard: Guard;

  /** @throws ModuleError `trap` or `timeout` from the start function or `_initialize`. */
  constructor(module: wasm.CompiledModule, limits: Limits) {
    this.#guard = new Guard(limits);
    this.#exports = this.#guard.make(() => new wasm.Instance(module).exports as Exports);
    this.#guard.exports = this.#exports;
    const { coordinator_start: start, _initialize: initialize } = this.#exports;
    for (const first of [start, initialize]) if (first !== undefined) this.#guard.run(first);
  }

  /** How much fuel it has used so far, the same on every machine and in every language; null if it was given none. */
  get fuelUsed(): bigint | null {
    return this.#guard.fuelUsed;
  }

  /** The version of the contract that the module keeps. */
  abi(): number {
    return this.#guard.run(() => this.#exports.coordinator_abi());
  }

  call(input: Uint8Array): Uint8Array {
    const { coordinator_alloc: alloc, coordinator_call: call } = this.#exports;
    const guard = this.#guard;
    const { text } = guard.limits;
    if (input.length > text) {
      guard.fail("too_long", `the input has ${input.length} bytes; the limit is ${text}`);
    }

    const address = guard.run(() => alloc(input.length)) >>> 0;
    if (address === 0) guard.fail("no_alloc", `coordinator_alloc(${input.length}) refused`);
    this.#bytes(address, input.length, "coordinator_alloc").set(input);

    const packed = BigInt.asUintN(
      64,
      guard.run(() => call(address, input.length)),
    );
    const length = Number(packed & 0xffff_ffffn);
    const answer = this.#bytes(Number(packed >> 32n), length, "coordinator_call");
    if (length > text) guard.fail("too_long", `the answer has ${length} bytes; limit ${text}`);
    if (!isUtf8(answer)) guard.fail("not_utf8", `the answer of ${length} bytes is not UTF-8`);
    return answer.slice();
  }

  /** A view of the module's memory; good until the module runs again, since growing detaches it. */
  #bytes(address: number, length: number, who: string): Uint8Array {
    const { buffer } = this.#exports.memory;
    if (address + length > buffer.byteLength) {
      this.#guard.fail(
        "out_of_range",
        `${who} answered ${length} bytes at ${address}; the memory has ${buffer.byteLength}`,
      );
    }
    return new Uint8Array(buffer, address, length);
  }
}
