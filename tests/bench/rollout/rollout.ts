/**
 * One rollout in the simulated model, counted: a changed configuration goes through all units, and each operates once.
 *
 * @module
 */

import { ModelHost, type Running } from "../../../host/juju/inprocess.js";
import type { HookContext } from "../../../host/juju/model/context.js";
import type { LocalJuju } from "../../../host/juju/model/juju.js";
import { below } from "../../../host/juju/model/random.js";
import type { Event } from "../../../host/juju/model/state.js";
import { type Disk, emptyDisk, RollingCharm } from "../../e2e/rolling-charm.js";
import { grow, type Started } from "./application.js";
import { News } from "./news.js";

/**
 * How units take turns. In one step of `round-robin` each unit in turn begins or ends one hook; of `random`, as many units drawn by
 * chance do. With `slow operations` units take turns as in round-robin, but an operation ends only when nothing else can happen.
 */
export const schedules = ["round-robin", "random", "slow operations"] as const;
export type Schedule = (typeof schedules)[number];

export interface Setting extends Started {
  readonly schedule: Schedule;
  /** Whether hooks that do nothing but read are counted without being run; see `news.ts`. */
  readonly runs: "all hooks" | "hooks that matter";
}

/** What a rollout took, until every unit had operated and nothing was due any more. */
export interface Count {
  readonly hooks: number;
  /** Commits that changed a unit's databag, and writes of the leader's that changed its grants. */
  readonly writes: number;
  /** The time it takes if all units work side by side and each half of a hook takes one step. */
  readonly steps: number;
  /** How often nothing was due while units still waited, so that only update-status went on. */
  readonly stalls: number;
}

/** @throws Error if a hook fails, or if update-status does not help a rollout that has come to a stop. */
export function roll(setting: Setting): Count {
  return new Rollout(setting).run();
}

interface Open {
  readonly event: Event;
  /** Null in a hook that is only counted. */
  readonly run: { context: HookContext; host: ModelHost; running: Running } | null;
}

const wanted = "2";

class Rollout {
  readonly #setting: Setting;
  readonly #juju: LocalJuju;
  /** In the order of their turns. */
  readonly #names: readonly string[];
  readonly #disks: ReadonlyMap<string, Disk>;
  readonly #open = new Map<string, Open>();
  /** Null where all hooks are run: then the model knows what is due. */
  readonly #news: News | null;
  #settings: number;
  #hooks = 0;
  #writes = 0;
  #steps = 0;
  #stalls = 0;

  constructor(setting: Setting) {
    this.#setting = setting;
    this.#juju = grow(setting);
    const units = this.#juju.units;
    // app/0 leads. Were the first turn always its own, it would always be the first to operate.
    const first = below(this.#juju.state.random, units.length);
    this.#names = [...units.slice(first), ...units.slice(0, first)];
    this.#disks = new Map(units.map((unit) => [unit, { ...emptyDisk(), version: "1" }]));
    this.#news = setting.runs === "all hooks" ? null : new News(this.#juju);
    this.#settings = this.#juju.state.settings.version;
  }

  run(): Count {
    this.#juju.setConfig({ version: wanted });
    this.#news?.configChanged();
    let rolledBefore = 0;
    for (;;) {
      while (this.#step()) this.#steps++;
      const rolled = [...this.#disks.values()].filter(({ version }) => version === wanted).length;
      if (rolled === this.#names.length) break;
      if (rolled === rolledBefore && this.#stalls > 0) throw new Error(`stuck: ${this.#which()}`);
      rolledBefore = rolled;
      this.#stalls++;
      this.#juju.tick();
      this.#news?.updateStatus();
    }
    const [hooks, writes, steps, stalls] = [this.#hooks, this.#writes, this.#steps, this.#stalls];
    return { hooks, writes, steps, stalls };
  }

  /** @returns whether anything has happened. */
  #step(): boolean {
    this.#juju.advance(0.05);
    let moves = 0;
    for (let turn = 0; turn < this.#names.length; turn++) {
      if (this.#move(this.#names[this.#drawn(turn)]!)) moves++;
    }
    if (moves > 0) return true;
    // Nothing else can happen, or chance has drawn only units that had nothing to do.
    return this.#names.some((unit) => this.#move(unit, true));
  }

  #drawn(turn: number): number {
    const { schedule } = this.#setting;
    return schedule === "random" ? below(this.#juju.state.random, this.#names.length) : turn;
  }

  /** The unit begins or ends a hook. @returns whether it could. */
  #move(unit: string, endsOperation = this.#setting.schedule !== "slow operations"): boolean {
    const open = this.#open.get(unit);
    if (open !== undefined) {
      const operates = open.run !== null && open.run.running.operating.length > 0;
      if (operates && !endsOperation) return false;
      this.#end(unit, open);
      return true;
    }
    const event = this.#news === null ? this.#juju.next(unit) : this.#news.next(unit);
    if (event === null) return false;
    this.#open.set(unit, { event, run: this.#begin(unit, event) });
    return true;
  }

  #begin(unit: string, event: Event): Open["run"] {
    this.#hooks++;
    if (this.#news?.isNothing(unit, event)) {
      this.#news.skip(unit, event);
      return null;
    }
    const context = this.#juju.begin(unit, event);
    const host = new ModelHost(context);
    const charm = new RollingCharm(this.#setting.algorithm, this.#disks.get(unit)!);
    const running = charm.begin(host);
    this.#lookAtSettings();
    return { context, host, running };
  }

  #end(unit: string, { run }: Open): void {
    this.#open.delete(unit);
    if (run === null) return;
    run.running.end();
    run.host.end();
    const { ending, message, writes } = run.context.finish({ exit: 0 });
    if (ending !== "committed") throw new Error(`${unit}: ${message}: ${this.#which()}`);
    this.#lookAtSettings();
    if (writes.unit !== null) this.#writes++;
    if (writes.application !== null) this.#writes++;
    this.#news?.committed(unit, writes);
  }

  /** leader-set writes at once: two of one hook are two writes. */
  #lookAtSettings(): void {
    const { version } = this.#juju.state.settings;
    if (version === this.#settings) return;
    this.#settings = version;
    this.#writes++;
    this.#news?.settingsWritten();
  }

  #which(): string {
    const { algorithm, ...rest } = this.#setting;
    return JSON.stringify({ ...rest, algorithm: algorithm.name });
  }
}
