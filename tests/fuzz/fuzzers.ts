/**
 * The fuzzers by name, and how one is run: so many inputs of one seed, and what was wrong with the smallest that fails.
 *
 * @module
 */

import { isUtf8 } from "node:buffer";
import fc from "fast-check";
import { abiProperty } from "./abi.js";
import { formProperty } from "./form.js";
import { jsonProperty } from "./json.js";
import { wireProperty } from "./wire.js";

/** @returns null if all is well; else what was wrong, and the input, made as small as it gets. */
export type Fuzzer = (seed: number, inputs: number) => string | null;

function fuzzer<Input>(property: () => fc.IProperty<[Input]>): Fuzzer {
  return (seed, inputs) => {
    const { failed, errorInstance, counterexample } = fc.check(property(), {
      seed,
      numRuns: inputs,
    });
    return failed ? `${errorInstance}; the input: ${show(counterexample?.[0])}` : null;
  };
}

/** Bytes as text, or in hexadecimal digits where they are none; anything else as JSON. */
function show(input: unknown): string {
  if (!Buffer.isBuffer(input)) return JSON.stringify(input);
  return isUtf8(input) ? JSON.stringify(input.toString()) : `0x${input.toString("hex")}`;
}

export const fuzzers = {
  json: fuzzer(jsonProperty),
  wire: fuzzer(wireProperty),
  form: fuzzer(formProperty),
  abi: fuzzer(abiProperty),
} as const satisfies Readonly<Record<string, Fuzzer>>;
