/**
 * Hook tools as functions: run one, read its JSON, and refuse what Juju would never say.
 *
 * @module
 */

import { execFileSync } from "node:child_process";
import { isObject } from "./contract.js";
import { HookToolError, HostError } from "./errors.js";
import type { Values } from "./host.js";

/** Runs a hook tool and gives its output. @throws HookToolError */
export type RunTool = (tool: string, args: readonly string[], input?: string) => string;

const MOST_OUTPUT = 64 << 20;

/** Runs the tool that is on PATH. */
export function runTool(tool: string, args: readonly string[], input = ""): string {
  try {
    return execFileSync(tool, args, {
      input,
      encoding: "utf8",
      maxBuffer: MOST_OUTPUT,
      stdio: "pipe",
    });
  } catch (error) {
    const { status, stderr, message } = error as Error & { status?: number; stderr?: string };
    throw new HookToolError(tool, args, status ?? null, stderr || message);
  }
}

/** Hook tools with their answers checked. */
export class Tools {
  readonly run: RunTool;

  constructor(run: RunTool) {
    this.run = run;
  }

  json(tool: string, ...args: string[]): unknown {
    const output = this.run(tool, ["--format=json", ...args]);
    try {
      return JSON.parse(output);
    } catch {
      throw unexpected(tool, "JSON", output);
    }
  }

  values(tool: string, ...args: string[]): Values {
    const answer = this.json(tool, ...args) ?? {};
    if (isObject(answer) && Object.values(answer).every((value) => typeof value === "string")) {
      return answer as Values;
    }
    throw unexpected(tool, "strings by key", JSON.stringify(answer));
  }

  strings(tool: string, ...args: string[]): string[] {
    const answer = this.json(tool, ...args) ?? [];
    if (Array.isArray(answer) && answer.every((item) => typeof item === "string")) return answer;
    throw unexpected(tool, "a list of strings", JSON.stringify(answer));
  }

  /** @returns false if the tool refused because this unit does not lead. */
  write(refusal: RegExp, tool: string, args: string[], input?: string): boolean {
    try {
      this.run(tool, args, input);
      return true;
    } catch (error) {
      if (error instanceof HookToolError && refusal.test(error.stderr)) return false;
      throw error;
    }
  }

  isLeader(): boolean {
    const answer = this.json("is-leader");
    if (typeof answer === "boolean") return answer;
    throw unexpected("is-leader", "true or false", JSON.stringify(answer));
  }
}

export function unexpected(tool: string, expected: string, found: string): HostError {
  return new HostError("bad_output", `${tool} gave ${found.slice(0, 80)}; expected ${expected}`);
}
