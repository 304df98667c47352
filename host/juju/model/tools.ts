/**
 * The hook tools' command lines, on top of a context: `relation-get -r coordinator:0 - app/1 --format=json`.
 *
 * @module
 */

import { actionTools } from "./action-tools.js";
import { parseArguments, takes } from "./arguments.js";
import type { HookContext } from "./context.js";
import { ToolError } from "./errors.js";
import { formatOf, render } from "./formats.js";
import { networkTools } from "./network-tools.js";
import { leaderTools, relationTools } from "./relation-tools.js";
import type { JujuVersion } from "./state.js";
import type { Tool } from "./tool.js";
import { unitTools } from "./unit-tools.js";

export interface ToolResult {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
  /** `-o FILE`: what the caller must write there instead of to standard output. */
  readonly file?: { readonly path: string; readonly content: string };
}

const tools: Readonly<Record<JujuVersion, ReadonlyMap<string, Tool>>> = {
  "3.6": tableOf(relationTools, leaderTools, unitTools, networkTools, actionTools),
  "4.0": tableOf(relationTools, unitTools, networkTools, actionTools),
};

function tableOf(...groups: Readonly<Record<string, Tool>>[]): ReadonlyMap<string, Tool> {
  return new Map(groups.flatMap((group) => Object.entries(group)));
}

/** The hook tools of a Juju version: what must be on a hook's PATH, sorted. A name that is not here is "command not found" to a charm. */
export function toolNames(version: JujuVersion): string[] {
  return [...tools[version].keys()].sort();
}

/** Whether this command line wants standard input (`--file -`). */
export function readsStdin(args: readonly string[]): boolean {
  return args.some((arg, at) => arg === "--file=-" || (arg === "--file" && args[at + 1] === "-"));
}

/**
 * Runs one hook tool in a context. Never throws for anything that a charm can do.
 *
 * @param stdin standard input, if it was sent; needed for `--file -` only
 * @param readFile reads the file of `--file PATH`; absent: such a file is an error
 */
export function runTool(
  context: HookContext,
  name: string,
  args: readonly string[],
  stdin: string | null = null,
  readFile?: (path: string) => string,
): ToolResult {
  const warnings: string[] = [];
  const before = context.tools[name] ?? 0;
  try {
    const { stdout, path } = run(context, name, args, stdin, readFile, warnings);
    const stderr = warnings.join("");
    if (path === "") return { exitCode: 0, stdout, stderr };
    return { exitCode: 0, stdout: "", stderr, file: { path, content: stdout } };
  } catch (problem) {
    if (!(problem instanceof ToolError)) throw problem;
    if (context.open && (context.tools[name] ?? 0) === before) context.count(name);
    const stderr = `${warnings.join("")}ERROR ${problem.message}\n`;
    return { exitCode: problem.exitCode, stdout: "", stderr };
  }
}

function run(
  context: HookContext,
  name: string,
  args: readonly string[],
  stdin: string | null,
  readFile: ((path: string) => string) | undefined,
  warnings: string[],
): { stdout: string; path: string } {
  const tool = tools[context.version].get(name);
  if (tool === undefined || !availableHere(context, name)) {
    throw new ToolError("unknown_tool", `unknown hook command: ${name}`);
  }
  const formatted = tool.formats.length > 1 ? { ...takes("format"), ...takes("o", "output") } : {};
  const parsed = parseArguments(args, { ...formatted, ...tool.options });
  if (parsed.help) {
    context.count(name);
    return { stdout: `Usage: ${name} ${tool.usage}\n`, path: "" };
  }
  const first = tool.formats[0] ?? "smart";
  const asked = tool.formats.length > 1 ? parsed.options.format : undefined;
  const format = asked === undefined ? first : formatOf(asked, "--format", tool.formats);
  const warn = (line: string) => warnings.push(`${line}\n`);
  const value = tool.run({ ...parsed, context, format, stdin, readFile, warn });
  if (tool.formats.length === 0) return { stdout: "", path: "" };
  return { stdout: render(value, format), path: parsed.options.output ?? "" };
}

/** The action tools work in actions only. */
function availableHere(context: HookContext, name: string): boolean {
  return context.kind === "action" || !Object.hasOwn(actionTools, name);
}
