/**
 * Hook tools' command lines, split into options and arguments as Juju does: options may stand anywhere, `--` ends them.
 *
 * @module
 */

import { ToolError } from "./errors.js";
import { setOwn } from "./values.js";

/** An option's long name by each of its spellings, with whether it takes a value. */
export type OptionTable = Readonly<Record<string, { name: string; takesValue: boolean }>>;

export interface Arguments {
  readonly words: readonly string[];
  /** By long name. */
  readonly options: Readonly<Record<string, string>>;
  /** The spelling used, for messages: `-r` or `--relation`. */
  readonly spelled: Readonly<Record<string, string>>;
  readonly help: boolean;
}

export function takes(...spellings: string[]): OptionTable {
  return table(spellings, true);
}

export function allows(...spellings: string[]): OptionTable {
  return table(spellings, false);
}

function table(spellings: string[], takesValue: boolean): OptionTable {
  const name = spellings[spellings.length - 1]!;
  return Object.fromEntries(spellings.map((spelling) => [spelling, { name, takesValue }]));
}

export function usage(message: string): ToolError {
  return new ToolError("usage", message, 2);
}

/** @throws ToolError `usage`, exit code 2, for an unknown option or one whose value is missing. */
export function parseArguments(args: readonly string[], known: OptionTable): Arguments {
  const words: string[] = [];
  const options: Record<string, string> = {};
  const spelled: Record<string, string> = {};
  let help = false;
  for (let at = 0; at < args.length; at++) {
    const word = args[at]!;
    if (word === "--") {
      words.push(...args.slice(at + 1));
      break;
    }
    if (word === "-" || !word.startsWith("-")) {
      words.push(word);
      continue;
    }
    const { spelling, attached } = splitOption(word);
    if (spelling === "help" || spelling === "h") {
      help = true;
      continue;
    }
    const option = Object.hasOwn(known, spelling) ? known[spelling] : undefined;
    const dashed = `${spelling.length === 1 ? "-" : "--"}${spelling}`;
    if (option === undefined) throw usage(`option provided but not defined: ${dashed}`);
    spelled[option.name] = dashed;
    if (!option.takesValue) options[option.name] = switchValue(attached, dashed);
    else if (attached !== null) options[option.name] = attached;
    else if (at + 1 < args.length) options[option.name] = args[++at]!;
    else throw usage(`option needs an argument: ${dashed}`);
  }
  return { words, options, spelled, help };
}

/** `--format=json`, `-r3` and `-r` alone. */
function splitOption(word: string): { spelling: string; attached: string | null } {
  if (word.startsWith("--")) {
    const equals = word.indexOf("=");
    if (equals < 0) return { spelling: word.slice(2), attached: null };
    return { spelling: word.slice(2, equals), attached: word.slice(equals + 1) };
  }
  if (word.length === 2) return { spelling: word[1]!, attached: null };
  const attached = word.slice(2);
  return { spelling: word[1]!, attached: attached.startsWith("=") ? attached.slice(1) : attached };
}

/** What Go takes for a boolean, and so Juju's tools: ops writes `--application=False`. */
const TRUE = ["1", "t", "T", "TRUE", "true", "True"];
const FALSE = ["0", "f", "F", "FALSE", "false", "False"];

function switchValue(attached: string | null, dashed: string): string {
  if (attached === null || TRUE.includes(attached)) return "true";
  if (FALSE.includes(attached)) return "false";
  throw usage(`invalid boolean value ${JSON.stringify(attached)} for ${dashed}`);
}

/** @throws ToolError `usage` if there are more words than the tool takes. */
export function refuseMore(words: readonly string[], most: number): void {
  if (words.length <= most) return;
  const rest = words.slice(most).map((word) => JSON.stringify(word));
  throw usage(`unrecognized args: [${rest.join(" ")}]`);
}

/** `key=value` words as a map; the last of equal keys counts. */
export function keyValues(words: readonly string[]): Record<string, string> {
  const values: Record<string, string> = {};
  for (const word of words) {
    const equals = word.indexOf("=");
    if (equals < 1) throw usage(`expected "key=value", got ${JSON.stringify(word)}`);
    setOwn(values, word.slice(0, equals), word.slice(equals + 1));
  }
  return values;
}
