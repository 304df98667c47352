/**
 * The engines side by side: V8 in this process, the others each in one of its own, which takes a line of JSON for every subject and
 * answers a line: what came of each input, and the error with which it ended, if one did.
 *
 * @module
 */

import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { parseAnswer } from "../../bindings/typescript/contract.js";
import { loadModule, type Module, ModuleError } from "../../bindings/typescript/index.js";
import { hasPython, python } from "../python.js";
import type { Subject } from "./subjects.js";

/** The same in every language, as one line of JSON: `[answer in base64, …]`, the error's code and the trap's, or `""`. */
export type Outcome = string;

export interface Engine {
  readonly name: string;
  run(subject: Subject): Promise<Outcome>;
  stop(): void;
}

const root = new URL("../../../../", import.meta.url);
const fileOf = (module: string): URL =>
  new URL(module === "core" ? "build/coordinator.wasm" : `build/guests/${module}.wasm`, root);

class V8 implements Engine {
  readonly name = "V8";
  readonly #modules = new Map<string, Module>();

  async run({ module, inputs }: Subject): Promise<Outcome> {
    const answers: string[] = [];
    try {
      const instance = this.#load(module).instantiate();
      for (const input of inputs) {
        const answer = instance.call(input);
        answers.push(Buffer.from(answer).toString("base64"));
        parseAnswer(answer);
      }
      return outcome(answers, "", "");
    } catch (error) {
      if (!(error instanceof ModuleError)) throw error;
      return outcome(answers, error.code, error.trap ?? "");
    }
  }

  stop(): void {}

  #load(name: string): Module {
    const known = this.#modules.get(name);
    if (known !== undefined) return known;
    const kind = name === "core" ? "core" : "policy";
    // Nothing here is slow on purpose, and on a loaded machine anything may be.
    const module = loadModule(readFileSync(fileOf(name)), { kind, time: 60_000 });
    this.#modules.set(name, module);
    return module;
  }
}

function outcome(answers: readonly string[], code: string, trap: string): Outcome {
  return JSON.stringify([answers, code, trap]);
}

/** An engine in a process of its own. */
class Other implements Engine {
  readonly name: string;
  readonly #process: ChildProcessWithoutNullStreams;
  readonly #waiting: { resolve: (line: string) => void; reject: (error: Error) => void }[] = [];
  #stderr = "";
  #failure: Error | null = null;

  constructor(name: string, program: string, args: readonly string[], env: NodeJS.ProcessEnv) {
    this.name = name;
    this.#process = spawn(program, args, { env: { ...process.env, ...env } });
    this.#process.stderr.on("data", (text) => {
      this.#stderr += text;
    });
    this.#process.stdin.on("error", () => {});
    this.#process.on("error", (error) => this.#fail(error.message));
    this.#process.on("close", () => this.#fail(`it ended: ${this.#stderr}`));
    createInterface({ input: this.#process.stdout }).on("line", (line) =>
      this.#waiting.shift()?.resolve(line),
    );
  }

  run({ module, inputs }: Subject): Promise<Outcome> {
    const line = JSON.stringify({
      module: fileURLToPath(fileOf(module)),
      kind: module === "core" ? "core" : "policy",
      inputs: inputs.map((input) => Buffer.from(input).toString("base64")),
    });
    return new Promise((resolve, reject) => {
      if (this.#failure !== null) throw this.#failure;
      this.#waiting.push({ resolve, reject });
      this.#process.stdin.write(`${line}\n`);
    });
  }

  stop(): void {
    this.#process.stdin.end();
  }

  #fail(why: string): void {
    const failure = new Error(`${this.name}: ${why}`);
    this.#failure ??= failure;
    for (const { reject } of this.#waiting.splice(0)) reject(failure);
  }
}

const goRunner = fileURLToPath(new URL("build/go-runner", root));
const pythonRunner = fileURLToPath(new URL("tests/equivalence/runner.py", root));

/** Starts all that can run here; `missing` says which cannot. */
export function startEngines(): { engines: Engine[]; missing: string[] } {
  const engines: Engine[] = [new V8()];
  const missing: string[] = [];
  if (hasPython) {
    const env = { PYTHONPATH: fileURLToPath(new URL("bindings/python", root)) };
    engines.push(new Other("wasmtime", python, [pythonRunner], env));
  } else {
    missing.push("wasmtime: no virtual environment of Python here");
  }
  if (existsSync(goRunner)) {
    engines.push(new Other("wazero's compiler", goRunner, ["compiler"], {}));
    engines.push(new Other("wazero's interpreter", goRunner, ["interpreter"], {}));
  } else {
    missing.push("wazero: no runner built with Go here");
  }
  return { engines, missing };
}
