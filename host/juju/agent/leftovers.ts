/**
 * What charms leave running: servers and workers that outlive their hooks must not outlive their unit, or the local Juju.
 *
 * Every process a charm starts inherits a mark in its environment, so /proc tells for certain which are ours. Where there is no
 * /proc, a charm's `*.pid` files (one process id each, in the unit's charm directory) tell.
 *
 * @module
 */

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** The environment variable that carries the mark. */
export const markVariable = "LOCAL_JUJU_MARK";

/** Reads a file that may be gone, or another user's. */
function readOrNull(path: string): string | null {
  try {
    return readFileSync(path, "latin1");
  } catch {
    return null;
  }
}

function markedProcesses(mark: string): number[] {
  const wanted = `${markVariable}=${mark}`;
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .filter((name) => readOrNull(`/proc/${name}/environ`)?.split("\0").includes(wanted))
    .map(Number);
}

function recordedProcesses(directory: string): number[] {
  if (!existsSync(directory)) return [];
  return readdirSync(directory)
    .filter((name) => name.endsWith(".pid"))
    .map((name) => Number(readOrNull(join(directory, name))?.trim()))
    .filter((pid) => Number.isInteger(pid) && pid > 1);
}

/** The ids of the processes with this mark; `directory` is the unit's charm directory. */
export function leftovers(mark: string, directory: string): number[] {
  return existsSync("/proc/self/environ") ? markedProcesses(mark) : recordedProcesses(directory);
}

/** Kills them, and those that they start meanwhile. Synchronous, so that it can be the last act of this process. */
export function killLeftovers(mark: string, directory: string): void {
  for (let round = 0; round < 10; round++) {
    const found = leftovers(mark, directory);
    if (found.length === 0) return;
    for (const pid of found) kill(pid);
  }
}

/** SIGKILL to a process, or to a process group if negative; it may be gone already. */
export function kill(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}
