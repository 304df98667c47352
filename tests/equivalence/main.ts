/**
 * The command `npm run equivalence`: the same inputs through V8, wasmtime and wazero, and the same answers.
 *
 * @module
 */

import { parseArgs } from "node:util";
import { compare } from "./compare.js";
import { startEngines } from "./engines.js";

const usage = `usage: npm run equivalence -- [options]

Gives the core, and modules that misbehave, random inputs in every engine that is here, and compares answers byte for byte, errors by name.

  --inputs N  how many at least (default 100000)
  --seed S    whole number that decides which (default 1)
  --path P    begin where a difference was told
  --help      this

exit code: 0 all alike, 1 not, 2 a wrong option, or nothing to compare
`;

function readOptions(args: readonly string[]) {
  const { values } = parseArgs({
    args: [...args],
    options: {
      inputs: { type: "string", default: "100000" },
      seed: { type: "string", default: "1" },
      path: { type: "string" },
      help: { type: "boolean", default: false },
    },
  });
  const [inputs, seed] = [Number(values.inputs), Number(values.seed)];
  if (!Number.isSafeInteger(inputs) || !Number.isSafeInteger(seed) || inputs < 1) {
    throw new Error("--inputs and --seed are whole numbers");
  }
  return { ...values, inputs, seed };
}

/** Runs the command. @returns the exit code */
export async function main(args: readonly string[]): Promise<number> {
  let options: ReturnType<typeof readOptions>;
  try {
    options = readOptions(args);
  } catch (error) {
    const [message] = (error as Error).message.split(/[.\n]/, 1);
    process.stderr.write(`${message}; see npm run equivalence -- --help\n`);
    return 2;
  }
  if (options.help) {
    process.stdout.write(usage);
    return 0;
  }
  const { engines, missing } = startEngines();
  try {
    for (const line of missing) process.stdout.write(`left out: ${line}\n`);
    if (engines.length < 2) return 2;
    const { inputs, seed, path } = options;
    const only = path === undefined ? {} : { path };
    const report = await compare(engines, { inputs, seed, ...only });
    const names = engines.map(({ name }) => name).join(", ");
    const how = report.difference.length === 0 ? "all alike" : "not alike";
    for (const line of report.difference) process.stdout.write(`${line}\n`);
    process.stdout.write(
      `${report.inputs} inputs in ${report.subjects} subjects: ${how} in ${names}\n`,
    );
    return report.difference.length === 0 ? 0 : 1;
  } finally {
    for (const engine of engines) engine.stop();
  }
}
