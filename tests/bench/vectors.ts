/**
 * The vectors of the conformance kit, as inputs.
 *
 * @module
 */

import { readdirSync, readFileSync } from "node:fs";

interface Step {
  readonly in?: unknown;
  readonly in_text?: string;
  readonly in_hex?: string;
}

export interface Vector {
  readonly file: string;
  readonly name: string;
  readonly steps: readonly Step[];
}

const FOLDER = new URL("../../../../tests/conformance/vectors/", import.meta.url);

export function vectors(): Vector[] {
  return readdirSync(FOLDER)
    .filter((file) => file.endsWith(".json"))
    .sort()
    .flatMap((file) => {
      const listed = JSON.parse(readFileSync(new URL(file, FOLDER), "utf8")) as Vector[];
      return listed.map(({ name, steps }) => ({ file, name, steps }));
    });
}

/** The bytes of a step's input (tests/conformance/README.md). */
export function inputOf({ in: json, in_text: text, in_hex: hex }: Step): Uint8Array {
  return hex === undefined ? Buffer.from(text ?? JSON.stringify(json)) : Buffer.from(hex, "hex");
}
