/**
 * `coordinator run FILE...`: plays scenario files and prints what came of them.
 *
 * @module
 */

import { parseArgs } from "node:util";
import { runScenario, type ScenarioResult } from "./play.js";
import { ScenarioError } from "./reader.js";
import { readScenario, type Scenario } from "./scenario.js";

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

/**
 * Runs the command. Every file is read before the first is played.
 *
 * @returns the exit code: 0 all hold, 1 one does not, 2 a wrong option or a bad file.
 */
export async function runCommand(args: readonly string[]): Promise<number> {
  let asked: Asked;
  let scenarios: { file: string; scenario: Scenario }[];
  try {
    asked = readArguments(args);
    scenarios = asked.files.map((file) => ({ file, scenario: readScenario(file) }));
  } catch (error) {
    if (!(error instanceof ScenarioError)) throw error;
    process.stderr.write(`${error.message}\n`);
    return 2;
  }
  // A charm's servers must not outlive this: `exit` is where the agent kills them.
  process.once("SIGINT", () => process.exit(130));
  process.once("SIGTERM", () => process.exit(143));
  let code = 0;
  for (const { file, scenario } of scenarios) {
    const result = await runScenario(scenario);
    show(file, result, asked);
    if (!result.passed) code = 1;
  }
  return code;
}
