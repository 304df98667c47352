/**
 * `coordinator policy test FILE VECTORS...`: whether a policy answers as files of vectors say.
 *
 * @module
 */

import { ModuleError } from "../../bindings/typescript/index.js";
import { readArguments } from "./arguments.js";
import { count, fuelText, green, print, printJson, red, table } from "./print.js";
import { type Asker, askerOf, readSubject } from "./subject.js";
import { difference, readVectors, type Vector } from "./vectors.js";

export const help = `usage: coordinator policy test [--json] FILE VECTORS...

Asks a policy what each file of vectors says, and compares what it answers; prints the fuel that each answer took.
FILE: a module or command (.wasm), a file of rules (YAML or JSON), or a rule such as parallel:2
VECTORS: YAML or JSON, a list of
  name: of five units one at a time
  in: a state, as for coordinator policy decide; or with op, an operation as host/abi.md has it
  config: the config of a module, if it has any
  out: what it must answer; members that are not named are not looked at: {"ok": {"grant": [{"unit": …, "lock": …}]}}

exit code: 0 all hold, 1 one does not, 2 a wrong option or a bad file
`;

interface Outcome {
  readonly name: string;
  readonly fuel: number | null;
  /** What does not hold; null if all does. */
  readonly fault: string | null;
}

export function test(args: readonly string[]): number {
  const { files, json } = readArguments(args, "FILE VECTORS...", {
    least: 2,
    most: Number.POSITIVE_INFINITY,
  });
  const [file, ...others] = files;
  const subject = readSubject(file!);
  const vectors = others.flatMap(readVectors);
  const asker = askerOf(subject);
  const outcomes = vectors.map((vector) => play(asker, vector));
  const failed = outcomes.filter(({ fault }) => fault !== null).length;
  if (json) printJson({ vectors: outcomes.length, failed, outcomes });
  else show(outcomes, failed);
  return failed === 0 ? 0 : 1;
}

function play(asker: Asker, { name, input, out }: Vector): Outcome {
  try {
    const { answer, fuelUsed } = asker.ask(input);
    const fuel = fuelUsed === null ? null : Number(fuelUsed);
    return { name, fuel, fault: difference(out, answer) };
  } catch (error) {
    if (!(error instanceof ModuleError)) throw error;
    return { name, fuel: null, fault: `${error.code}: ${error.message}` };
  }
}

function show(outcomes: readonly Outcome[], failed: number): void {
  const lines = table(
    outcomes.map(({ name, fuel, fault }) => [
      fault === null ? "holds" : "FAILS",
      name,
      fuel === null ? "" : `${count(fuel)} fuel`,
    ]),
    ([verdict]) => (verdict === "holds" ? green : red),
  );
  for (const [at, { fault }] of outcomes.entries()) {
    print(lines[at]!);
    if (fault !== null) print(`       ${fault}`);
  }
  const held = `${outcomes.length - failed} of ${outcomes.length} vectors hold`;
  const most = Math.max(...outcomes.map(({ fuel }) => fuel ?? 0));
  print(most === 0 ? held : `${held}; the dearest took ${fuelText(BigInt(most))}`);
}
