/**
 * A charm on disk: each unit gets a directory of its own, and in it Juju looks for what to run.
 *
 * @module
 */

import {
  accessSync,
  constants,
  existsSync,
  mkdirSync,
  readdirSync,
  statSync,
  symlinkSync,
  unlinkSync,
} from "node:fs";
import { join, resolve } from "node:path";
import { AgentError } from "./errors.js";

/**
 * Makes a unit's charm directory, or puts another revision in it: every entry of the charm is a link, what the unit writes beside
 * them is its own.
 *
 * @throws AgentError `no_charm` if there is no such charm, or nothing in it that could be run.
 */
export function unpackCharm(charm: string, directory: string): void {
  const source = resolve(charm);
  if (!existsSync(source) || !statSync(source).isDirectory()) {
    throw new AgentError("no_charm", `${charm} is not a directory: expected a charm`);
  }
  const entries = readdirSync(source);
  if (!entries.includes("dispatch") && !entries.includes("hooks")) {
    throw new AgentError("no_charm", `${charm} has neither dispatch nor hooks: nothing can be run`);
  }
  mkdirSync(directory, { recursive: true });
  // The links are an earlier revision's; files are the unit's own.
  for (const entry of readdirSync(directory, { withFileTypes: true })) {
    if (entry.isSymbolicLink()) unlinkSync(join(directory, entry.name));
  }
  for (const entry of entries) symlinkSync(join(source, entry), join(directory, entry));
}

/**
 * What Juju runs for a hook or an action: `dispatch` if there is one, for every event; else `hooks/NAME` or `actions/NAME`.
 *
 * @param path JUJU_DISPATCH_PATH: `hooks/start`.
 * @returns null if there is nothing to run: Juju then skips the hook, which counts as success.
 */
export function handlerOf(directory: string, path: string): string | null {
  for (const candidate of [join(directory, "dispatch"), join(directory, path)]) {
    if (existsSync(candidate)) return candidate;
  }
  return null;
}

/** Whether it may be executed; Juju fails the hook if not. */
export function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
