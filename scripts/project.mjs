/**
 * What the scripts share: where the project is, its files, and how to run a program of its tool chain.
 *
 * @module
 */

import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** The project's folder. */
export const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** A failure that is told in one line; `status` is the exit code. */
export class Failure extends Error {
  constructor(message, status = 1) {
    super(message);
    this.status = status;
  }
}

/**
 * Runs a script's main function. A Failure becomes one line and its exit code; anything else is a fault of the script and keeps
 * its stack.
 */
export async function main(run) {
  try {
    process.exitCode = (await run(process.argv.slice(2))) ?? 0;
  } catch (error) {
    process.stderr.write(`${error instanceof Failure ? error.message : error.stack}\n`);
    process.exitCode = error instanceof Failure ? error.status : 1;
  }
}

/** All files under a folder of the project for which `accept` is true, as paths from the root, sorted. */
export function filesUnder(folder, accept) {
  const found = [];
  const walk = (at) => {
    for (const entry of readdirSync(join(root, at), { withFileTypes: true })) {
      const path = `${at}/${entry.name}`;
      if (entry.isDirectory()) walk(path);
      else if (accept(path)) found.push(path);
    }
  };
  walk(folder);
  return found.sort();
}

/** A digest of the names and contents of files: two equal digests mean that nothing changed. */
export function digestOf(paths) {
  const hash = createHash("sha256").update(process.version);
  for (const path of paths) {
    hash.update(`\0${path}\0`).update(readFileSync(join(root, path)));
  }
  return hash.digest("hex");
}

/** A program that crashes may print its own code in one line: nobody reads more than the beginning. */
const longestLine = 400;

const shorten = (text) =>
  text
    .split("\n")
    .map((line) => line.slice(0, longestLine))
    .join("\n");

/**
 * Runs a JavaScript program of node_modules (never through npx, which may look for the network) and waits for it.
 *
 * @param options.node arguments for Node itself.
 * @returns its exit code (1 if a signal ended it) and, unless `inherit`, its output.
 */
export function runTool(program, args, { inherit = false, timeout, env = {}, node = [] } = {}) {
  const result = spawnSync(
    process.execPath,
    [...node, join(root, "node_modules", program), ...args],
    {
      cwd: root,
      encoding: "utf8",
      maxBuffer: 64 << 20,
      stdio: ["ignore", inherit ? "inherit" : "pipe", inherit ? "inherit" : "pipe"],
      timeout,
      env: { ...process.env, ...env },
    },
  );
  const note = result.error ? `\n${result.error.message}\n` : "";
  return {
    status: result.status ?? 1,
    output: shorten((result.stdout ?? "") + (result.stderr ?? "")) + note,
  };
}
