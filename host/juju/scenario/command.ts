/**
 * `coordinator run FILE...`: plays scenario files and prints what came of them.
 *
 * @module
 */

import { parseArgs } from "node:util";
import { runScenario, type ScenarioResult } from "./play.js";
import { Reader, ScenarioError } from "./reader.js";
import { parseScenario, readText, type Scenario } from "./scenario.js";

/** What a history of the model checker came to. */
export interface Played {
  readonly name: string;
  /** What happened, a line each. */
  readonly lines: readonly string[];
  /** What does not hold, in words; empty if all does. */
  readonly failures: readonly string[];
}

/** Plays the text of such a history. Only a clone of the project has the checker, so whoever runs the command brings it. */
export type PlayHistory = (text: string) => Played;

interface Asked {
  files: string[];
  json: boolean;
  quiet: boolean;
}

function readArguments(args: readonly string[]): Asked {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        json: { type: "boolean", default: false },
        quiet: { type: "boolean", default: false },
      },
    });
    if (positionals.length === 0) throw new Error("no file: expected run FILE...");
    return { files: positionals, ...values };
  } catch (error) {
    throw new ScenarioError((error as Error).message.split(/\. |\n/, 1)[0]);
  }
}

/** A scenario that never ends has a history that nobody reads whole. */
const longestHistory = 300;

function show(file: string, result: ScenarioResult, { json, quiet }: Asked): void {
  const { history, ...rest } = result;
  if (json) {
    process.stdout.write(`${JSON.stringify({ file, ...rest })}\n`);
    return;
  }
  const lines = quiet && result.passed ? [] : quiet ? history.slice(-longestHistory) : history;
  const counts =
    `${result.rolled} of ${result.units} units rolled, at most ${result.maxHolders} holding, ` +
    `${result.hooks} hooks, ${result.hookTools} hook tools, ${result.seconds} s`;
  const verdict = `${result.passed ? "holds" : "FAILS"}  ${file}: ${result.name} (${counts})`;
  for (const line of [...lines, verdict, ...result.failures.map((fault) => `       ${fault}`)]) {
    process.stdout.write(`${line}\n`);
  }
}

function showHistory(file: string, { name, lines, failures }: Played, asked: Asked): void {
  const passed = failures.length === 0;
  if (asked.json) {
    process.stdout.write(`${JSON.stringify({ file, name, passed, failures })}\n`);
    return;
  }
  const verdict = `${passed ? "holds" : "FAILS"}  ${file}: ${name} (${lines.length} steps)`;
  const told = asked.quiet && passed ? [] : lines;
  for (const line of [...told, verdict, ...failures.map((fault) => `       ${fault}`)]) {
    process.stdout.write(`${line}\n`);
  }
}

type File = { file: string } & ({ scenario: Scenario } | { history: string });

function readFile(file: string, plays: boolean): File {
  const text = readText(file);
  if (!Reader.parse(text, file).at("history").isThere) {
    return { file, scenario: parseScenario(text, file) };
  }
  if (plays) return { file, history: text };
  throw new ScenarioError(
    `${file}: a history of the model checker: expected a clone of the project, which has the checker`,
  );
}

/**
 * Runs the command. Every file is read before the first is played.
 *
 * @param playHistory for files with the key `history`.
 * @returns the exit code: 0 all hold, 1 one does not, 2 a wrong option or a bad file.
 */
export async function runCommand(
  args: readonly string[],
  playHistory: PlayHistory | null = null,
): Promise<number> {
  let asked: Asked;
  let files: File[];
  try {
    asked = readArguments(args);
    files = asked.files.map((file) => readFile(file, playHistory !== null));
  } catch (error) {
    if (!(error instanceof ScenarioError)) throw error;
    process.stderr.write(`${error.message}\n`);
    return 2;
  }
  // A charm's servers must not outlive this: `exit` is where the agent kills them.
  process.once("SIGINT", () => process.exit(130));
  process.once("SIGTERM", () => process.exit(143));
  let code = 0;
  for (const one of files) {
    if ("history" in one) {
      const played = playHistory!(one.history);
      showHistory(one.file, played, asked);
      if (played.failures.length > 0) code = 1;
      continue;
    }
    const result = await runScenario(one.scenario);
    show(one.file, result, asked);
    if (!result.passed) code = 1;
  }
  return code;
}
