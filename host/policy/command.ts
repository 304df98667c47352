/**
 * `coordinator policy VERB ...`: describes, checks, asks, tests and begins policies.
 *
 * @module
 */

import { CoordinatorError } from "../../bindings/typescript/index.js";
import { readFile } from "./arguments.js";
import * as check from "./check.js";
import * as decide from "./decide.js";
import * as describe from "./describe.js";
import { UsageError } from "./errors.js";
import * as make from "./new.js";
import * as test from "./test.js";

interface Verb {
  readonly help: string;
  /** @returns the exit code. */
  readonly run: (args: readonly string[], input: () => string) => number;
}

const verbs: Readonly<Record<string, Verb>> = {
  describe: { help: describe.help, run: describe.describe },
  check: { help: check.help, run: check.check },
  decide: { help: decide.help, run: decide.decide },
  test: { help: test.help, run: test.test },
  new: { help: make.help, run: make.create },
};

const help = `usage: coordinator policy VERB ...

describe FILE            what a policy says of itself
check FILE               whether it can be used, with a config
decide FILE < STATE      who is granted, who waits and why
test FILE VECTORS...     whether it answers as files of vectors say
new NAME                 a folder with a policy in AssemblyScript, its build and its test

FILE is a module or a command (.wasm), a file of rules (YAML or JSON), or a rule such as parallel:2.
coordinator policy VERB --help says more.
`;

/**
 * Runs the command.
 *
 * @param input - reads all of standard input.
 * @returns the exit code: 0 fine, 1 the policy fails, 2 a wrong option or a bad file.
 */
export function policyCommand(
  args: readonly string[],
  input: () => string = () => readFile(0).toString(),
): number {
  const [name = "", ...rest] = args;
  const verb = Object.hasOwn(verbs, name) ? verbs[name] : undefined;
  try {
    if (name === "--help" || (verb?.help !== undefined && rest.includes("--help"))) {
      process.stdout.write(verb?.help ?? help);
      return 0;
    }
    if (verb === undefined) {
      const found = name === "" ? "no verb" : `unknown verb "${name}"`;
      throw new UsageError(`${found}: expected ${Object.keys(verbs).join(", ")} or --help`);
    }
    return verb.run(rest, input);
  } catch (error) {
    if (error instanceof UsageError) return end(2, error.message);
    if (error instanceof CoordinatorError) return end(1, `${error.code}: ${error.message}`);
    throw error;
  }
}

/** One line, whatever is in the message. */
function end(code: number, message: string): number {
  process.stderr.write(`${message.replaceAll(/\s*\n\s*/g, " ")}\n`);
  return code;
}
