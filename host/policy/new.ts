/**
 * `coordinator policy new NAME`: a folder with a policy, its build and its test.
 *
 * @module
 */

import { existsSync, mkdirSync, readFileSync, realpathSync, writeFileSync } from "node:fs";
import { basename, dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { readArguments } from "./arguments.js";
import { UsageError } from "./errors.js";
import { print, printJson, printTable } from "./print.js";
import { templateOf } from "./template.js";

export const help = `usage: coordinator policy new [--json] NAME

Makes a folder with a policy in AssemblyScript, what it must decide, its build and its test.
NAME: small letters, digits and hyphens
`;

// The compiled file lies in build/js/host/policy.
const root = fileURLToPath(new URL("../../../../", import.meta.url));

export function create(args: readonly string[]): number {
  const { files, json } = readArguments(args, "NAME");
  const name = files[0]!;
  if (!/^[a-z][a-z0-9-]{0,62}$/.test(name)) {
    throw new UsageError(`"${name}": expected a name of small letters, digits and hyphens`);
  }
  if (existsSync(name)) throw new UsageError(`${name} is there already`);
  const folder = resolve(name);
  const template = templateOf(name, dependencyFrom(folder));
  mkdirSync(folder);
  for (const file of template) writeFileSync(join(folder, file.name), file.text);
  if (json) {
    printJson({ folder, files: template.map((file) => file.name) });
    return 0;
  }
  print(`made ${name}/`);
  printTable(template.map((file) => [`  ${file.name}`, file.purpose]));
  print("next");
  printTable([
    [`  cd ${name} && npm test`, "builds it, and asks it what vectors.yaml says"],
    [
      `  juju attach-resource APP coordinator-policy=./${name}.wasm`,
      "lets an application decide by it",
    ],
  ]);
  return 0;
}

/** How npm finds the package that runs here: by its version if it came from a registry, else in its folder. */
function dependencyFrom(folder: string): string {
  if (isFetched(resolve(root))) {
    return (JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { version: string })
      .version;
  }
  const base = realpathSync(dirname(folder));
  const way = relative(join(base, basename(folder)), realpathSync(root));
  // Inside the project the folder may move with it.
  return `file:${/^(\.\.[/\\]?)+$/.test(way) ? way : realpathSync(root)}`;
}

/** Whether a package was fetched from a registry: npm's own record of what it installed names the place of all others. */
export function isFetched(folder: string): boolean {
  const modules = dirname(folder);
  const record = join(modules, ".package-lock.json");
  if (basename(modules) !== "node_modules" || !existsSync(record)) return false;
  const { packages } = JSON.parse(readFileSync(record, "utf8")) as {
    packages: Record<string, { resolved?: string }>;
  };
  const entry = packages[`node_modules/${basename(folder)}`];
  return entry !== undefined && /^https?:/.test(entry.resolved ?? "https:");
}
