/**
 * One unit's machine: its charm directory, the environment of its programs, and what of it still runs.
 *
 * @module
 */

import { randomBytes } from "node:crypto";
import { copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, delimiter, dirname, join, resolve } from "node:path";
import type { HookContext } from "../model/context.js";
import { runTool } from "../model/tools.js";
import { handlerOf, isExecutable, unpackCharm } from "./charm-directory.js";
import { killLeftovers, markVariable } from "./leftovers.js";
import type { Program } from "./process.js";
import type { ToolAnswer, ToolCall, ToolServer } from "./tool-server.js";

/** What of this program's own environment a hook may see: Juju starts hooks with next to nothing. */
const inherited = ["HOME", "LANG", "LC_ALL", "SHELL", "TMPDIR", "TZ", "USER"];

/** Juju gives the script of juju-exec to bash. */
const shell = (): string => (existsSync("/bin/bash") ? "/bin/bash" : "/bin/sh");

/** A program to run, or why none is run. */
export type Handler = Pick<Program, "path" | "args" | "stdin"> | "missing" | "not executable";

/** See the module's comment. */
export class Machine {
  readonly directory: string;
  readonly secret: string;
  readonly #mark = randomBytes(16).toString("hex");
  readonly #server: ToolServer;
  readonly #toolbox: string;

  /** @throws AgentError `no_charm` */
  constructor(charm: string, directory: string, toolbox: string, server: ToolServer) {
    unpackCharm(charm, directory);
    this.directory = directory;
    this.#toolbox = toolbox;
    this.#server = server;
    this.secret = server.addUnit();
  }

  /** What Juju runs in this context; `script` is a juju-exec command's. */
  handler(context: HookContext, script: string | null): Handler {
    if (script !== null) return { path: shell(), args: ["-s"], stdin: script };
    const path = handlerOf(this.directory, context.env.JUJU_DISPATCH_PATH ?? "");
    if (path === null) return "missing";
    return isExecutable(path) ? { path, args: [] } : "not executable";
  }

  /** The environment of a program in this context. */
  environment(context: HookContext): Record<string, string> {
    const own: Record<string, string> = {};
    for (const name of inherited) {
      const value = process.env[name];
      if (value !== undefined) own[name] = value;
    }
    const path = [this.#toolbox, dirname(process.execPath), process.env.PATH ?? "/usr/bin:/bin"];
    return {
      ...own,
      ...context.env,
      PATH: path.join(delimiter),
      CHARM_DIR: this.directory,
      JUJU_CHARM_DIR: this.directory,
      JUJU_AGENT_SOCKET_ADDRESS: this.#server.address,
      JUJU_AGENT_SOCKET_NETWORK: "tcp",
      LOCAL_JUJU_SECRET: this.secret,
      [markVariable]: this.#mark,
    };
  }

  /** Puts another revision of the charm in place. @throws AgentError `no_charm` */
  upgrade(charm: string): void {
    unpackCharm(charm, this.directory);
  }

  /** Puts a resource's file where Juju does: beside the charm. @returns the file's path. @throws Error if it is not to be had. */
  download(resource: string, path: string): string {
    const folder = join(dirname(this.directory), "resources", resource);
    mkdirSync(folder, { recursive: true });
    const copy = join(folder, basename(path));
    copyFileSync(path, copy);
    return copy;
  }

  /** Kills whatever the charm has left running on this machine. */
  kill(): void {
    killLeftovers(this.#mark, this.directory);
  }

  /** The machine is gone, and no hook tool of it is answered any more. */
  remove(): void {
    this.kill();
    this.#server.removeUnit(this.secret);
  }
}

/** Carries out a hook tool, with the files that its arguments name: paths start at the tool's working directory. */
export function answerTool(
  machine: Machine,
  context: HookContext,
  { name, args, stdin, directory }: ToolCall,
): ToolAnswer {
  const read = (path: string) => readFileSync(resolve(directory, path), "utf8");
  const { exitCode, stdout, stderr, file } = runTool(context, name, args, stdin, read);
  try {
    if (name === "resource-get" && exitCode === 0) {
      return { exitCode, stdout: `${machine.download(args.at(-1)!, stdout.trimEnd())}\n`, stderr };
    }
    if (file !== undefined) writeFileSync(resolve(directory, file.path), file.content);
    return { exitCode, stdout, stderr };
  } catch (error) {
    return { exitCode: 1, stdout: "", stderr: `ERROR ${(error as Error).message}\n` };
  }
}
