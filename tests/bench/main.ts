/**
 * The command `npm run bench`: decisions in the core, bytes to bytes, beside JSON.parse of the same bytes.
 *
 * @module
 */

import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import type { Store } from "../../bindings/typescript/host.js";
import { loadModule } from "../../bindings/typescript/index.js";
import { decide, decisionOf, parseAll } from "./decision.js";
import { type Comparison, compare, type Effort, type Spread } from "./measure.js";

const usage = `usage: npm run bench -- [options]

Times how long the core takes for one decision of a leader, all of whose other units wait, from the bytes of the input to the bytes
of the answer, and how long JSON.parse takes in the same V8 for the same bytes. Each decision has a new instance, as in a
hook: its memory is new, which counts, and the instance is there, which does not (some 100 microseconds). Both run in turns; the ratio is that of samples taken one after the other. In brackets: half of all
samples lie between these. Nothing fails by being slow.

  --json  one JSON object on standard output instead of the table
  --help  this
`;

const UNITS = [10, 100, 1_000, 10_000];
const STORES = ["settings", "application"] as const;
const EFFORT: Effort = { warmUp: 500, time: 1_500, least: 21 };

export interface Result {
  readonly units: number;
  readonly store: Store;
  readonly bytes: number;
  /** Milliseconds in the core. */
  readonly wasm: Spread;
  /** Milliseconds in JSON.parse. */
  readonly parse: Spread;
  readonly ratio: Spread;
  readonly samples: number;
}

/** Measures each number of units on each store. */
export function bench(units: readonly number[], effort: Effort): Result[] {
  const file = new URL("../../../coordinator.wasm", import.meta.url);
  const core = loadModule(readFileSync(file), { kind: "core" });
  return units.flatMap((count) =>
    STORES.map((store) => {
      const decision = decisionOf(count, store);
      const { first, second, ratio, samples }: Comparison = compare(
        () => {
          const instance = core.instantiate();
          return () => decide(instance, decision);
        },
        () => () => parseAll(decision),
        effort,
      );
      const { bytes } = decision;
      return { units: count, store, bytes, wasm: first, parse: second, ratio, samples };
    }),
  );
}

function inTable(results: readonly Result[]): string {
  const show = ({ median, low, high }: Spread): string =>
    `${median.toFixed(2)} (${low.toFixed(2)} to ${high.toFixed(2)})`;
  const rows = [
    ["units", "grants in", "bytes", "core ms", "JSON.parse ms", "ratio", "samples"],
    ...results.map(({ units, store, bytes, wasm, parse, ratio, samples }) => [
      ...[units, store, bytes].map(String),
      ...[wasm, parse, ratio].map(show),
      String(samples),
    ]),
  ];
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  return rows
    .map((row) => `${row.map((cell, at) => cell.padStart(widths[at]!)).join("  ")}\n`)
    .join("");
}

/** Runs the command. @returns the exit code: 0, or 2 for a wrong option. */
export function main(args: readonly string[]): number {
  let values: { json?: boolean; help?: boolean };
  try {
    ({ values } = parseArgs({
      args: [...args],
      options: { json: { type: "boolean" }, help: { type: "boolean" } },
    }));
  } catch (error) {
    const [message] = (error as Error).message.split(/[.\n]/, 1);
    process.stderr.write(`${message}; see npm run bench -- --help\n`);
    return 2;
  }
  if (values.help) {
    process.stdout.write(usage);
    return 0;
  }
  const { node, v8 } = process.versions;
  if (!values.json) process.stdout.write(`Node ${node}, V8 ${v8}; in turns, after a warm-up\n`);
  const results = bench(UNITS, EFFORT);
  process.stdout.write(
    values.json ? `${JSON.stringify({ node, v8, results })}\n` : inTable(results),
  );
  return 0;
}
