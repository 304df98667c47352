/**
 * What one hook tool is, and how tools find the relation they are about.
 *
 * @module
 */

import { type Arguments, type OptionTable, takes, usage } from "./arguments.js";
import type { HookContext } from "./context.js";
import { ToolError } from "./errors.js";
import { type Format, readValues } from "./formats.js";

export interface Call extends Arguments {
  readonly context: HookContext;
  readonly format: Format;
  readonly stdin: string | null;
  readonly readFile: ((path: string) => string) | undefined;
  /** Writes a line to standard error. */
  readonly warn: (line: string) => void;
}

export interface Tool {
  /** What follows the tool's name in `--help`. */
  readonly usage: string;
  readonly options: OptionTable;
  /** The formats it can print, its default first; with one there is no `--format`, with none it prints nothing. */
  readonly formats: readonly Format[];
  /** Does its work and answers what is to be printed. */
  readonly run: (call: Call) => unknown;
}

export const allFormats: readonly Format[] = ["smart", "json", "yaml"];
export const noFormats: readonly Format[] = [];
export const relationOption = takes("r", "relation");

/**
 * Makes sure that the relation of `-r`, or of the hook, is there.
 *
 * @throws ToolError `usage` without either, `relation_not_found` if there is no such relation.
 */
export function requireRelation(call: Call): void {
  const text = call.options.relation;
  if (text === undefined) {
    if (call.context.defaultRelation === null) throw usage("no relation id specified");
    return;
  }
  const start = `invalid value ${JSON.stringify(text)} for option ${call.spelled.relation}: `;
  if (!/^-?\d+$/.test(text.slice(text.lastIndexOf(":") + 1))) {
    throw usage(`${start}invalid relation id`);
  }
  if (!call.context.hasRelation(text)) {
    throw new ToolError("relation_not_found", `${start}relation not found`, 2);
  }
}

/** The values of `--file`; none without it. */
export function fileValues(call: Call): Record<string, string> {
  const path = call.options.file;
  if (path === undefined || path === "") return {};
  if (path === "-") {
    if (call.stdin === null) {
      throw new ToolError("no_file", "hook tool requires stdin, none supplied");
    }
    return readValues(call.stdin);
  }
  if (call.readFile === undefined) {
    throw new ToolError("no_file", `open ${path}: no such file or directory`);
  }
  return readValues(readText(call.readFile, path));
}

function readText(readFile: (path: string) => string, path: string): string {
  try {
    return readFile(path);
  } catch (problem) {
    const why = problem instanceof Error ? problem.message : String(problem);
    throw new ToolError("no_file", `open ${path}: ${why}`);
  }
}

/** The value of a key, or null; everything for no key and for `-`. */
export function oneOrAll(values: Readonly<Record<string, unknown>>, key?: string): unknown {
  if (key === undefined || key === "-" || key === "") return values;
  return Object.hasOwn(values, key) ? values[key] : null;
}
