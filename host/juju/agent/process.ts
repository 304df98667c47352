/**
 * Runs one program of a charm in a process group of its own, so that it can be killed with its children but without what it
 * has detached on purpose.
 *
 * @module
 */

import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { kill } from "./leftovers.js";

export interface Program {
  path: string;
  args: readonly string[];
  directory: string;
  env: Readonly<Record<string, string>>;
  stdin?: string;
  /** Called with each line the program writes. */
  onLine: (stream: "stdout" | "stderr", line: string) => void;
  /** Seconds after which it is killed. */
  timeout: number;
}

/** How it ended: `exit` is its exit code, or a signal ended it, or it could not be started, or took too long. */
export type Ended = { exit: number } | { signal: string } | { failure: string };

export interface Started {
  ended: Promise<Ended>;
  /** Kills the process group with SIGKILL. */
  kill(): void;
}

/** Milliseconds that output may still take after the program's end: a child that it left behind may hold the pipes for ever. */
const drainMs = 200;

function readLines(from: Readable, onLine: (line: string) => void): void {
  createInterface({ input: from, crlfDelay: Number.POSITIVE_INFINITY }).on("line", onLine);
}

/** Starts it. */
export function startProgram(program: Program): Started {
  const child = spawn(program.path, program.args, {
    cwd: program.directory,
    env: program.env,
    detached: true,
    stdio: [program.stdin === undefined ? "ignore" : "pipe", "pipe", "pipe"],
  });
  const killGroup = () => {
    if (child.pid !== undefined && child.exitCode === null && child.signalCode === null) {
      kill(-child.pid);
    }
  };
  readLines(child.stdout!, (line) => program.onLine("stdout", line));
  readLines(child.stderr!, (line) => program.onLine("stderr", line));
  child.stdin?.on("error", () => {}); // it may end without reading all of it
  child.stdin?.end(program.stdin);
  const ended = new Promise<Ended>((resolve) => {
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      killGroup();
    }, program.timeout * 1000);
    child.once("error", (error) => {
      clearTimeout(timer);
      resolve({ failure: `cannot start ${program.path}: ${error.message}` });
    });
    child.once("exit", (code, signal) => {
      clearTimeout(timer);
      const result: Ended = late
        ? { failure: `killed after ${program.timeout} s` }
        : signal !== null
          ? { signal }
          : { exit: code! };
      const drained = setTimeout(() => {
        child.stdout!.destroy();
        child.stderr!.destroy();
      }, drainMs);
      child.once("close", () => {
        clearTimeout(drained);
        resolve(result);
      });
    });
  });
  return { ended, kill: killGroup };
}
