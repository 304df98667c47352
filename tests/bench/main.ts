/**
 * The command `npm run bench`: measures its parts, says which targets are met, and writes both into the pages.
 *
 * @module
 */

import { parseArgs } from "node:util";
import { writePages } from "./page.js";
import type { Effort, Findings } from "./part.js";
import { parts } from "./parts.js";
import { inText, targetTable } from "./table.js";

const names = parts.map(({ name }) => name);

const usage = `usage: npm run bench -- [options] [${names.join("] [")}]

Measures all parts, or those named:

${parts.map(({ name, summary }) => `  ${name.padEnd(9)} ${summary}`).join("\n")}

Whatever is a ratio is one of figures measured in turns in this run. In brackets: half of all rounds lie between these. Nothing
fails by being slow. Needs no network; what is not on this machine is left out, and named.

  --quick  measures little: only to see that everything works
  --write  puts tables, targets and the plot into docs/ and README.md; with all parts only
  --json   one JSON object on standard output instead of tables
  --help   this
`;

/** What a run has found, by part. */
export type Run = Readonly<Record<string, Findings>>;

/** Measures parts, one after the other. */
export async function bench(
  wanted: readonly string[],
  effort: Effort,
  say: (line: string) => void = () => {},
): Promise<Run> {
  const run: Record<string, Findings> = {};
  for (const part of parts) {
    if (wanted.includes(part.name)) run[part.name] = await part.measure(effort, say);
  }
  return run;
}

class UsageError extends Error {}

function optionsOf(args: readonly string[]) {
  const flags = ["quick", "write", "json", "help"] as const;
  const options = Object.fromEntries(flags.map((flag) => [flag, { type: "boolean" as const }]));
  let parsed: { values: Record<string, unknown>; positionals: string[] };
  try {
    parsed = parseArgs({ args: [...args], options, allowPositionals: true });
  } catch (error) {
    throw new UsageError((error as Error).message.split(/[.\n]/, 1)[0]);
  }
  const { values, positionals } = parsed;
  const unknown = positionals.find((name) => !names.includes(name));
  if (unknown !== undefined) throw new UsageError(`no part '${unknown}': ${names.join(", ")}`);
  const wanted = positionals.length === 0 ? names : positionals;
  if (values.write === true && (wanted.length < names.length || values.quick === true)) {
    throw new UsageError("--write takes a full run of all parts");
  }
  const flag = (name: (typeof flags)[number]): boolean => values[name] === true;
  return {
    ...{ quick: flag("quick"), write: flag("write") },
    json: flag("json"),
    help: flag("help"),
    wanted,
  };
}

function print(run: Run): void {
  const all = Object.values(run);
  for (const { tables } of all) {
    for (const table of tables) process.stdout.write(`${inText(table)}\n`);
  }
  process.stdout.write(`${inText(targetTable(all.flatMap(({ targets }) => targets)))}\n`);
  for (const line of all.flatMap(({ missing }) => missing)) {
    process.stdout.write(`not measured: ${line}\n`);
  }
}

/** Runs the command. @returns the exit code: 0, or 2 for a wrong option. */
export async function main(args: readonly string[]): Promise<number> {
  let options: ReturnType<typeof optionsOf>;
  try {
    options = optionsOf(args);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    process.stderr.write(`${error.message}; see npm run bench -- --help\n`);
    return 2;
  }
  if (options.help) {
    process.stdout.write(usage);
    return 0;
  }
  const { node, v8 } = process.versions;
  const say = (line: string): void => void process.stderr.write(`${line} ...\n`);
  const run = await bench(options.wanted, options.quick ? "quick" : "full", say);
  if (options.json) process.stdout.write(`${JSON.stringify({ node, v8, ...run })}\n`);
  else print(run);
  if (options.write) writePages(run);
  return 0;
}
