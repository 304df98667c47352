/**
 * What stands behind a verb on the command line.
 *
 * @module
 */

import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { parse } from "yaml";
import { UsageError } from "./errors.js";

export interface Arguments {
  readonly files: readonly string[];
  readonly json: boolean;
  /** undefined if none was given. */
  readonly config: unknown;
}

/**
 * @param expected - what must be there, for a person: `FILE`.
 * @throws UsageError
 */
export function readArguments(
  args: readonly string[],
  expected: string,
  { least = 1, most = 1, takesConfig = false } = {},
): Arguments {
  const { values, positionals } = parseAll(args, takesConfig);
  if (positionals.length < least) throw new UsageError(`expected ${expected}`);
  if (positionals.length > most) {
    throw new UsageError(`unexpected argument "${positionals[most]}": expected ${expected}`);
  }
  const { json = false, config } = values;
  return {
    files: positionals,
    json,
    config: config === undefined ? undefined : readConfig(config),
  };
}

function parseAll(args: readonly string[], takesConfig: boolean) {
  const json = { type: "boolean" } as const;
  const config = { type: "string" } as const;
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: takesConfig ? { json, config } : { json },
    }) as { values: { json?: boolean; config?: string }; positionals: string[] };
  } catch (error) {
    throw new UsageError((error as Error).message.split(/\. |\n/, 1)[0]);
  }
}

/** JSON, or `@` and the name of a file with JSON or YAML. */
function readConfig(text: string): unknown {
  return text.startsWith("@") ? readDocument(text.slice(1)) : parseDocument(text, "--config");
}

/** A JSON or YAML file. @throws UsageError */
export function readDocument(file: string): unknown {
  return parseDocument(readFile(file).toString(), file);
}

/** @throws UsageError which names `where`, where the text is no JSON or YAML. */
export function parseDocument(text: string, where: string): unknown {
  try {
    return JSON.parse(JSON.stringify(parse(text) ?? null));
  } catch (error) {
    const [problem] = (error as Error).message.split("\n");
    throw new UsageError(`${where}: it is no JSON and no YAML: ${problem}`);
  }
}

/** @throws UsageError */
export function readFile(file: string | 0): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const why = code === "ENOENT" ? "there is no such file" : message;
    throw new UsageError(`${file === 0 ? "standard input" : file}: ${why}`);
  }
}
