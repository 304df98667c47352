/**
 * Gives every engine the same, and says where one answers otherwise: on the smallest subject that shows it, with what plays it again.
 *
 * @module
 */

import { isUtf8 } from "node:buffer";
import fc from "fast-check";
import type { Engine, Outcome } from "./engines.js";
import { type Subject, subjects } from "./subjects.js";

export interface Effort {
  readonly seed: number;
  /** Inputs to give at least; a subject has some four. */
  readonly inputs: number;
  /** Where in the seed to begin, as a difference was told. */
  readonly path?: string;
}

export interface Report {
  readonly subjects: number;
  readonly inputs: number;
  /** What differed, in lines; empty if nothing did. */
  readonly difference: readonly string[];
}

/** Subjects of one seed: after them the next seed goes on, so that a path stays short. */
const SUBJECTS_OF_SEED = 1000;

/** Runs until there were so many inputs, or something differs. */
export async function compare(engines: readonly Engine[], effort: Effort): Promise<Report> {
  let count = 0;
  let inputs = 0;
  const property = fc.asyncProperty(subjects, async (subject) => {
    count += 1;
    inputs += subject.inputs.length;
    const outcomes = await Promise.all(engines.map((engine) => engine.run(subject)));
    const odd = outcomes.findIndex((outcome) => outcome !== outcomes[0]);
    if (odd !== -1) throw new Error(`${engines[odd]!.name} differs from ${engines[0]!.name}`);
  });
  for (let { seed, path } = effort; inputs < effort.inputs; seed++, path = undefined) {
    const only = path === undefined ? {} : { path };
    const found = await fc.check(property, { seed, numRuns: SUBJECTS_OF_SEED, ...only });
    if (found.failed) {
      const [subject] = found.counterexample!;
      const again = `npm run equivalence -- --seed ${found.seed} --path ${found.counterexamplePath}`;
      const lines = [String(found.errorInstance), ...(await show(engines, subject)), again];
      return { subjects: count, inputs, difference: lines };
    }
  }
  return { subjects: count, inputs, difference: [] };
}

async function show(engines: readonly Engine[], { module, inputs }: Subject): Promise<string[]> {
  const given = inputs.map((input) => `  given ${text(input)}`);
  const said: string[] = [];
  for (const engine of engines) {
    said.push(`  ${engine.name}: ${read(await engine.run({ module, inputs }))}`);
  }
  return [`${module}:`, ...given, ...said];
}

/** Bytes as text, or in hexadecimal digits where they are none. */
function text(bytes: Uint8Array): string {
  return isUtf8(bytes) ? Buffer.from(bytes).toString() : `0x${Buffer.from(bytes).toString("hex")}`;
}

function read(outcome: Outcome): string {
  const [answers, code, trap] = JSON.parse(outcome) as [string[], string, string];
  const said = answers.map((answer) => text(Buffer.from(answer, "base64")));
  return [...said, ...[code, trap].filter((name) => name !== "")].join("; then ");
}
