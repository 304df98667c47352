/**
 * The hook tools' command lines, on top of a context: `relation-get -r coordinator:0 - app/1 --format=json`.
 *
 * @module
 */

import type { HookContext } from "./context.js";
import type { ContextKind, JujuVersion } from "./state.js";

export interface ToolResult {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
  /** `-o FILE`: what the caller must write there instead of to standard output. */
  readonly file?: { readonly path: string; readonly content: string };
}

/** The hook tools of a Juju version: what must be on a hook's PATH. */
export function toolNames(version: JujuVersion, kind: ContextKind = "hook"): string[] {
  void version;
  void kind;
  return [];
}

/** Whether this command line wants standard input (`--file -`). */
export function readsStdin(args: readonly string[]): boolean {
  return args.some((arg, at) => arg === "--file=-" || (arg === "--file" && args[at + 1] === "-"));
}

/**
 * Runs one hook tool in a context. Never throws.
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
  void [context, args, stdin, readFile];
  return { exitCode: 1, stdout: "", stderr: `ERROR unknown command "${name}"\n` };
}
