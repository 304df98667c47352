/**
 * `coordinator policy check FILE`: whether a policy can be used, with this config.
 *
 * @module
 */

import { readArguments } from "./arguments.js";
import { needsText } from "./describe.js";
import { green, printJson, printTable } from "./print.js";
import { load, readSubject } from "./subject.js";

export const help = `usage: coordinator policy check [--config JSON|@FILE] [--json] FILE

Loads a policy as a leader would, and asks whether it takes the config.
FILE: a module or command (.wasm), a file of rules (YAML or JSON), or a rule such as parallel:2
  --config JSON|@FILE  the config of a module: JSON, or a file of JSON or YAML (default: {})

exit code: 0 it can be used, 1 it cannot, 2 a wrong option or a bad file
`;

export function check(args: readonly string[]): number {
  const { files, json, config } = readArguments(args, "FILE", { takesConfig: true });
  const policy = load(readSubject(files[0]!), config, (line) => {
    process.stderr.write(`${line}\n`);
  });
  const { name, kind, version, needs } = policy;
  if (json)
    printJson({ ok: true, kind, name, ...(version && { version }), ...(needs && { needs }) });
  else {
    const rest = needs === undefined ? "" : `needs ${needsText(needs)}`;
    printTable([["good", [name, version].join(" ").trim(), rest]], () => green);
  }
  return 0;
}
