/**
 * Charms that are functions in this process, by name, for scenarios that need no real ones.
 *
 * @module
 */

import { Coordinator } from "../../../bindings/typescript/coordinator.js";
import type { Charm, ModelHost, Running } from "../inprocess.js";

/** Makes the charm of one unit. */
export type CharmMaker = () => Charm;

/** What the sample charm in `host/charms/typescript` does, without a server: its version is a variable. */
class Restart implements Charm {
  #version: string | null = null;

  begin(host: ModelHost): Running {
    const config = host.hook.config();
    const wanted = String(config.version ?? "1");
    const coordinator = new Coordinator(host, { operatorPolicy: config.policy });
    coordinator.start();
    if (host.hook.name === "start") this.#version ??= wanted;
    if (host.hook.name === "config-changed" && this.#version !== null && this.#version !== wanted) {
      coordinator.acquire("restart");
    }
    const operates = coordinator.granted("restart") && this.#version !== wanted;
    return {
      operating: operates ? ["restart"] : [],
      end: () => {
        if (operates) this.#version = wanted;
      },
    };
  }
}

export const charms: Readonly<Record<string, CharmMaker>> = {
  restart: () => new Restart(),
};
