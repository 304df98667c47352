/**
 * Runs a command, a program for WASI: one fresh run, the input on its standard input, the answer on its standard output.
 *
 * @module
 */

import type { Callable } from "./engine.js";
import { Guard, type Limits, type Metered } from "./guard.js";
import { isUtf8 } from "./later.js";
import { Exit, surround } from "./wasi.js";
import * as wasm from "./webassembly.js";

/** Takes each line that a command writes on standard error. */
export type TakeLine = (line: string) => void;

interface Exports extends Metered {
  _start(): void;
}

/** A command that has been prepared by `meter.ts`. Compiled once; each operation is a run of its own. */
export class Command {
  readonly kind = "command";
  readonly #compiled: wasm.CompiledModule;
  readonly #limits: Limits;

  constructor(compiled: wasm.CompiledModule, limits: Limits) {
    this.#compiled = compiled;
    this.#limits = limits;
  }

  instantiate(log: TakeLine): CommandRun {
    return new CommandRun(this.#compiled, this.#limits, log);
  }
}

/** One run of a command. */
export class CommandRun implements Callable {
  readonly #module: wasm.CompiledModule;
  readonly #guard: Guard;
  readonly #log: TakeLine;

  constructor(module: wasm.CompiledModule, limits: Limits, log: TakeLine) {
    this.#module = module;
    this.#guard = new Guard(limits);
    this.#log = log;
  }

  /** How much fuel it has used, the same on every machine and in every language. */
  get fuelUsed(): bigint | null {
    return this.#guard.fuelUsed;
  }

  /** Runs it to its end; to be called once. @throws ModuleError `exit` and everything that befalls a module. */
  call(input: Uint8Array): Uint8Array {
    const guard = this.#guard;
    const { text } = guard.limits;
    if (input.length > text) {
      guard.fail("too_long", `the input has ${input.length} bytes; the limit is ${text}`);
    }
    const around = surround(this.#module, input, text);
    try {
      const code = guard.run(() => {
        const instance = new wasm.Instance(this.#module, around.imports);
        const exports = instance.exports as Exports;
        guard.exports = exports;
        around.attach(instance);
        return runOf(exports);
      });
      if (code !== 0) guard.fail("exit", `it ended with exit code ${code}`);
    } finally {
      const lines = new TextDecoder("utf-8", { ignoreBOM: true }).decode(around.errors());
      for (const line of lines.split("\n")) if (line !== "") this.#log(line);
    }
    const answer = around.output();
    if (!isUtf8(answer)) {
      guard.fail("not_utf8", `the answer of ${answer.length} bytes is not UTF-8`);
    }
    return answer;
  }
}

/** @returns the exit code. */
function runOf(exports: Exports): number {
  try {
    exports.coordinator_start?.();
    exports._start();
    return 0;
  } catch (error) {
    if (error instanceof Exit) return error.code;
    throw error;
  }
}
