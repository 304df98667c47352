/**
 * The agent: runs what the model says is due as real processes, those of different units in parallel.
 *
 * It decides nothing about Juju: which hook is due, what a tool answers and what a commit does is the model's (`../model`).
 *
 * @module
 */

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { HookContext } from "../model/context.js";
import type { LocalJuju } from "../model/juju.js";
import type { Outcome, Result } from "../model/lifecycle.js";
import { pick, type Random, seeded } from "../model/random.js";
import { toolNames } from "../model/tools.js";
import { answerTool, Machine } from "./machine.js";
import { type Started, startProgram } from "./process.js";
import { type ToolCall, ToolServer } from "./tool-server.js";
import { makeToolbox } from "./toolbox.js";

/** Where a driver steps in: faults, measurement, progress. Every call is synchronous. */
export interface Watcher {
  /** A hook, action or command begins. */
  began?(context: HookContext): void;
  /** A hook tool is about to be carried out; `n` counts from 1 in this context. `"kill"`: the hook is killed instead. */
  tool?(context: HookContext, call: ToolCall, n: number): "kill" | undefined;
  /** The program has ended. What is returned is what the model is told. */
  ending?(context: HookContext, outcome: Outcome): Outcome;
  /** The model has committed it, or refused, or put the unit in error. */
  ended?(context: HookContext, result: Result): void;
  /** The program wrote a line: Juju logs standard output at DEBUG, standard error at WARNING. */
  output?(unit: string, stream: "stdout" | "stderr", line: string): void;
}

export interface AgentOptions {
  juju: LocalJuju;
  /** The charm directory of a unit: asked before its first hook, and before each upgrade-charm. */
  charmOf: (unit: string) => string;
  /** How many hooks may run at the same time; default 2. With 1 the seed alone decides their order. */
  concurrency?: number;
  /** Seconds after which a hook is killed and counts as failed; default 120. */
  hookTimeout?: number;
  /** What the programs of a unit find in their environment besides; asked for each. */
  environmentOf?: (unit: string) => Readonly<Record<string, string>>;
  watcher?: Watcher;
}

/** What an action or a juju-exec command came to. */
export interface CommandResult {
  outcome: Outcome;
  result: Result;
  stdout: string;
  stderr: string;
}

interface Command {
  begin: () => HookContext;
  script: string | null;
  resolve: (result: CommandResult) => void;
  reject: (error: unknown) => void;
}

/**
 * See the module's comment.
 *
 * @example
 * const agent = await Agent.start({ juju, charmOf: () => "charms/mine" });
 * try {
 *   await agent.run(); // until nothing is due any more
 * } finally {
 *   await agent.stop();
 * }
 */
export class Agent {
  readonly #juju: LocalJuju;
  readonly #options: AgentOptions;
  readonly #watcher: Watcher;
  readonly #server: ToolServer;
  readonly #random: Random;
  /** Everything of this run lives here and is removed with it. */
  readonly #folder = mkdtempSync(join(tmpdir(), "local-juju-"));
  readonly #machines = new Map<string, Machine>();
  /** The units that run something, and when that will have ended. */
  readonly #running = new Map<string, Promise<void>>();
  readonly #programs = new Map<string, Started>();
  readonly #commands = new Map<string, Command[]>();
  readonly #killAll = () => this.#killMachines();
  #wake: () => void = () => {};
  #failure: unknown = null;
  #stopped = false;
  #clock = performance.now();
  #hooks = 0;
  #hookTools = 0;

  private constructor(options: AgentOptions, server: ToolServer) {
    this.#options = options;
    this.#juju = options.juju;
    this.#watcher = options.watcher ?? {};
    this.#server = server;
    this.#random = seeded(options.juju.state.seed);
    process.once("exit", this.#killAll);
  }

  /** @throws AgentError `no_tools` */
  static async start(options: AgentOptions): Promise<Agent> {
    const agent = new Agent(options, await ToolServer.listen());
    try {
      const version = options.juju.state.juju;
      await makeToolbox(agent.#toolbox, toolNames(version), agent.#server);
      return agent;
    } catch (error) {
      await agent.stop();
      throw error;
    }
  }

  get #toolbox(): string {
    return join(this.#folder, "tools");
  }

  /** Hooks, actions and commands begun so far. */
  get hooks(): number {
    return this.#hooks;
  }

  /** Hook tools answered so far. */
  get hookTools(): number {
    return this.#hookTools;
  }

  /** The unit's charm directory; null before its first hook. */
  directory(unit: string): string | null {
    return this.#machines.get(unit)?.directory ?? null;
  }

  /**
   * Runs hooks until nothing is due and nothing runs. Retries of failed hooks are not waited for: the model's clock is moved on.
   *
   * @param until stop early, with hooks perhaps still running, once this holds; it is asked after each hook.
   * @param limit stop early when so many hooks have begun in this agent's life.
   * @returns why it stopped.
   */
  async run(
    until: () => boolean = () => false,
    limit = Number.POSITIVE_INFINITY,
  ): Promise<"quiet" | "until" | "limit" | "stopped"> {
    for (;;) {
      if (this.#stopped) return "stopped";
      if (this.#failure !== null) throw this.#failure;
      this.#removeDead();
      this.#passTime();
      if (until()) return "until";
      if (this.#hooks >= limit) return "limit";
      while (this.#running.size < (this.#options.concurrency ?? 2)) {
        if (!this.#beginOne()) break;
      }
      if (this.#running.size === 0) {
        const wait = this.#juju.untilRetry();
        if (wait === null) return "quiet";
        this.#juju.advance(wait);
      } else {
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
      }
    }
  }

  /** Runs a script by juju-exec: before the unit's next hook, in error too. `run` must be running, or be called. */
  exec(unit: string, script: string, options: { relation?: boolean } = {}): Promise<CommandResult> {
    return this.#queue(unit, () => this.#juju.exec(unit, options), script);
  }

  /** Runs an action of the charm, in the same way. */
  action(
    unit: string,
    name: string,
    parameters: Readonly<Record<string, unknown>> = {},
  ): Promise<CommandResult> {
    return this.#queue(unit, () => this.#juju.action(unit, name, parameters), null);
  }

  /** Kills the hook that the unit runs now, with SIGKILL; what it has detached lives on. */
  kill(unit: string): void {
    this.#programs.get(unit)?.kill();
  }

  /** Kills everything that runs, hooks and what they left behind, and removes the machines. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#wake();
    process.removeListener("exit", this.#killAll);
    for (const unit of this.#running.keys()) this.kill(unit);
    this.#killMachines();
    await Promise.all(this.#running.values());
    this.#killMachines();
    await this.#server.stop();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #killMachines(): void {
    for (const machine of this.#machines.values()) machine.kill();
  }

  #queue(unit: string, begin: () => HookContext, script: string | null): Promise<CommandResult> {
    return new Promise((resolve, reject) => {
      const queue = this.#commands.get(unit) ?? [];
      queue.push({ begin, script, resolve, reject });
      this.#commands.set(unit, queue);
      this.#wake();
    });
  }

  /** The model's clock goes on at least as fast as this machine's. */
  #passTime(): void {
    const now = performance.now();
    this.#juju.advance((now - this.#clock) / 1000);
    this.#clock = now;
  }

  /** A dead unit's machine is gone, with all that ran on it. */
  #removeDead(): void {
    for (const [unit, machine] of this.#machines) {
      if (this.#juju.unit(unit).life !== "dead") continue;
      this.#programs.get(unit)?.kill();
      machine.remove();
      this.#machines.delete(unit);
    }
  }

  /** Begins one hook or command of a unit that has something due. @returns false if there is none. */
  #beginOne(): boolean {
    const idle = this.#juju.units.filter((unit) => !this.#running.has(unit));
    const commanded = idle.find((unit) => (this.#commands.get(unit)?.length ?? 0) > 0);
    if (commanded !== undefined) {
      this.#beginCommand(commanded, this.#commands.get(commanded)!.shift()!);
      return true;
    }
    const ready = idle.filter((unit) => this.#juju.due(unit).length > 0);
    if (ready.length === 0) return false;
    const unit = pick(this.#random, ready);
    this.#track(unit, this.#execute(this.#juju.begin(unit, this.#juju.next(unit)!), null));
    return true;
  }

  #beginCommand(unit: string, command: Command): void {
    const run = async () => command.resolve(await this.#execute(command.begin(), command.script));
    this.#track(unit, run().catch(command.reject));
  }

  #track(unit: string, work: Promise<unknown>): void {
    const done = work
      .catch((error) => {
        this.#failure ??= error;
      })
      .then(() => {
        this.#running.delete(unit);
        this.#programs.delete(unit);
        this.#wake();
      });
    this.#running.set(unit, done);
  }

  async #execute(context: HookContext, script: string | null): Promise<CommandResult> {
    const { unit } = context;
    const machine = this.#machine(unit);
    if (context.event?.kind === "upgrade-charm") machine.upgrade(this.#options.charmOf(unit));
    const output = { stdout: "", stderr: "" };
    const onLine = (stream: "stdout" | "stderr", line: string) => {
      output[stream] += `${line}\n`;
      this.#watcher.output?.(unit, stream, line);
    };
    this.#hooks += 1;
    this.#watcher.began?.(context);
    const ended = await this.#runProgram(machine, context, script, onLine);
    this.#passTime();
    const outcome = this.#watcher.ending?.(context, ended) ?? ended;
    const result = context.finish(outcome);
    // Only now: Juju too answers a late child of the hook until everything is committed.
    this.#server.close(machine.secret);
    this.#watcher.ended?.(context, result);
    return { outcome, result, ...output };
  }

  async #runProgram(
    machine: Machine,
    context: HookContext,
    script: string | null,
    onLine: (stream: "stdout" | "stderr", line: string) => void,
  ): Promise<Outcome> {
    const handler = machine.handler(context, script);
    if (handler === "missing") return { exit: 0 };
    if (handler === "not executable") {
      onLine("stderr", `${context.env.JUJU_DISPATCH_PATH}: permission denied`);
      return { exit: 126 };
    }
    const own = this.#options.environmentOf?.(context.unit) ?? {};
    const env = { ...machine.environment(context), ...own };
    const timeout = this.#options.hookTimeout ?? 120;
    const { directory } = machine;
    const program = startProgram({ ...handler, directory, env, onLine, timeout });
    this.#programs.set(context.unit, program);
    let n = 0;
    this.#server.open(machine.secret, env.JUJU_CONTEXT_ID!, (call) => {
      this.#passTime();
      n += 1;
      this.#hookTools += 1;
      if (this.#watcher.tool?.(context, call, n) === "kill") {
        program.kill();
        return { exitCode: 1, stdout: "", stderr: "" };
      }
      return answerTool(machine, context, call);
    });
    const ended = await program.ended;
    if (!("failure" in ended)) return ended;
    onLine("stderr", ended.failure);
    return { exit: 1 };
  }

  #machine(unit: string): Machine {
    let machine = this.#machines.get(unit);
    if (machine === undefined) {
      const directory = join(this.#folder, unit.replace("/", "-"), "charm");
      machine = new Machine(this.#options.charmOf(unit), directory, this.#toolbox, this.#server);
      this.#machines.set(unit, machine);
    }
    return machine;
  }
}
