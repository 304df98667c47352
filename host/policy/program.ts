/**
 * A policy's file, asked one operation after the other, each in an instance of its own, with whatever input.
 *
 * @module
 */

import { shallow } from "../../bindings/typescript/answers.js";
import { type Answer, parseAnswer } from "../../bindings/typescript/contract.js";
import { loadProgram } from "../../bindings/typescript/module.js";

export interface Asked {
  readonly answer: Answer;
  readonly fuelUsed: bigint | null;
  /** What a command wrote on standard error. */
  readonly log: readonly string[];
}

export class Program {
  readonly #program: ReturnType<typeof loadProgram>;

  /** @throws ModuleError if the file is none of a policy. */
  constructor(bytes: Uint8Array) {
    this.#program = loadProgram(bytes);
  }

  get kind(): "module" | "command" {
    return this.#program.kind === "command" ? "command" : "module";
  }

  /** @throws ModuleError if it fails. */
  ask(input: string): Asked {
    const log: string[] = [];
    const running = this.#program.instantiate((line) => log.push(line));
    const answer = parseAnswer(shallow(running.call(Buffer.from(input))));
    return { answer, fuelUsed: running.fuelUsed, log };
  }
}
