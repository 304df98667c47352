/**
 * Installs what the project needs, once: `npm ci` when node_modules is missing or is not what package-lock.json says.
 *
 * @module
 */

import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { Failure, main, root } from "./project.mjs";

const OLDEST_NODE = 20;

/** Whether npm's own record of what it installed names every package of the lock file with its version. */
function installed() {
  const record = join(root, "node_modules", ".package-lock.json");
  if (!existsSync(record)) return false;
  const wanted = JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8")).packages;
  const present = JSON.parse(readFileSync(record, "utf8")).packages;
  return Object.entries(wanted).every(
    ([path, entry]) => path === "" || entry.optional || present[path]?.version === entry.version,
  );
}

/** npm as the one that runs this script, else the one beside this Node, else the one on PATH. */
function npm(args) {
  const script = process.env.npm_execpath;
  const beside = join(dirname(process.execPath), "npm");
  const [program, first] = script?.endsWith("npm-cli.js")
    ? [process.execPath, [script]]
    : [existsSync(beside) ? beside : "npm", []];
  return spawnSync(program, [...first, ...args], { cwd: root, encoding: "utf8" });
}

/**
 * Makes node_modules what package-lock.json says.
 *
 * @param say called with the one line of progress, only if there is something to do.
 */
export function setUp(say = (line) => process.stderr.write(`${line}\n`)) {
  if (Number(process.versions.node.split(".")[0]) < OLDEST_NODE) {
    throw new Failure(`Node ${OLDEST_NODE} or newer is needed; this is ${process.version}`);
  }
  if (installed()) return;
  say("installing what package-lock.json names (npm ci) ...");
  const result = npm(["ci", "--no-audit", "--no-fund"]);
  if (result.error) throw new Failure(`cannot run npm: ${result.error.message}`);
  if (result.status !== 0) {
    throw new Failure(`npm ci failed:\n${result.stderr.trim()}`);
  }
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) await main(() => setUp());
