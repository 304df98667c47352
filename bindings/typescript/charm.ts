/**
 * A whole charm: handlers by event and by flag, with the coordinator started before them and ended after them.
 *
 * @module
 */

import { basename } from "node:path";
import { Coordinator, type CoordinatorOptions } from "./coordinator.js";
import type { Hook, Host } from "./host.js";
import { type JujuOptions, jujuHost } from "./juju.js";

/** What a handler is given; each may be taken out of it by name. */
export interface HandlerContext
  extends Pick<Coordinator, "acquire" | "granted" | "requested" | "withdraw" | "status"> {
  readonly hook: Hook;
}

export type Handler = (context: HandlerContext) => void | Promise<void>;

export type CharmOptions = CoordinatorOptions & Pick<JujuOptions, "relation" | "store">;

export interface Charm {
  /** Runs the handler at this event: `config-changed`, or the name of an action. Several run in the order given. */
  on(event: string, handler: Handler): Charm;
  /**
   * Runs the handler in each hook in which the flag is set, once: after the handlers of the event, or when a later handler has
   * acquired the lock. In an action or juju-exec, which give no lock back, no `coordinator.granted` flag is ever set.
   */
  when(flag: string, handler: Handler): Charm;
  /**
   * Runs the handlers for what Juju dispatched. If one fails, its error goes to stderr and the process exits with code 1 at once,
   * with nothing written.
   *
   * @param host - for tests. Then the event is the hook's name, and an error is thrown.
   */
  run(host?: Host): Promise<void>;
}

/**
 * @example
 * ```ts
 * const c = charm({ policy: "serial" });
 * c.on("config-changed", ({ acquire }) => {
 *   writeConfig();
 *   acquire("restart");
 * });
 * c.when("coordinator.granted.restart", async () => {
 *   await restartService();
 * });
 * await c.run();
 * ```
 */
export function charm(options: CharmOptions = {}): Charm {
  const handlers: { event: string; handler: Handler }[] = [];
  const reactions: { flag: string; handler: Handler }[] = [];

  const dispatch = async (host: Host, event: string): Promise<void> => {
    const coordinator = new Coordinator(host, options);
    coordinator.start();
    const context = contextOf(coordinator, host.hook);
    for (const each of handlers) {
      if (each.event === event) await each.handler(context);
    }
    const left = new Set(reactions);
    for (;;) {
      const flags = new Set(host.flags.current());
      const next = [...left].find(({ flag }) => flags.has(flag));
      if (next === undefined) return;
      left.delete(next);
      await next.handler(context);
    }
  };

  const self: Charm = {
    on(event, handler) {
      handlers.push({ event, handler });
      return self;
    },
    when(flag, handler) {
      reactions.push({ flag, handler });
      return self;
    },
    async run(host) {
      if (host !== undefined) return dispatch(host, host.hook.name);
      try {
        await dispatch(jujuHost(options), basename(process.env.JUJU_DISPATCH_PATH ?? ""));
      } catch (error) {
        console.error(error);
        process.exit(1);
      }
    },
  };
  return self;
}

function contextOf(coordinator: Coordinator, hook: Hook): HandlerContext {
  return {
    acquire: (lock, data) => coordinator.acquire(lock, data),
    granted: (lock) => coordinator.granted(lock),
    requested: (lock) => coordinator.requested(lock),
    withdraw: (lock) => coordinator.withdraw(lock),
    status: () => coordinator.status(),
    hook,
  };
}
