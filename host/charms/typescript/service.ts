/**
 * The server that the charm manages: a process that outlives the hook which started it.
 *
 * @module
 */

import { spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { get } from "node:http";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { fileURLToPath } from "node:url";

const program = fileURLToPath(new URL("./server.js", import.meta.url));
const patienceMs = 60_000;

/** The server of this unit; `directory` keeps its process id and its port, which it has for life, `warmUp` is in seconds. */
export class Service {
  readonly #directory: string;
  readonly #warmUp: number;

  constructor(directory: string, warmUp: number) {
    this.#directory = directory;
    this.#warmUp = warmUp;
  }

  /** The version that the server answers; null if there is none that answers. */
  version(): Promise<string | null> {
    return new Promise((resolve) => {
      const port = this.#read("server.port");
      if (port === 0) {
        resolve(null);
        return;
      }
      get({ host: "127.0.0.1", port, agent: false }, (response) => {
        response.setEncoding("utf8");
        let text = "";
        response.on("data", (part) => {
          text += part;
        });
        response.on("end", () => resolve(text));
      }).on("error", () => resolve(null));
    });
  }

  /** Starts the server unless it runs, and waits until it answers this version. */
  async start(version: string): Promise<void> {
    if ((await this.version()) === null) {
      const port = String(this.#read("server.port"));
      const args = [program, version, port, this.#directory, String(this.#warmUp)];
      spawn(process.execPath, args, { detached: true, stdio: "ignore" }).unref();
    }
    await this.#until(version);
  }

  /** Stops the server and waits until nothing listens any more. */
  async stop(): Promise<void> {
    const pid = this.#read("server.pid");
    if ((await this.version()) === null) return;
    process.kill(pid);
    await this.#until(null);
  }

  async #until(version: string | null): Promise<void> {
    const deadline = Date.now() + patienceMs;
    while ((await this.version()) !== version) {
      if (Date.now() > deadline)
        throw new Error(`the server did not become ${version ?? "silent"}`);
      await setTimeout(10);
    }
  }

  /** A number in a file; 0 if it is not there. */
  #read(name: string): number {
    const path = join(this.#directory, name);
    return existsSync(path) ? Number(readFileSync(path, "utf8")) : 0;
  }
}
