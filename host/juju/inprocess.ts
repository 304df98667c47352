/**
 * Charms that are functions in this process: the host that a binding needs, over a context of the model, and a driver that
 * runs the hooks of many units side by side.
 *
 * @module
 */

import { MemoryFlags } from "../../bindings/typescript/flags.js";
import type {
  ContextKind,
  Flags,
  Hook,
  Host,
  Leadership,
  LogLevel,
  Peers,
  Store,
  Values,
} from "../../bindings/typescript/host.js";
import type { HookContext } from "./model/context.js";
import { ToolError } from "./model/errors.js";
import type { LocalJuju } from "./model/juju.js";
import type { Outcome } from "./model/lifecycle.js";
import { pick } from "./model/random.js";
import type { Event } from "./model/state.js";
import { valueAt } from "./model/values.js";

export interface ModelHostOptions {
  /** Where grants are kept; by default where this version of Juju has it. */
  readonly store?: Store;
  /** The flags set when the hook begins; changed in place. By default none, as in a process of its own. */
  readonly flags?: Set<string>;
}

/** Juju as a binding sees it, over one context of the model. Each call counts as the hook tool it stands for. */
export class ModelHost implements Host {
  readonly context: HookContext;
  readonly leadership: Leadership;
  readonly peers: Peers;
  readonly flags: Flags;
  readonly hook: Hook;
  readonly #callbacks: (() => void)[] = [];

  constructor(context: HookContext, options: ModelHostOptions = {}) {
    this.context = context;
    const store = options.store ?? (context.version === "3.6" ? "settings" : "application");
    const relation = new PeerRelation(context);
    this.leadership = new ModelLeadership(context, relation, store);
    this.peers = new ModelPeers(context, relation);
    this.flags = new MemoryFlags(options.flags);
    this.hook = new ModelHook(context, this.#callbacks);
  }

  /** The charm has done its part: runs what was registered with `onEnd`, in that order. */
  end(): void {
    for (const callback of this.#callbacks.splice(0)) callback();
  }
}

/** Asks for the relation's id once, as a binding does. */
class PeerRelation {
  readonly #context: HookContext;
  #found: boolean | undefined;

  constructor(context: HookContext) {
    this.#context = context;
  }

  get there(): boolean {
    this.#found ??= this.#context.relationIds().length > 0;
    return this.#found;
  }
}

/** Runs a write that Juju refuses to a unit that does not lead. */
function accepted(write: () => void): boolean {
  try {
    write();
    return true;
  } catch (problem) {
    if (problem instanceof ToolError && problem.code === "not_leader") return false;
    throw problem;
  }
}

class ModelLeadership implements Leadership {
  readonly store: Store;
  readonly #context: HookContext;
  readonly #relation: PeerRelation;

  constructor(context: HookContext, relation: PeerRelation, store: Store) {
    this.#context = context;
    this.#relation = relation;
    this.store = store;
  }

  isLeader(): boolean {
    return this.#context.isLeader();
  }

  read(): Values {
    if (this.store === "settings") return { ...this.#context.leaderGet() };
    if (!this.#relation.there) return {};
    return { ...this.#context.relationGet(this.#context.application, { application: true }) };
  }

  write(values: Values): boolean {
    return accepted(() => {
      if (this.store === "settings") this.#context.leaderSet(values);
      else this.#context.relationSet(values, { application: true });
    });
  }
}

class ModelPeers implements Peers {
  readonly #context: HookContext;
  readonly #relation: PeerRelation;

  constructor(context: HookContext, relation: PeerRelation) {
    this.#context = context;
    this.#relation = relation;
  }

  own(): Values | null {
    return this.#relation.there ? { ...this.#context.relationGet(this.#context.unit) } : null;
  }

  members(): string[] {
    return this.#relation.there ? this.#context.relationList() : [];
  }

  of(unit: string): Values | null {
    try {
      return { ...this.#context.relationGet(unit) };
    } catch (problem) {
      if (problem instanceof ToolError && problem.code !== "no_context") return null;
      throw problem;
    }
  }

  writeOwn(values: Values): void {
    this.#context.relationSet(values);
  }

  planned(): Record<string, string> {
    const units = Object.entries(this.#context.goalState().units);
    return Object.fromEntries(units.map(([name, goal]) => [name, goal.status]));
  }

  readSaved(key: string): string {
    return valueAt(this.#context.stateGet(), key);
  }

  writeSaved(key: string, value: string): void {
    this.#context.stateSet({ [key]: value });
  }
}

class ModelHook implements Hook {
  readonly unit: string;
  readonly kind: ContextKind;
  readonly name: string;
  readonly remoteUnit: string | null;
  readonly departingUnit: string | null;
  readonly subordinate = false;
  readonly #context: HookContext;
  readonly #callbacks: (() => void)[];

  constructor(context: HookContext, callbacks: (() => void)[]) {
    this.unit = context.unit;
    this.kind = context.kind;
    this.name = context.hookName;
    this.remoteUnit = context.remoteUnit;
    this.departingUnit = context.departingUnit;
    this.#context = context;
    this.#callbacks = callbacks;
  }

  now(): string {
    return this.#context.now();
  }

  monotonic(): number {
    return this.#context.monotonic();
  }

  config(): Record<string, unknown> {
    return { ...this.#context.configGet() };
  }

  resource(name: string): string | null {
    try {
      return this.#context.resourceGet(name);
    } catch (problem) {
      if (problem instanceof ToolError && problem.code === "not_found") return null;
      throw problem;
    }
  }

  log(level: LogLevel, message: string): void {
    this.#context.jujuLog(level, message);
  }

  onEnd(callback: () => void): void {
    this.#callbacks.push(callback);
  }
}

/** A hook between its two halves: what it does now, and how it goes on. */
export interface Running {
  /** The locks whose operations the unit does until `end`. */
  readonly operating: readonly string[];
  /** The second half of the hook. Throwing fails the hook. */
  end(): void;
}

/** A charm in two halves, so that other units' hooks can run while it operates. Throwing fails the hook. */
export interface Charm {
  begin(host: ModelHost, event: Event): Running;
}

export interface DriveOptions {
  readonly juju: LocalJuju;
  /** The charm of every unit, or the charm of each. */
  readonly charm: Charm | ((unit: string) => Charm);
  /** Called before each step, to move leaders, remove units, change configuration; `step` counts from 0. */
  readonly before?: (step: number) => void;
  /** How a hook ends that the charm ran to its end; by default with exit 0. */
  readonly outcome?: (context: HookContext) => Outcome;
  /** Asked when no event is due: false lets update-status happen and goes on. By default true. */
  readonly done?: () => boolean;
  /** Steps after which the driver gives up; default 100,000. */
  readonly maxSteps?: number;
  /** Simulated seconds that pass before each step; default 0.05. */
  readonly stepSeconds?: number;
  readonly host?: ModelHostOptions;
}

export interface DriveResult {
  /** No event is due and `done` agrees; false if `maxSteps` was reached first. */
  readonly quiet: boolean;
  readonly steps: number;
  readonly hooks: number;
  readonly failures: number;
  readonly tools: number;
  /** The most units that operated under a lock at once, by lock. */
  readonly mostOperating: Readonly<Record<string, number>>;
  /** The most units that operated at once, whatever the lock. */
  readonly mostOperatingAtAll: number;
}

interface Open {
  readonly host: ModelHost;
  readonly running: Running;
}

/**
 * Runs hooks until nothing is due. At each step one unit, chosen at random by the model's seed, begins the hook that Juju would
 * give it next, or ends the one it runs. Same seed, same charm: same history.
 */
export function drive(options: DriveOptions): DriveResult {
  return new Driver(options).run();
}

class Driver {
  readonly #options: DriveOptions;
  readonly #juju: LocalJuju;
  readonly #open = new Map<string, Open>();
  readonly #operating = new Map<string, number>();
  readonly #most: Record<string, number> = {};
  #mostAtAll = 0;
  #steps = 0;
  #hooks = 0;
  #failures = 0;
  #tools = 0;

  constructor(options: DriveOptions) {
    this.#options = options;
    this.#juju = options.juju;
  }

  run(): DriveResult {
    const { before, maxSteps = 100_000, stepSeconds = 0.05 } = this.#options;
    let quiet = false;
    for (; this.#steps < maxSteps && !quiet; this.#steps++) {
      before?.(this.#steps);
      this.#juju.advance(stepSeconds);
      quiet = !this.#step() && !this.#wait();
    }
    return {
      quiet,
      steps: this.#steps,
      hooks: this.#hooks,
      failures: this.#failures,
      tools: this.#tools,
      mostOperating: this.#most,
      mostOperatingAtAll: this.#mostAtAll,
    };
  }

  /** One unit begins or ends a hook; false if no unit can. */
  #step(): boolean {
    const units = this.#juju.state.names.slice();
    while (units.length > 0) {
      const unit = pick(this.#juju.state.random, units);
      if (this.#stepOf(unit)) return true;
      units[units.indexOf(unit)] = units[units.length - 1]!;
      units.pop();
    }
    return false;
  }

  #stepOf(unit: string): boolean {
    const open = this.#open.get(unit);
    if (open !== undefined) {
      this.#end(unit, open);
      return true;
    }
    const event = this.#juju.next(unit);
    if (event === null) return false;
    this.#begin(unit, event);
    return true;
  }

  /** Nothing is due: time passes until a retry, or until update-status if more is to come; false if the run is over. */
  #wait(): boolean {
    const retry = this.#juju.untilRetry();
    if (retry !== null) {
      this.#juju.advance(retry);
      return true;
    }
    if (this.#options.done?.() ?? true) return false;
    const interval = this.#juju.state.switches.updateStatusSeconds;
    if (interval === 0) return false;
    this.#juju.advance(interval);
    return true;
  }

  #begin(unit: string, event: Event): void {
    const context = this.#juju.begin(unit, event);
    const host = new ModelHost(context, this.#options.host);
    this.#hooks++;
    const { charm } = this.#options;
    try {
      const running = (typeof charm === "function" ? charm(unit) : charm).begin(host, event);
      this.#open.set(unit, { host, running });
      this.#count(running.operating, 1);
    } catch (problem) {
      this.#fail(host, problem);
    }
  }

  #end(unit: string, { host, running }: Open): void {
    this.#open.delete(unit);
    this.#count(running.operating, -1);
    try {
      running.end();
      host.end();
    } catch (problem) {
      this.#fail(host, problem);
      return;
    }
    this.#finish(host, this.#options.outcome?.(host.context) ?? { exit: 0 });
  }

  /** The charm threw: its hook fails, and the history says why. */
  #fail(host: ModelHost, problem: unknown): void {
    if (host.context.open) host.context.jujuLog("ERROR", String(problem));
    this.#finish(host, { exit: 1 });
  }

  #finish(host: ModelHost, outcome: Outcome): void {
    for (const tool in host.context.tools) this.#tools += host.context.tools[tool]!;
    if (host.context.finish(outcome).ending !== "committed") this.#failures++;
  }

  #count(locks: readonly string[], by: 1 | -1): void {
    for (const lock of locks) {
      const now = (this.#operating.get(lock) ?? 0) + by;
      this.#operating.set(lock, now);
      this.#most[lock] = Math.max(this.#most[lock] ?? 0, now);
    }
    let units = 0;
    for (const { running } of this.#open.values()) if (running.operating.length > 0) units++;
    this.#mostAtAll = Math.max(this.#mostAtAll, units);
  }
}
