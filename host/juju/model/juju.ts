/**
 * The local Juju's face: one application, its units, an operator's verbs, and the hooks that are due.
 *
 * @module
 */

import { HookContext } from "./context.js";
import { ModelError } from "./errors.js";
import { dueEvents, nextEvent, skipped } from "./events.js";
import { changeRecord, type HistoryRecord, hookRecord } from "./history.js";
import { elect, giveLease, lookAtLeadership, renewLease } from "./leadership.js";
import {
  beginCommand,
  beginHook,
  die,
  interrupt,
  type Outcome,
  type Result,
  skipHook,
} from "./lifecycle.js";
import {
  cloneState,
  configOf,
  type Event,
  microseconds,
  newState,
  newUnit,
  type Options,
  type State,
  type Switches,
  type UnitState,
  unitOf,
} from "./state.js";

/**
 * A model of one application in one Juju model. Everything is synchronous, and everything that happens is decided by the driver
 * and by the seed: the same seed and the same calls give the same history.
 *
 * @example
 * const juju = new LocalJuju({ version: "3.6", seed: 7 });
 * const unit = juju.addUnit();
 * const context = juju.begin(unit, juju.next(unit)!); // install
 * context.finish({ exit: 0 });
 */
export class LocalJuju {
  #state: State;
  #history: HistoryRecord[] = [];

  constructor(options: Options) {
    this.#state = newState(options);
  }

  /** The whole state, as plain data. Read it; change it only through the methods here. */
  get state(): State {
    return this.#state;
  }

  /** All that has happened, oldest first: each hook when it ends, and each thing the operator or Juju itself did. */
  get history(): readonly HistoryRecord[] {
    return this.#history;
  }

  /** The units that are not dead, in the order in which they were added. */
  get units(): string[] {
    return this.#state.names.filter((name) => this.#state.units[name]!.life !== "dead");
  }

  get leader(): string | null {
    return this.#state.leader;
  }

  /** One unit's state, dead ones too. */
  unit(name: string): Readonly<UnitState> {
    return unitOf(this.#state, name);
  }

  /** Adds a unit with the next number; the first one gets the lease. */
  addUnit(options: { zone?: string } = {}): string {
    const state = this.#state;
    const unit = newUnit(state, state.names.length, options.zone ?? "");
    const first = this.units.length === 0;
    state.names.push(unit.name);
    state.units[unit.name] = unit;
    this.#record(unit.name, "add-unit", "");
    if (first) elect(state);
    return unit.name;
  }

  /** The unit becomes dying: it leaves the relation, then runs relation-departed for each peer, stop and remove. `force`: it is dead at once and runs nothing more. */
  removeUnit(name: string, options: { force?: boolean } = {}): void {
    const state = this.#state;
    const unit = unitOf(state, name);
    if (unit.life === "dead") return;
    this.#record(name, "remove-unit", options.force === true ? "force" : "");
    const idle = !unit.installed && unit.running === null && unit.hook === null;
    if (options.force === true || idle) {
      die(state, unit);
      return;
    }
    unit.life = "dying";
    if (state.switches.departedWhenDying) unit.inScope = false;
    lookAtLeadership(state, unit);
  }

  /** Changes configuration options, for all units or (as while an upgrade of the configuration is under way) for the named ones only. */
  setConfig(values: Readonly<Record<string, unknown>>, units?: readonly string[]): void {
    const state = this.#state;
    this.#record(null, "config", JSON.stringify(values));
    if (units === undefined) state.config = configOf({ ...state.config.values, ...values });
    for (const name of units ?? state.names) {
      const unit = unitOf(state, name);
      unit.config = configOf({ ...unit.config.values, ...values });
    }
  }

  /**
   * Gives all units, or the named ones, a new revision of the charm: each runs upgrade-charm and then config-changed, in its own time.
   * Units that are added later run it from the beginning.
   */
  upgradeCharm(units: readonly string[] = this.units): void {
    this.#renew(units);
    for (const name of units) this.#record(name, "upgrade", `revision ${this.#state.revision}`);
  }

  /** Attaches a file as a resource: resource-get prints its path, and every unit runs upgrade-charm and then config-changed. */
  attachResource(name: string, path: string): void {
    this.#record(null, "resource", `${name} ${path}`);
    this.#state.resources = { ...this.#state.resources, [name]: path };
    this.#renew(this.units);
  }

  /** To Juju another resource is another revision of the charm, too. */
  #renew(units: readonly string[]): void {
    const state = this.#state;
    state.revision++;
    for (const name of units) unitOf(state, name).revision = state.revision;
  }

  /** Gives leadership to a unit, or to nobody, at any moment. */
  moveLeader(name: string | null): void {
    if (name !== null && unitOf(this.#state, name).life === "dead") {
      throw new ModelError("no_leader", `${name} is dead: it cannot lead`);
    }
    this.#record(name, "leader", "");
    giveLease(this.#state, name);
  }

  /** Moves the simulated clock on: update-status falls due, and the lease of a leader whose agent is down runs out. */
  advance(seconds: number): void {
    const state = this.#state;
    const before = state.time;
    state.time += Math.round(seconds * microseconds);
    const interval = state.switches.updateStatusSeconds * microseconds;
    if (interval > 0 && Math.floor(state.time / interval) > Math.floor(before / interval)) {
      this.tick();
    }
    if (state.leader === null) return;
    if (state.units[state.leader]!.agentRunning) renewLease(state);
    else if (state.time >= state.leaseEnds) {
      elect(state);
      this.#record(state.leader, "leader", "the lease ran out");
    }
  }

  /** Seconds until the next failed hook is retried; null if none waits. */
  untilRetry(): number | null {
    let earliest: number | null = null;
    for (const name of this.#state.names) {
      const unit = this.#state.units[name]!;
      if (unit.hook?.step !== "failed" || unit.life === "dead" || !unit.agentRunning) continue;
      if (skipped(this.#state, unit)) continue;
      if (earliest === null || unit.hook.retryAt < earliest) earliest = unit.hook.retryAt;
    }
    if (earliest === null || !this.#state.switches.retryHooks) return null;
    return Math.max(0, earliest - this.#state.time) / microseconds;
  }

  /** The update-status timer fires now, in all units or the named ones. */
  tick(units: readonly string[] = this.#state.names): void {
    for (const name of units) unitOf(this.#state, name).ticks++;
  }

  /** Sets how many seconds a unit's clock is ahead (negative: behind). */
  setSkew(name: string, seconds: number): void {
    unitOf(this.#state, name).skew = seconds;
  }

  setSwitches(switches: Partial<Switches>): void {
    this.#state.switches = { ...this.#state.switches, ...switches };
  }

  /**
   * A failed hook is run again now, or (`retry: false`) given up: Juju counts its event as delivered.
   *
   * @throws ModelError `not_failed` if the unit is not in error.
   */
  resolved(name: string, options: { retry: boolean }): void {
    const unit = unitOf(this.#state, name);
    if (unit.hook?.step !== "failed" || unit.running !== null) {
      throw new ModelError("not_failed", `${name} is not in error: nothing to resolve`);
    }
    this.#record(name, "resolved", options.retry ? "retry" : "no-retry");
    if (options.retry) unit.hook = { ...unit.hook, step: "queued" };
    else skipHook(this.#state, unit, unit.hook);
  }

  /** The unit's agent goes down with what it runs; a running hook counts as failed. */
  stopAgent(name: string): void {
    const unit = unitOf(this.#state, name);
    this.#record(name, "agent", "stopped");
    interrupt(this.#state, unit);
    unit.agentRunning = false;
  }

  startAgent(name: string): void {
    const unit = unitOf(this.#state, name);
    this.#record(name, "agent", "started");
    unit.agentRunning = true;
    if (this.#state.leader === null && this.units.length === 1) elect(this.#state);
    lookAtLeadership(this.#state, unit);
  }

  /** Every event Juju may deliver to the unit next; empty while it runs something. */
  due(name: string): Event[] {
    return dueEvents(this.#state, unitOf(this.#state, name));
  }

  /** The event Juju would deliver next; null if there is none. Draws from the seeded generator where units tie. */
  next(name: string): Event | null {
    return nextEvent(this.#state, unitOf(this.#state, name));
  }

  /** @throws ModelError `not_due` if Juju would not deliver this event now, `busy` if the unit runs something. */
  begin(name: string, event: Event): HookContext {
    const unit = unitOf(this.#state, name);
    return this.#context(unit, beginHook(this.#state, unit, event));
  }

  /** Begins a juju-exec command. `relation` gives its relation tools a default (`juju-exec -r`). */
  exec(name: string, options: { relation?: boolean } = {}): HookContext {
    const unit = unitOf(this.#state, name);
    const inRelation = options.relation === true;
    return this.#context(unit, beginCommand(this.#state, unit, "exec", { inRelation }));
  }

  action(
    name: string,
    action: string,
    parameters: Readonly<Record<string, unknown>> = {},
  ): HookContext {
    const unit = unitOf(this.#state, name);
    return this.#context(unit, beginCommand(this.#state, unit, "action", { action, parameters }));
  }

  /** What the unit runs now (after `clone`, the way to the clone's own contexts); null if it runs nothing. */
  context(name: string): HookContext | null {
    const unit = unitOf(this.#state, name);
    return unit.running === null ? null : this.#context(unit, unit.running);
  }

  /** An independent copy, hooks that are running included. */
  clone(): LocalJuju {
    const copy = new LocalJuju({ version: this.#state.juju });
    copy.#state = cloneState(this.#state);
    copy.#history = this.#history.slice();
    return copy;
  }

  #context(unit: UnitState, running: NonNullable<UnitState["running"]>): HookContext {
    return new HookContext(this.#state, unit, running, this.#ended);
  }

  readonly #ended = (context: HookContext, result: Result, outcome: Outcome): void => {
    this.#history.push(hookRecord(this.#state, context, result, outcome));
  };

  #record(unit: string | null, change: string, detail: string): void {
    this.#state.step++;
    this.#history.push(changeRecord(this.#state, unit, change, detail));
  }
}
