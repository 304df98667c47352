/**
 * A contender in another language: a program that stays, and is told line by line what to do.
 *
 * On its standard input come lines of JSON: `{"inputs": ["start.json", "end.json"], "milliseconds": 150}`, files with what the core
 * is given in one hook, in order. It decides again and again for about so long, at least once, each time with what a hook would
 * have new (an instance, an object), the making of which is not counted, and writes one line: `{"milliseconds": [0.31, 0.3],
 * "granted": ["app/60"]}`, what each decision took and which units it granted something to. It ends when its input ends.
 *
 * @module
 */

import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Contender } from "./contender.js";
import type { Decision } from "./input.js";

interface Answer {
  readonly milliseconds: readonly number[];
  readonly granted: readonly string[];
  /** Instructions of one decision; only of who can count them. */
  readonly fuel?: number;
}

export class Program implements Contender {
  readonly name: string;
  readonly most: number;
  readonly #child: ChildProcess;
  readonly #lines: AsyncIterator<string>;
  readonly #folder = mkdtempSync(join(tmpdir(), "bench-"));
  readonly #files = new Map<Decision, string[]>();
  #errors = "";

  /** @param most the most units it is asked to decide for. */
  constructor(name: string, command: readonly string[], most = Number.POSITIVE_INFINITY) {
    this.name = name;
    this.most = most;
    const [program, ...args] = command;
    this.#child = spawn(program!, args, { stdio: ["pipe", "pipe", "pipe"] });
    this.#child.on("error", ({ message }) => {
      this.#errors += message;
    });
    // Writing to a program that is gone fails later than its end is seen; the end is what is told.
    this.#child.stdin!.on("error", () => {});
    this.#child.stderr!.on("data", (text) => {
      this.#errors += text;
    });
    this.#lines = createInterface({ input: this.#child.stdout! })[Symbol.asyncIterator]();
  }

  async granted(decision: Decision): Promise<string[]> {
    return [...(await this.#ask(decision, 0)).granted];
  }

  async time(decision: Decision, milliseconds: number): Promise<readonly number[]> {
    return (await this.#ask(decision, milliseconds)).milliseconds;
  }

  /** Instructions of one decision, the same on every machine; undefined from who cannot count them. */
  async fuel(decision: Decision): Promise<number | undefined> {
    return (await this.#ask(decision, 0)).fuel;
  }

  close(): void {
    this.#child.stdin!.end();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  async #ask(decision: Decision, milliseconds: number): Promise<Answer> {
    const inputs = this.#filesOf(decision);
    this.#child.stdin!.write(`${JSON.stringify({ inputs, milliseconds })}\n`);
    const { value: text, done } = await this.#lines.next();
    if (done) throw new Error(`${this.name} ended: ${this.#errors.trim().slice(-1000)}`);
    return JSON.parse(text) as Answer;
  }

  #filesOf(decision: Decision): string[] {
    let files = this.#files.get(decision);
    if (files === undefined) {
      const number = this.#files.size;
      files = decision.inputs.map((bytes, at) => {
        const file = join(this.#folder, `${number}-${at}.json`);
        writeFileSync(file, bytes);
        return file;
      });
      this.#files.set(decision, files);
    }
    return files;
  }
}
