/**
 * The charm of one unit in one hook, with whichever library: it runs to its operation, where other units' hooks may come between,
 * and then to its end.
 *
 * @module
 */

import { readFileSync } from "node:fs";
import { Coordinator } from "../../bindings/typescript/coordinator.js";
import { ModelHost } from "../../host/juju/inprocess.js";
import type { HookContext } from "../../host/juju/model/context.js";
import { runTool } from "../../host/juju/model/tools.js";
import type { Fork, ToolAnswer, Zygote } from "./zygote.js";

/** `original`: charmhelpers.coordinator as it is on PyPI. The others are this project's. */
export type Library = "original" | "drop-in" | "typescript";
export type Policy = "serial" | "simple";
export const locks = ["restart", "migrate"];

/** The version that a unit serves, by lock. */
export type Serves = Record<string, string>;

/** Where a hook has come to: it does the operation of a lock, or is over. */
export type Reached =
  | { readonly operates: string }
  | { readonly exit: number; readonly error: string };

/** A hook under way. */
export interface Program {
  /** Goes on from where it is. */
  go(): Promise<Reached>;
}

/** The Python charm, in a fork. */
export class PythonProgram implements Program {
  readonly #fork: Fork;
  readonly #context: HookContext;
  readonly #serves: Serves;
  #isOperating = false;

  private constructor(fork: Fork, context: HookContext, serves: Serves) {
    this.#fork = fork;
    this.#context = context;
    this.#serves = serves;
  }

  static async begin(
    zygote: Zygote,
    context: HookContext,
    how: { library: Library; policy: Policy; serves: Serves; directory: string },
  ): Promise<PythonProgram> {
    const { library, policy, serves, directory } = how;
    const environment = { ...context.env, JUJU_CHARM_DIR: directory, CHARM_DIR: directory };
    const fork = await zygote.fork({ library, policy, serves, environment });
    return new PythonProgram(fork, context, serves);
  }

  async go(): Promise<Reached> {
    if (this.#isOperating) this.#answer("");
    this.#isOperating = false;
    for (;;) {
      const said = await this.#fork.next();
      if ("exit" in said) {
        this.#fork.close();
        return said;
      }
      const [first = "", second = ""] = said.arguments;
      if (said.tool === "operate") {
        this.#isOperating = true;
        return { operates: first };
      }
      if (said.tool === "serves") {
        this.#serves[first] = second;
        this.#answer("");
      } else if (said.tool === "now") this.#answer(this.#context.now());
      else this.#fork.answer(this.#tool(said.tool, said.arguments));
    }
  }

  #answer(stdout: string): void {
    this.#fork.answer({ exitCode: 0, stdout, stderr: "" });
  }

  #tool(name: string, args: readonly string[]): ToolAnswer {
    const read = (path: string) => readFileSync(path, "utf8");
    const { exitCode, stdout, stderr } = runTool(this.#context, name, args, null, read);
    return { exitCode, stdout, stderr };
  }
}

/** The same charm on the TypeScript binding, in this process. */
export class TypeScriptProgram implements Program {
  readonly #steps: Generator<Reached, Reached>;

  constructor(context: HookContext, policy: Policy, serves: Serves) {
    this.#steps = steps(new ModelHost(context), policy, serves);
  }

  async go(): Promise<Reached> {
    try {
      return this.#steps.next().value;
    } catch (problem) {
      return { exit: 1, error: String(problem) };
    }
  }
}

function* steps(host: ModelHost, policy: Policy, serves: Serves): Generator<Reached, Reached> {
  const wanted = String(host.hook.config().version);
  const coordinator = new Coordinator(host, { policy });
  coordinator.start();
  if (host.hook.name === "start") for (const lock of locks) serves[lock] ??= wanted;
  for (const lock of locks) {
    if ((serves[lock] ?? wanted) === wanted) continue;
    if (host.hook.name === "config-changed") coordinator.acquire(lock);
    if (!coordinator.granted(lock)) continue;
    yield { operates: lock };
    serves[lock] = wanted;
  }
  host.end();
  return { exit: 0, error: "" };
}
