/**
 * One charm for every algorithm: on config-changed it asks for a lock, and it restarts its service only while it holds it. What
 * the charm does never depends on which library keeps the locks.
 *
 * @module
 */

import { Coordinator } from "../../bindings/typescript/coordinator.js";
import type { Host } from "../../bindings/typescript/host.js";
import type { Charm, ModelHost, Running } from "../../host/juju/inprocess.js";
import { type CallListener, watchedHost } from "./watched-host.js";

export const lock = "restart";

/** What a library offers to a charm in one hook. */
export interface Locks {
  /** Asks for the lock. @returns whether it is held at once. */
  acquire(lock: string): boolean;
  granted(lock: string): boolean;
}

/** What a unit keeps on its own disk. */
export interface Disk {
  /** The version that the unit's service runs; null before `start`. */
  version: string | null;
  /** The old library's file in the charm directory. */
  requests: string;
}

/** A library that keeps locks: begins one hook of one unit, and registers what it does at the hook's end. */
export interface Algorithm {
  readonly name: string;
  open(host: Host, disk: Disk): Locks;
}

/** The library of this project, with the policy in the option `policy`: the name of a rule, or JSON. */
export const ours: Algorithm = {
  name: "charm-coordinator",
  open(host) {
    const policy = String(host.hook.config().policy);
    const coordinator = new Coordinator(host, {
      operatorPolicy: /^[[{]/.test(policy) ? JSON.parse(policy) : policy,
    });
    coordinator.start();
    return coordinator;
  },
};

export const emptyDisk = (): Disk => ({ version: null, requests: "" });

/** The charm of one unit. */
export class RollingCharm implements Charm {
  readonly #algorithm: Algorithm;
  readonly #disk: Disk;
  readonly #listener: CallListener | null;

  /** @param listener told of each call; it may throw, and the hook fails there. */
  constructor(algorithm: Algorithm, disk: Disk, listener: CallListener | null = null) {
    this.#algorithm = algorithm;
    this.#disk = disk;
    this.#listener = listener;
  }

  begin(host: ModelHost): Running {
    const listener = this.#listener;
    const disk = this.#disk;
    const { hook } = host;
    const wanted = String(hook.config().version);
    const watched = listener === null ? host : watchedHost(host, listener);
    const locks = this.#algorithm.open(watched, disk);
    if (hook.name === "start") disk.version ??= wanted;
    const differs = () => disk.version !== null && disk.version !== wanted;
    if (hook.name === "config-changed" && differs()) locks.acquire(lock);
    const operates = differs() && locks.granted(lock);
    return {
      operating: operates ? [lock] : [],
      end() {
        if (!operates) return;
        listener?.(hook.unit, "operation", "before");
        disk.version = wanted;
      },
    };
  }
}
