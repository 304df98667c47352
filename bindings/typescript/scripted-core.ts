/**
 * A core that gives prepared answers, for tests of what the binding does with them.
 *
 * @module
 */

import type { Callable } from "./engine.js";

export class ScriptedCore implements Callable {
  /** What it was given, in order. */
  readonly inputs: Record<string, unknown>[] = [];
  readonly #answers: object[];

  constructor(...answers: object[]) {
    this.#answers = answers;
  }

  call(input: Uint8Array): Uint8Array {
    this.inputs.push(JSON.parse(Buffer.from(input).toString()) as Record<string, unknown>);
    const answer = this.#answers.shift() ?? { error: { code: "script_over", message: "" } };
    if (answer instanceof Error) throw answer;
    return Buffer.from(JSON.stringify(answer));
  }
}

/** An answer to `start`, `acquire` or `withdraw`. */
export function view(fields: { granted?: string[]; requested?: string[] } = {}): object {
  const flags = { set: [], clear: [] };
  return {
    ok: { granted: [], requested: [], leading: false, flags, problems: [], log: [], ...fields },
  };
}
