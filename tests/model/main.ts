/**
 * The command `npm run model`: explores what a few units can do under each bound, and looks for what must never happen.
 *
 * @module
 */

import { readFileSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { deep, large, small } from "./bounds.js";
import { type Checked, check } from "./check.js";
import { historyOf } from "./history.js";
import { ours } from "./library.js";

const usage = `usage: npm run model -- [options]

Explores every interleaving of a few units, breadth first, on build/coordinator.wasm under the TypeScript binding: events in any
order, old copies, hooks that fail, agents that crash, leaders that change, units that go. What is looked for, and what is
assumed, is in tests/model/README.md. The exit code is 1 if something is found; its history is then the shortest there is.

  --bounds small|large|all  those of npm test, some ten minutes' worth, or every one (default large)
  --only TEXT               only the bounds whose name contains this
  --states N                no more states than this in each bound (default 12000000: some 1 GB of memory)
  --history FILE            writes the history of the first violation there, for npx coordinator run FILE
  --json                    one JSON object on standard output
  --help                    this
`;

const options = {
  bounds: { type: "string", default: "large" },
  only: { type: "string", default: "" },
  states: { type: "string", default: "12000000" },
  history: { type: "string" },
  json: { type: "boolean" },
  help: { type: "boolean" },
} as const;

function complain(message: string): number {
  process.stderr.write(`${message}; see npm run model -- --help\n`);
  return 2;
}

/** Runs the command. @returns the exit code: 0, 1 if something was found, or 2 for a wrong option. */
export function main(args: readonly string[]): number {
  let values: ReturnType<typeof parseArgs<{ options: typeof options }>>["values"];
  try {
    ({ values } = parseArgs({ args: [...args], options }));
  } catch (error) {
    return complain((error as Error).message.split(/[.\n]/, 1)[0]!);
  }
  if (values.help) {
    process.stdout.write(usage);
    return 0;
  }
  const lists = { small, large: [...small, ...large], all: [...small, ...large, ...deep] };
  const most = Number(values.states);
  if (!Object.hasOwn(lists, values.bounds)) return complain("--bounds: small, large or all");
  if (!(most > 0)) return complain("--states: expected a number above 0");
  const library = ours({
    core: readFileSync(new URL("../../../coordinator.wasm", import.meta.url)),
  });
  const bounds = lists[values.bounds as keyof typeof lists].filter(({ name }) =>
    name.includes(values.only),
  );
  const results: Checked[] = [];
  for (const bound of bounds) {
    const result = check(bound, library, { most, progress });
    results.push(result);
    process.stderr.write(`${lineOf(result)}\n`);
    if (result.violation === null) continue;
    process.stderr.write(result.story.map((line) => `  ${line}\n`).join(""));
    if (values.history !== undefined) writeFileSync(values.history, historyOf(result, library));
    break;
  }
  report(results, values.json === true);
  return results.some(({ violation }) => violation !== null) ? 1 : 0;
}

let told = 0;
function progress({ name }: { name: string }, states: number, depth: number): void {
  if (performance.now() - told < 5000) return;
  told = performance.now();
  process.stderr.write(`... ${name}: ${states} states, depth ${depth}\n`);
}

function lineOf({ bound, states, depth, seconds, complete, violation }: Checked): string {
  const how = violation !== null ? violation.rule : complete ? "all explored" : "not all explored";
  return `${bound.name}: ${states} states, depth ${depth}, ${seconds} s, ${how}`;
}

function report(results: readonly Checked[], asJson: boolean): void {
  const sum = (of: (result: Checked) => number) => results.reduce((all, one) => all + of(one), 0);
  const violations = results.filter(({ violation }) => violation !== null).length;
  const states = sum((one) => one.states);
  const seconds = Math.round(sum((one) => one.seconds));
  const depth = Math.max(0, ...results.map((one) => one.depth));
  if (!asJson) {
    process.stdout.write(
      `${results.length} bounds, ${states} states, depth ${depth}, ${violations} violations, ${seconds} s\n`,
    );
    return;
  }
  const bounds = results.map(({ bound, history: _history, ...rest }) => ({ ...rest, bound }));
  process.stdout.write(
    `${JSON.stringify({ states, depth, violations, seconds, bounds }, null, 2)}\n`,
  );
}
