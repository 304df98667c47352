/**
 * The two ways to run an application: as processes by the agent, or as functions in this process.
 *
 * @module
 */

import { Agent } from "../agent/agent.js";
import { type Charm, drive, type ModelHost, type Running } from "../inprocess.js";
import type { Operations } from "../measure/operations.js";
import type { HookContext } from "../model/context.js";
import type { LocalJuju } from "../model/juju.js";
import type { Outcome } from "../model/lifecycle.js";
import type { Event } from "../model/state.js";
import { charms } from "./charms.js";
import type { Moment } from "./condition.js";
import type { Scenario } from "./scenario.js";

/** How a hook is to end. `now`: it is stopped where it is. */
export interface Doom {
  outcome: Outcome;
  now: boolean;
}

/** What a driver tells the player, and asks it. Every call is synchronous. */
export interface Listener {
  happened(moment: Moment): void;
  /** A hook has ended: units may be idle. */
  idle(): void;
  doomOf(unit: string): Doom | undefined;
  /** The doom has been carried out. */
  met(unit: string): void;
  /** A charm process has written a line. */
  output(unit: string, line: string): void;
}

export interface Driver {
  readonly hooks: number;
  readonly hookTools: number;
  /** Runs hooks until nothing is due. @returns false if `limit` hooks were begun before that. */
  run(limit: number): Promise<boolean>;
  /** Stops the unit's hook where it is. */
  kill(unit: string): void;
  exec(unit: string, script: string): Promise<void>;
  action(unit: string, name: string, parameters: Record<string, unknown>): Promise<void>;
  stop(): Promise<void>;
}

const nameOf = (context: HookContext): string =>
  context.hookName || context.actionName || "juju-exec";

/** The outcome of a hook that ended so, with its doom. A crash or a refusal befalls only a hook that succeeded. */
function outcomeOf(listener: Listener, unit: string, outcome: Outcome): Outcome {
  const doom = listener.doomOf(unit);
  if (doom === undefined) return outcome;
  listener.met(unit);
  const succeeded = "exit" in outcome && outcome.exit === 0;
  return doom.now || succeeded ? doom.outcome : outcome;
}

/** Charms as processes. */
export async function processDriver(
  scenario: Scenario,
  directoryOf: (unit: string) => string,
  juju: LocalJuju,
  operations: Operations,
  listener: Listener,
): Promise<Driver> {
  const agent = await Agent.start({
    juju,
    charmOf: directoryOf,
    concurrency: scenario.concurrency,
    watcher: {
      began: (context) =>
        listener.happened({ kind: "runs", unit: context.unit, hook: nameOf(context) }),
      tool: (context, { name, args }, n) => {
        const { unit } = context;
        if (listener.doomOf(unit)?.now) return "kill";
        listener.happened({ kind: "calls", unit, tool: name, n, hook: nameOf(context) });
        if (listener.doomOf(unit)?.now) return "kill";
        if (operations.tool(context, name, args) === "began") {
          listener.happened({ kind: "operates", unit });
        }
        return listener.doomOf(unit)?.now ? "kill" : undefined;
      },
      ending: (context, outcome) => outcomeOf(listener, context.unit, outcome),
      ended: (context) => {
        operations.look();
        listener.idle();
        listener.happened({ kind: "ends", unit: context.unit, hook: nameOf(context) });
      },
      output: (unit, stream, line) => {
        if (stream === "stderr") listener.output(unit, line);
      },
    },
  });
  return {
    get hooks() {
      return agent.hooks;
    },
    get hookTools() {
      return agent.hookTools;
    },
    run: async (limit) => (await agent.run(undefined, limit)) === "quiet",
    kill: (unit) => agent.kill(unit),
    exec: async (unit, script) => {
      await agent.exec(unit, script);
    },
    action: async (unit, name, parameters) => {
      await agent.action(unit, name, parameters);
    },
    stop: () => agent.stop(),
  };
}

/** A charm in this process, watched: its operations are counted, and its doom is carried out. */
class Watched implements Charm {
  readonly #charm: Charm;
  readonly #operations: Operations;
  readonly #listener: Listener;

  constructor(charm: Charm, operations: Operations, listener: Listener) {
    this.#charm = charm;
    this.#operations = operations;
    this.#listener = listener;
  }

  begin(host: ModelHost, event: Event): Running {
    const { unit } = host.context;
    this.#listener.happened({ kind: "runs", unit, hook: nameOf(host.context) });
    const running = this.#charm.begin(host, event);
    const [lock] = running.operating;
    if (lock !== undefined && this.#operations.begin(unit, lock)) {
      this.#listener.happened({ kind: "operates", unit });
    }
    return {
      operating: running.operating,
      end: () => {
        if (this.#listener.doomOf(unit)?.now) {
          // It never came so far: what it would have written at its end is not written.
          host.end = () => {};
          return;
        }
        running.end();
        if (lock !== undefined) this.#operations.end(unit);
      },
    };
  }
}

/** Charms as functions. */
export function inprocessDriver(
  scenario: Scenario,
  name: string,
  juju: LocalJuju,
  operations: Operations,
  listener: Listener,
): Driver {
  const units = new Map<string, Charm>();
  const charm = (unit: string): Charm => {
    let own = units.get(unit);
    if (own === undefined) {
      own = new Watched(charms[name]!(), operations, listener);
      units.set(unit, own);
    }
    return own;
  };
  let seen = 0;
  /** Tells of the hooks that have ended since the last time. */
  const look = () => {
    operations.look();
    listener.idle();
    for (; seen < juju.history.length; seen++) {
      const record = juju.history[seen]!;
      if (record.type !== "hook") continue;
      driver.hookTools += Object.values(record.tools).reduce((sum, calls) => sum + calls, 0);
      driver.hooks += 1;
      listener.happened({ kind: "ends", unit: record.unit, hook: record.event });
    }
  };
  const driver = {
    hooks: 0,
    hookTools: 0,
    run: async (limit: number) => {
      const { quiet } = drive({
        juju,
        charm,
        before: look,
        outcome: (context) => outcomeOf(listener, context.unit, { exit: 0 }),
        maxSteps: 3 * limit,
      });
      look();
      return quiet && driver.hooks < limit;
    },
    // Between its two halves a hook does nothing: its doom waits for the second.
    kill: () => {},
    exec: () =>
      Promise.reject(new Error(`${scenario.name}: a charm in this process runs no scripts`)),
    action: () =>
      Promise.reject(new Error(`${scenario.name}: a charm in this process has no actions`)),
    stop: () => Promise.resolve(),
  };
  return driver;
}
