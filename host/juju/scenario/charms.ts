/**
 * Charms that are functions in this process, by name, for scenarios that need no real ones.
 *
 * @module
 */

import { parse } from "yaml";
import { Coordinator } from "../../../bindings/typescript/coordinator.js";
import type { Charm, ModelHost, Running } from "../inprocess.js";

/** Makes the charm of one unit. */
export type CharmMaker = () => Charm;

/**
 * What the sample charm in `host/charms/typescript` does, without a server: its version is a variable. The option `policy` may be a
 * rule, or YAML; the option `data` says as YAML what goes with each unit's request: `{app/1: {zone: a}}`.
 */
class Restart implements Charm {
  #version: string | null = null;

  begin(host: ModelHost): Running {
    const config = host.hook.config();
    const wanted = String(config.version ?? "1");
    const { policy = "", data = "{}" } = config as Readonly<Record<string, string>>;
    const coordinator = new Coordinator(host, { operatorPolicy: policy && parse(policy) });
    coordinator.start();
    if (host.hook.name === "start") this.#version ??= wanted;
    if (host.hook.name === "config-changed" && this.#version !== null && this.#version !== wanted) {
      coordinator.acquire("restart", parse(data)[host.hook.unit]);
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
