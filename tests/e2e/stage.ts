/**
 * A stage for stories: one application in the local Juju whose units run the same charm with one algorithm, told step by step or
 * at random, with an onlooker who writes down what must never happen.
 *
 * @module
 */

import { ModelHost, type Running } from "../../host/juju/inprocess.js";
import { allowedAtOnce } from "../../host/juju/measure/allowed.js";
import { publishedGrants, waitingUnits } from "../../host/juju/measure/wire.js";
import type { HookContext } from "../../host/juju/model/context.js";
import { LocalJuju } from "../../host/juju/model/juju.js";
import type { Outcome } from "../../host/juju/model/lifecycle.js";
import { below, pick, type Random, seeded } from "../../host/juju/model/random.js";
import {
  type Event,
  type EventKind,
  type JujuVersion,
  microseconds,
  type Switches,
} from "../../host/juju/model/state.js";
import type { Values } from "../../host/juju/model/values.js";
import { type Algorithm, type Disk, emptyDisk, lock, RollingCharm } from "./rolling-charm.js";
import type { CallListener } from "./watched-host.js";

export interface Setting {
  readonly juju: JujuVersion;
  readonly units: number;
  readonly seed: number;
  readonly algorithm: Algorithm;
  /** A built-in policy; default `serial`. */
  readonly policy?: string;
  readonly switches?: Partial<Switches>;
  /** Units that have been started with version 1 of this setting, instead of new ones; copied. */
  readonly started?: LocalJuju;
}

/** Thrown by an interruption: the hook that made the call ends so, there and then. */
export class Stopped extends Error {
  readonly outcome: Outcome;

  constructor(outcome: Outcome) {
    super(`stopped: ${JSON.stringify(outcome)}`);
    this.outcome = outcome;
  }
}

/** Which units take part, and how long. */
export interface Part {
  readonly only?: readonly string[];
  readonly except?: readonly string[];
  /** Stops as soon as this holds. */
  readonly until?: () => boolean;
}

interface Open {
  readonly context: HookContext;
  readonly host: ModelHost;
  running: Running | null;
}

const mostSteps = 20_000;

/** See the module's comment. */
export class Stage {
  readonly juju: LocalJuju;
  readonly setting: Setting;
  /** The most units that were inside an operation at once. One whose hook failed there is still inside. */
  mostAtOnce = 0;
  /** Units that operated beside more others than the policy allows. */
  readonly crowded: string[] = [];
  /** Units that operated without a grant at the controller. */
  readonly unheld: string[] = [];
  /** Units whose grant was taken back while they were inside an operation. */
  readonly dropped: string[] = [];
  /** Hooks that ended in another way than the story wanted: `app/2 config-changed: Error: …`. */
  readonly failures: string[] = [];
  /** Told of each call of each hook; see {@link Stopped}. */
  interrupt: CallListener | null = null;
  /** Asked when a hook that {@link run} has begun has come to its end: how it ends. By default with exit 0. */
  ending: ((unit: string) => Outcome) | null = null;
  /** The grants in force. Who spoils them on purpose says here what they were. */
  grants = () => publishedGrants(this.juju);
  /** Calls of all hooks so far. */
  calls = 0;
  readonly #disks = new Map<string, Disk>();
  readonly #open = new Map<string, Open>();
  readonly #inside = new Set<string>();
  readonly #random: Random;

  constructor(setting: Setting) {
    const { juju: version, seed, units, policy = "serial", switches, started } = setting;
    this.setting = setting;
    this.#random = seeded(seed);
    if (started === undefined) {
      const config = { version: "1", policy };
      this.juju = new LocalJuju({ version, seed, config, switches: { updateStatusSeconds: 0 } });
      for (let n = 0; n < units; n++) this.juju.addUnit();
    } else {
      this.juju = started.clone();
      this.juju.state.random.value = seed;
      for (const unit of this.juju.units) this.#diskOf(unit).version = "1";
    }
    this.juju.setSwitches(switches ?? {});
  }

  // ---- what a story does

  configure(version = "2"): void {
    this.juju.setConfig({ version });
  }

  /** Leadership moves as leases do: not within 30 s of the last renewal. */
  lead(unit: string): void {
    this.juju.advance(31);
    this.juju.moveLeader(unit);
  }

  /** Begins the unit's next hook, or the named one, and stops in the middle of it: inside the operation, if there is one. */
  begin(unit: string, kind?: EventKind): void {
    const due = this.juju.due(unit);
    const event = kind === undefined ? due[0] : due.find((one) => one.kind === kind);
    if (event === undefined) throw new Error(`${kind ?? "no event"} is not due for ${unit}`);
    this.#begin(unit, event);
  }

  /** The unit's hook goes on to its end, and ends so. */
  end(unit: string, outcome?: Outcome): void {
    const { host, context, running } = this.#open.get(unit)!;
    this.#attempt(unit, context, () => {
      running!.end();
      this.#inside.delete(unit);
      host.end();
      return outcome ?? this.ending?.(unit) ?? { exit: 0 };
    });
  }

  /** Begins and ends one hook. */
  hook(unit: string, kind?: EventKind): void {
    this.begin(unit, kind);
    if (this.#open.has(unit)) this.end(unit);
  }

  /** The unit's hook fails in the middle of its operation; its retry is due later. */
  crash(unit: string): void {
    const { context } = this.#open.get(unit)!;
    this.#attempt(unit, context, () => ({ exit: 1 }));
  }

  /** A juju-exec or an action in which the library is opened and closed, as a charm does that opens it always. */
  command(unit: string, kind: "exec" | "action"): void {
    const context = kind === "exec" ? this.juju.exec(unit) : this.juju.action(unit, "look");
    const host = new ModelHost(context);
    this.#attempt(unit, context, () => {
      this.setting.algorithm.open(host, this.#diskOf(unit));
      host.end();
      return { exit: 0 };
    });
  }

  /** Somebody writes into a unit's databag. */
  write(unit: string, values: Values): void {
    const context = this.juju.exec(unit);
    context.relationSet(values);
    context.finish({ exit: 0 });
  }

  /** Somebody writes where the leader keeps the grants: leader settings, or the application databag. */
  writeGrants(values: Values): void {
    const context = this.juju.exec(this.juju.leader!);
    if (this.setting.juju === "3.6") context.leaderSet(values);
    else context.relationSet(values, { application: true });
    context.finish({ exit: 0 });
  }

  /**
   * Hooks begin and end in a random order, any event that Juju may deliver next, until nothing is due but update-status.
   *
   * @returns whether `until` has come to hold.
   */
  run({ only, except = [], until }: Part = {}): boolean {
    for (let step = 0; step < mostSteps; step++) {
      if (until?.()) return true;
      this.juju.advance(0.05);
      const units = (only ?? this.juju.units).filter((unit) => !except.includes(unit));
      if (this.#step(units.slice())) continue;
      const retry = this.#untilRetry(units);
      if (retry === null) return false;
      this.juju.advance(retry);
    }
    throw new Error(`still not quiet after ${mostSteps} steps`);
  }

  /** Runs until something holds that must come to hold. */
  reach(until: () => boolean, part: Part = {}): void {
    if (!this.run({ ...part, until })) throw new Error(`this never came to hold: ${until}`);
  }

  /** update-status for every unit, and all that follows from it. */
  tick(): void {
    this.juju.tick();
    this.run();
  }

  // ---- what a story asks

  /** Inside an operation, or crashed there. */
  operates(unit: string): boolean {
    return this.#inside.has(unit);
  }

  /** The units inside an operation. */
  get inside(): string[] {
    return [...this.#inside];
  }

  holds(unit: string): boolean {
    return this.grants()[unit]?.[lock] !== undefined;
  }

  versionOf(unit: string): string | null {
    return this.#diskOf(unit).version;
  }

  /** The live units whose service is not what the configuration wants. */
  get unserved(): string[] {
    const wanted = String(this.juju.state.config.values.version);
    return this.juju.units.filter((unit) => this.versionOf(unit) !== wanted);
  }

  /** The live units with a request at the controller that is not granted there. */
  get waiting(): string[] {
    return [...waitingUnits(this.juju).keys()];
  }

  // ---- how it is done

  #diskOf(unit: string): Disk {
    let disk = this.#disks.get(unit);
    if (disk === undefined) {
      disk = emptyDisk();
      this.#disks.set(unit, disk);
    }
    return disk;
  }

  /** Seconds until one of these units runs its failed hook again; null if none will. */
  #untilRetry(units: readonly string[]): number | null {
    const { time, switches } = this.juju.state;
    const failed = units.filter((unit) => {
      const { hook, agentRunning, life } = this.juju.unit(unit);
      return hook?.step === "failed" && hook.retryAt > time && agentRunning && life !== "dead";
    });
    if (!switches.retryHooks || failed.length === 0) return null;
    const earliest = Math.min(...failed.map((unit) => this.juju.unit(unit).hook!.retryAt));
    return (earliest - time) / microseconds;
  }

  #step(units: string[]): boolean {
    while (units.length > 0) {
      const at = below(this.#random, units.length);
      const unit = units[at]!;
      const open = this.#open.get(unit);
      if (open !== undefined && open.running !== null) {
        this.end(unit);
        return true;
      }
      const due = open === undefined ? this.juju.due(unit) : [];
      if (due.length > 0) {
        this.#begin(unit, pick(this.#random, due));
        return true;
      }
      units.splice(at, 1);
    }
    return false;
  }

  #begin(unit: string, event: Event): void {
    const context = this.juju.begin(unit, event);
    const host = new ModelHost(context);
    const open: Open = { context, host, running: null };
    this.#open.set(unit, open);
    const listener: CallListener = (from, call, when) => {
      if (when === "before") this.calls++;
      this.interrupt?.(from, call, when);
    };
    const charm = new RollingCharm(this.setting.algorithm, this.#diskOf(unit), listener);
    this.#attempt(unit, context, () => {
      const running = charm.begin(host);
      if (!context.open) return { exit: 1 };
      open.running = running;
      if (running.operating.length > 0) this.#enter(unit);
      this.#look();
      return null;
    });
  }

  /** Runs a part of a hook, and ends the hook if it is over: null means that it goes on. */
  #attempt(unit: string, context: HookContext, part: () => Outcome | null): void {
    let outcome: Outcome | null;
    try {
      outcome = part();
    } catch (problem) {
      outcome = problem instanceof Stopped ? problem.outcome : { exit: 1 };
      if (!(problem instanceof Stopped) && context.open) {
        this.failures.push(`${unit} ${context.hookName}: ${problem}`);
      }
    }
    if (outcome === null) return;
    this.#open.delete(unit);
    context.finish(outcome);
    this.#look();
  }

  #enter(unit: string): void {
    this.#inside.add(unit);
    this.#forgetTheDead();
    const allowed = allowedAtOnce(this.setting.policy ?? "serial", this.juju.units.length);
    if (this.#inside.size > allowed) this.crowded.push(this.inside.join(" beside "));
    if (!this.holds(unit)) this.unheld.push(unit);
    this.mostAtOnce = Math.max(this.mostAtOnce, this.#inside.size);
  }

  /** Grants may have changed: whoever is inside an operation must still have its own. */
  #look(): void {
    this.#forgetTheDead();
    if (this.#inside.size === 0) return;
    const grants = this.grants();
    for (const unit of this.#inside) {
      const told = this.unheld.includes(unit) || this.dropped.includes(unit);
      if (grants[unit]?.[lock] === undefined && !told) this.dropped.push(unit);
    }
  }

  #forgetTheDead(): void {
    for (const unit of this.#inside) {
      if (this.juju.unit(unit).life === "dead") this.#inside.delete(unit);
    }
  }
}
