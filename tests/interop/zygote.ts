/**
 * Python units without the start of a Python for each hook: a process that has everything imported forks for each, and the fork's
 * hook tools are answered by the model.
 *
 * @module
 */

import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { createInterface, type Interface } from "node:readline";
import { fileURLToPath } from "node:url";

/** The compiled file lies in build/js/tests/interop; Python is run where it is written. */
const root = fileURLToPath(new URL("../../../../", import.meta.url));
const patienceMs = 60_000;

/** What a hook says: it calls a hook tool, or is over. */
export type Said =
  | { readonly tool: string; readonly arguments: readonly string[] }
  | { readonly exit: number; readonly error: string };

export interface ToolAnswer {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Job {
  readonly library: string;
  readonly policy: string;
  /** The version that the unit serves, by lock. */
  readonly serves: Readonly<Record<string, string>>;
  readonly environment: Readonly<Record<string, string>>;
}

/** One hook in a fork of the zygote. */
export class Fork {
  readonly #socket: Socket;
  readonly #lines: AsyncIterator<string>;

  constructor(socket: Socket, lines: AsyncIterator<string>) {
    this.#socket = socket;
    this.#lines = lines;
  }

  /** What the hook says next. A fork that dies without a word has failed. */
  async next(): Promise<Said> {
    const { value, done } = await this.#lines.next();
    if (done === true) return { exit: 1, error: "the process ended without a word" };
    return JSON.parse(value) as Said;
  }

  answer(answer: ToolAnswer): void {
    this.#socket.write(`${JSON.stringify(answer)}\n`);
  }

  close(): void {
    this.#socket.destroy();
  }
}

/** See the module's comment. */
export class Zygote {
  readonly #process: ChildProcess;
  readonly #server: Server;
  readonly #expected = new Map<string, (fork: Fork) => void>();

  private constructor(server: Server) {
    this.#server = server;
    const { port } = server.address() as AddressInfo;
    const program = `${root}tests/interop/zygote.py`;
    this.#process = spawn(`${root}.venv/bin/python`, [program, String(port)], {
      env: {
        PATH: "/usr/bin:/bin",
        HOME: process.env.HOME ?? "/",
        PYTHONPATH: `${root}bindings/python`,
        // The old library needs distutils, and the one of setuptools takes a second to load.
        ...(hasDistutils() ? { SETUPTOOLS_USE_DISTUTILS: "stdlib" } : {}),
      },
      stdio: ["pipe", "pipe", "inherit"],
    });
    server.on("connection", (socket) => this.#greet(socket));
  }

  static async start(): Promise<Zygote> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const zygote = new Zygote(server);
    await zygote.#ready();
    return zygote;
  }

  async #ready(): Promise<void> {
    const ready = new Promise<boolean>((resolve) => {
      createInterface({ input: this.#process.stdout! }).once("line", () => resolve(true));
      this.#process.once("exit", () => resolve(false));
      this.#process.once("error", () => resolve(false));
    });
    if (await ready) return;
    this.#server.close();
    throw new Error("Python does not start: npm test makes .venv, which is needed here");
  }

  async #greet(socket: Socket): Promise<void> {
    socket.setNoDelay(true);
    socket.on("error", () => {});
    const input: Interface = createInterface({ input: socket });
    const lines = input[Symbol.asyncIterator]();
    const { value } = await lines.next();
    const { job } = JSON.parse(value ?? "{}") as { job?: string };
    const expect = this.#expected.get(job ?? "");
    if (expect === undefined) socket.destroy();
    else expect(new Fork(socket, lines));
  }

  /** Begins a hook. */
  fork(job: Job): Promise<Fork> {
    const id = randomBytes(8).toString("hex");
    return new Promise((resolve, reject) => {
      const late = setTimeout(() => reject(new Error("no fork within a minute")), patienceMs);
      this.#expected.set(id, (fork) => {
        clearTimeout(late);
        this.#expected.delete(id);
        resolve(fork);
      });
      this.#process.stdin!.write(`${JSON.stringify({ ...job, job: id })}\n`);
    });
  }

  async stop(): Promise<void> {
    const ended = new Promise((resolve) => this.#process.once("exit", resolve));
    this.#process.stdin!.end();
    this.#server.close();
    await ended;
  }
}

/** Python 3.12 and newer have none of their own. */
function hasDistutils(): boolean {
  const version = /^version *= *3\.(\d+)/m.exec(
    readFileSync(`${root}.venv/pyvenv.cfg`, "utf8"),
  )?.[1];
  return version !== undefined && Number(version) < 12;
}
