/**
 * Asks the servers of all units again and again whether they are up, as a load balancer would.
 *
 * @module
 */

import { readFileSync } from "node:fs";
import { createConnection } from "node:net";
import { join } from "node:path";

const intervalMs = 20;

/** The port that the sample charm's server has; null before its first start. */
function portOf(directory: string | null): number | null {
  try {
    return Number(readFileSync(join(directory ?? "", "server.port"), "utf8")) || null;
  } catch {
    return null;
  }
}

/** A server is down when its port refuses; whether a slow one answers late is not asked. */
function isUp(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection({ host: "127.0.0.1", port });
    const say = (up: boolean) => {
      socket.destroy();
      resolve(up);
    };
    socket.once("connect", () => say(true));
    socket.once("error", () => say(false));
  });
}

/** When a server was seen down. Times are milliseconds of `performance.now()`. */
export interface Downtime {
  unit: string;
  from: number;
  to: number;
}

/** See the module's comment. */
export class Poll {
  /** The most servers seen down at once. */
  mostDown = 0;
  readonly downtimes: Downtime[] = [];
  readonly #units: () => string[];
  readonly #directoryOf: (unit: string) => string | null;
  readonly #ports = new Map<string, number>();
  readonly #down = new Map<string, Downtime>();
  #stopped = false;
  readonly #loop: Promise<void>;

  /** Begins to ask the servers of `units`. */
  constructor(units: () => string[], directoryOf: (unit: string) => string | null) {
    this.#units = units;
    this.#directoryOf = directoryOf;
    this.#loop = this.#run();
  }

  /** The servers' ports, by unit, as far as they are known. */
  get ports(): ReadonlyMap<string, number> {
    return this.#ports;
  }

  /** Asks no more. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#loop;
  }

  async #run(): Promise<void> {
    while (!this.#stopped) {
      await Promise.all(this.#units().map((unit) => this.#ask(unit)));
      this.mostDown = Math.max(this.mostDown, this.#down.size);
      await new Promise((resolve) => setTimeout(resolve, intervalMs));
    }
  }

  async #ask(unit: string): Promise<void> {
    const port = this.#ports.get(unit) ?? portOf(this.#directoryOf(unit));
    if (port === null) return;
    this.#ports.set(unit, port);
    const up = await isUp(port);
    const now = performance.now();
    const downtime = this.#down.get(unit);
    if (downtime !== undefined) downtime.to = now;
    if (up) {
      this.#down.delete(unit);
    } else if (downtime === undefined) {
      const begun = { unit, from: now, to: now };
      this.#down.set(unit, begun);
      this.downtimes.push(begun);
    }
  }
}
