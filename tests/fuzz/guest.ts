/**
 * The core as the fuzzers see it: bytes in, an answer out, and how much memory that took. Whatever must never be is thrown.
 *
 * @module
 */

import { isUtf8 } from "node:buffer";
import { readFileSync } from "node:fs";
import { type Answer, parseAnswer } from "../../bindings/typescript/contract.js";
import { prepare } from "../../bindings/typescript/meter.js";
import * as wasm from "../../bindings/typescript/webassembly.js";

interface Exports {
  readonly memory: wasm.Memory;
  coordinator_alloc(length: number): number;
  coordinator_call(address: number, length: number): bigint;
  /** What is left of the fuel; an instruction costs 1, and below 0 it traps. */
  readonly coordinator_fuel: { value: bigint };
  coordinator_start?(): void;
}

const built = readFileSync(new URL("../../../coordinator.wasm", import.meta.url));
/** The core with fuel in it: what takes too long is stopped at the same instruction every time, without a clock. */
const core = new wasm.Module(prepare(built, "none", { pages: 1024, fuel: 1n << 62n }));

/** Instructions that one call may take: so many for each byte that the instance was ever given, and some that any call costs. */
const mostFuel = { perByte: 500, atAll: 200_000 };

/** Bytes that one input may take: so many for each of its own, and some that any input costs (whole pages, at least). */
const mostPerByte = 16;
const mostAtAll = 128 << 10;

const codes = new Set([
  "bad_json",
  "bad_input",
  "bad_order",
  "bad_lock",
  "bad_policy",
  "bad_clock",
  "not_in_hook",
  "unknown_version",
]);

/** One instance. */
export class Guest {
  readonly #exports = new wasm.Instance(core).exports as unknown as Exports;
  /** Bytes given so far: a short call may still look at all that the calls before it brought. */
  #given = 0;

  readonly #fuel: typeof mostFuel;

  constructor(fuel = mostFuel) {
    this.#fuel = fuel;
    this.#exports.coordinator_start?.();
  }

  get memory(): number {
    return this.#exports.memory.buffer.byteLength;
  }

  /** The address of so many bytes, 0 if refused. @throws Error if they are not there. */
  alloc(length: number): number {
    const address = this.#exports.coordinator_alloc(length) >>> 0;
    if (address !== 0 && address + length > this.memory) {
      throw new Error(`alloc(${length}) gave ${address}, and the memory has ${this.memory} bytes`);
    }
    return address;
  }

  /** @throws Error if it traps, takes too much time or memory, or answers what is no answer. */
  call(input: Uint8Array): Answer {
    const before = this.memory;
    const address = this.alloc(input.length);
    if (address === 0) throw new Error(`alloc refused ${input.length} bytes`);
    new Uint8Array(this.#exports.memory.buffer, address, input.length).set(input);
    this.#given += input.length;
    this.#exports.coordinator_fuel.value = BigInt(
      this.#fuel.atAll + this.#fuel.perByte * this.#given,
    );
    const packed = BigInt.asUintN(64, this.#call(address, input.length));
    const from = Number(packed >> 32n);
    const length = Number(packed & 0xffff_ffffn);
    if (from + length > this.memory) throw new Error(`the answer lies outside the memory`);
    const answer = Buffer.from(this.#exports.memory.buffer, from, length);
    if (!isUtf8(answer)) throw new Error("the answer is not UTF-8");
    const taken = this.memory - before;
    if (taken > mostAtAll + mostPerByte * input.length) {
      throw new Error(`${input.length} bytes of input took ${taken} bytes of memory`);
    }
    return checked(parseAnswer(answer));
  }

  #call(address: number, length: number): bigint {
    try {
      return this.#exports.coordinator_call(address, length);
    } catch (trap) {
      if (this.#exports.coordinator_fuel.value >= 0n) throw trap;
      throw new Error(`${this.#given} bytes took more instructions than they may`);
    }
  }

  /** The same, of anything that JSON can say. */
  ask(input: object): Answer {
    return this.call(Buffer.from(JSON.stringify(input)));
  }
}

function checked(answer: Answer): Answer {
  if ("error" in answer && !codes.has(answer.error.code)) {
    throw new Error(`unknown error code ${answer.error.code}`);
  }
  return answer;
}
