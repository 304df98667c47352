/**
 * Prepares a module that is not trusted: the rewriter (`build/meter.wasm`, `assembly/meter`) checks it and gives it fuel, so that it stops at the
 * same instruction in every language.
 *
 * @module
 */

import { readFileSync } from "node:fs";
import { ModuleError, type ModuleErrorCode } from "./errors.js";
import * as wasm from "./webassembly.js";

/** What a module is prepared as: without a contract only tests do; `either` is a policy module or a command, whichever it is. */
export type Contract = "none" | "policy" | "command" | "either";

export interface Budget {
  /** The most that its memory may have, in pages of 64 KiB. */
  readonly pages: number;
  /** What one instance has for everything it does; an instruction costs 1. */
  readonly fuel: bigint;
}

interface Exports {
  readonly memory: wasm.Memory;
  meter_alloc(length: number): number;
  meter_prepare(
    address: number,
    length: number,
    contract: number,
    pages: number,
    fuel: bigint,
  ): bigint;
}

interface Refusal {
  readonly error: {
    readonly code: ModuleErrorCode;
    readonly reason: string;
    readonly message: string;
    readonly at: number;
  };
}

/** No module begins with this, and JSON does. */
const BRACE = 0x7b;
const CONTRACTS: Readonly<Record<Contract, number>> = {
  none: 0,
  policy: 1,
  command: 2,
  either: 3,
};

let meter: wasm.CompiledModule | null = null;

/**
 * The module with fuel in it, to be compiled and run in its place.
 *
 * @param bytes - at most 1 MiB, of a command 4 MiB.
 * @throws ModuleError with the code of what is wrong; the message names the place, as a byte of the file.
 */
export function prepare(bytes: Uint8Array, contract: Contract, budget: Budget): Uint8Array {
  meter ??= new wasm.Module(readFileSync(new URL("../../../meter.wasm", import.meta.url)));
  const exports = new wasm.Instance(meter).exports as Exports;
  const address = exports.meter_alloc(bytes.length) >>> 0;
  if (address === 0) throw new ModuleError("too_big", `the file has ${bytes.length} bytes`);
  new Uint8Array(exports.memory.buffer, address).set(bytes);
  const { pages, fuel } = budget;
  const packed = BigInt.asUintN(
    64,
    exports.meter_prepare(address, bytes.length, CONTRACTS[contract], pages, fuel),
  );
  const { buffer } = exports.memory;
  const answer = new Uint8Array(buffer, Number(packed >> 32n), Number(packed & 0xffff_ffffn));
  if (answer[0] !== BRACE) return answer.slice();
  const { error } = JSON.parse(Buffer.from(answer).toString()) as Refusal;
  throw new ModuleError(error.code, messageOf(error));
}

function messageOf({ code, reason, message, at }: Refusal["error"]): string {
  return code === "not_wasm" ? `${message} (${reason}, byte ${at})` : message;
}
