/**
 * One running hook, action or juju-exec command: what each hook tool reads and writes there.
 *
 * @module
 */

import {
  membersOf,
  otherDatabag,
  ownDatabag,
  pendingApplication,
  requireRelated,
} from "./databags.js";
import { environment } from "./env.js";
import { ToolError } from "./errors.js";
import { hookName } from "./events.js";
import { finish, type Outcome, type Result } from "./lifecycle.js";
import { type Network, networkOf } from "./network.js";
import {
  addressOf,
  type ContextKind,
  type Event,
  type LogLine,
  type Running,
  type State,
  type Status,
  type UnitState,
} from "./state.js";
import { microsecondText, secondText } from "./time.js";
import { difference, overlay, type Values, visible } from "./values.js";

export interface GoalStatus {
  readonly status: string;
  readonly since: string;
}

export interface GoalState {
  readonly units: Record<string, GoalStatus>;
  readonly relations: Record<string, Record<string, GoalStatus>>;
}

export const statusWords = ["maintenance", "blocked", "waiting", "active"] as const;
export type StatusWord = (typeof statusWords)[number];

const levels = ["TRACE", "DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"];
const maximumKey = 256;
const maximumValue = 65536;

/** Told when a context ends; the facade keeps its history with it. */
export type Listener = (context: HookContext, result: Result, outcome: Outcome) => void;

/**
 * A context lives from `begin` to `finish`. Its methods are the hook tools, and each call counts as one. After `finish`, or when
 * the unit has died meanwhile, every one of them throws ToolError `no_context`.
 */
export class HookContext {
  readonly #state: State;
  readonly #unit: UnitState;
  readonly #running: Running;
  readonly #listener: Listener;

  constructor(state: State, unit: UnitState, running: Running, listener: Listener) {
    this.#state = state;
    this.#unit = unit;
    this.#running = running;
    this.#listener = listener;
  }

  get unit(): string {
    return this.#unit.name;
  }

  get application(): string {
    return this.#state.application;
  }

  get version(): State["juju"] {
    return this.#state.juju;
  }

  get kind(): ContextKind {
    return this.#running.kind;
  }

  get event(): Event | null {
    return this.#running.event;
  }

  /** JUJU_HOOK_NAME; `""` in an action and in juju-exec. */
  get hookName(): string {
    const event = this.#running.event;
    return event === null ? "" : hookName(this.#state, event.kind);
  }

  /** JUJU_ACTION_NAME; `""` elsewhere. */
  get actionName(): string {
    return this.#running.action;
  }

  /** null where JUJU_REMOTE_UNIT is unset or empty. */
  get remoteUnit(): string | null {
    return this.#running.event?.remoteUnit ?? null;
  }

  get departingUnit(): string | null {
    return this.#running.event?.departingUnit ?? null;
  }

  /** The relation of the hook itself, `coordinator:0`; null outside relation hooks. */
  get defaultRelation(): string | null {
    return this.#running.inRelation && this.#state.relation !== null ? this.relationId : null;
  }

  /** The peer relation's name; null if the charm declares none. */
  get relationName(): string | null {
    return this.#state.relation;
  }

  /** `coordinator:0`, whether the unit has entered it or not. */
  get relationId(): string {
    return `${this.#state.relation}:0`;
  }

  /** Whether `-r` finds the relation: `0`, `coordinator:0`, or (as older Juju) any name before the number. */
  hasRelation(text: string): boolean {
    const colon = text.lastIndexOf(":");
    const name = text.slice(0, Math.max(colon, 0));
    const named = name === "" || name === this.#state.relation;
    const known = named || !this.#state.switches.validateRelationName;
    return this.#running.related && known && Number(text.slice(colon + 1)) === 0;
  }

  /** How often this hook has failed before. */
  get failures(): number {
    return this.#running.failures;
  }

  /** The step at which the context began. */
  get began(): number {
    return this.#running.began;
  }

  /** Hook tools called so far, by name. */
  get tools(): Readonly<Record<string, number>> {
    return this.#running.tools;
  }

  /** juju-log's lines so far. */
  get logs(): readonly LogLine[] {
    return this.#running.logs;
  }

  /** What action-set has set. */
  get results(): Readonly<Record<string, unknown>> {
    return this.#running.results;
  }

  /** False once the context has ended, or its unit is gone. */
  get open(): boolean {
    return this.#unit.running === this.#running;
  }

  /** All environment variables that do not depend on the machine: no CHARM_DIR, no PATH, no socket. */
  get env(): Record<string, string> {
    return environment(this.#state, this.#unit, this.#running);
  }

  /** UTC with microseconds by the unit's own clock. */
  now(): string {
    return microsecondText(this.#state.time + this.#unit.skew * 1_000_000);
  }

  /** Seconds on a clock that never goes back. */
  monotonic(): number {
    return this.#state.time / 1_000_000;
  }

  /** Counts a call of a hook tool that has no method here, or whose command line was refused. */
  count(tool: string): void {
    const tools = this.#running.tools;
    tools[tool] = (tools[tool] ?? 0) + 1;
  }

  #begin(tool: string): Running {
    if (!this.open) {
      throw new ToolError("no_context", `bad request: the context of ${this.unit} has ended`);
    }
    this.count(tool);
    return this.#running;
  }

  /** The relations of an endpoint; empty before the unit has entered it (in `install`) and for an unknown name. */
  relationIds(endpoint: string | null = this.#state.relation): string[] {
    const running = this.#begin("relation-ids");
    return running.related && endpoint === this.#state.relation ? [this.relationId] : [];
  }

  /** The units whose relation-joined this unit has run, sorted as strings, itself left out. */
  relationList(): string[] {
    const running = this.#begin("relation-list");
    requireRelated(running);
    return membersOf(this.#unit, running);
  }

  /**
   * A unit's databag, or (`application: true`) the application databag.
   *
   * @throws ToolError `relation_not_found` before the unit has entered the relation; `permission_denied` for a unit that never was in it.
   */
  relationGet(target: string, options: { application?: boolean } = {}): Values {
    const running = this.#begin("relation-get");
    requireRelated(running);
    if (options.application === true) return this.#readApplication(running, target);
    if (target === this.unit) return visible(ownDatabag(this.#unit, running));
    return otherDatabag(this.#state, this.#unit, running, target);
  }

  /** A leader reads its own pending copy; anyone else, and a leader once it has lost leadership, what was committed when this context first looked. */
  #readApplication(running: Running, target: string): Values {
    if (target !== this.application) throw new ToolError("permission_denied", "permission denied");
    if (this.#leads(running)) return visible(pendingApplication(this.#state, running));
    running.applicationSeen ??= this.#state.applicationBag.values;
    return running.applicationSeen;
  }

  /**
   * Buffers changes of this unit's databag, or (`application: true`) of the application databag; `""` deletes a key.
   *
   * @throws ToolError `not_leader` for the application databag if this unit does not lead now.
   */
  relationSet(values: Values, options: { application?: boolean } = {}): void {
    const running = this.#begin("relation-set");
    requireRelated(running);
    if (options.application !== true) {
      running.own = overlay(ownDatabag(this.#unit, running), values);
      return;
    }
    if (!this.#leads(running)) {
      throw new ToolError("not_leader", "cannot write relation settings");
    }
    const pending = pendingApplication(this.#state, running);
    if (difference(pending, values) === null) return;
    running.application = overlay(pending, values);
    running.applicationDirty = true;
  }

  isLeader(): boolean {
    return this.#leads(this.#begin("is-leader"));
  }

  #leads(running: Running): boolean {
    if (running.minion && this.#state.switches.stickyFalse) return false;
    const leads = this.#state.leader === this.unit;
    if (!leads) running.minion = true;
    return leads;
  }

  /** Leader settings as this context first read them, or read them after its own last leader-set. */
  leaderGet(): Values {
    const running = this.#begin("leader-get");
    this.#requireLeaderSettings();
    running.settings ??= this.#state.settings.values;
    return running.settings;
  }

  /**
   * Writes leader settings at once; they stay written if the hook fails. `""` deletes a key.
   *
   * @throws ToolError `not_leader` if this unit does not lead.
   */
  leaderSet(values: Values): void {
    const running = this.#begin("leader-set");
    this.#requireLeaderSettings();
    if (!this.#leads(running)) {
      throw new ToolError(
        "not_leader",
        "cannot write leadership settings: cannot write settings: not the leader",
      );
    }
    running.settings = null;
    const { settings } = this.#state;
    const changed = difference(settings.values, values);
    if (changed === null) return;
    this.#state.step++;
    this.#state.settings = {
      values: visible(overlay(settings.values, changed)),
      version: settings.version + 1,
    };
    running.settingsWritten = overlay(running.settingsWritten, changed);
  }

  #requireLeaderSettings(): void {
    if (this.#state.juju === "4.0") {
      throw new ToolError("unknown_tool", "Juju 4.0 has no leader settings");
    }
  }

  /** The configuration as this context first read it. */
  configGet(): Readonly<Record<string, unknown>> {
    const running = this.#begin("config-get");
    running.config ??= this.#unit.config;
    return running.config.values;
  }

  /**
   * What the controller plans now: every unit that is not dead; a dying one has the status `dying`, one whose hook has failed `error`. Peer
   * relations are left out.
   */
  goalState(): GoalState {
    this.#begin("goal-state");
    const units: Record<string, GoalStatus> = {};
    for (const name of this.#state.names) {
      const unit = this.#state.units[name]!;
      if (unit.life === "dead") continue;
      const { status, since } = shownStatus(unit);
      units[name] = { status: unit.life === "dying" ? "dying" : status, since: secondText(since) };
    }
    return { units, relations: {} };
  }

  /** The unit's saved state with this context's own changes. */
  stateGet(): Values {
    return this.#saved(this.#begin("state-get"));
  }

  #saved(running: Running): Values {
    running.saved ??= this.#unit.saved;
    return running.saved;
  }

  /** @throws ToolError `too_big` for a key over 256 bytes or a value over 64 KiB. */
  stateSet(values: Values): void {
    const running = this.#begin("state-set");
    for (const key in values) requireFits(key, values[key]!);
    const saved = this.#saved(running);
    const same = (key: string) => Object.hasOwn(saved, key) && saved[key] === values[key];
    if (Object.keys(values).every(same)) return;
    running.saved = overlay(saved, values);
    running.savedDirty = true;
  }

  stateDelete(key: string): void {
    const running = this.#begin("state-delete");
    const saved = this.#saved(running);
    if (!Object.hasOwn(saved, key)) return;
    const { [key]: _deleted, ...rest } = saved;
    running.saved = rest;
    running.savedDirty = true;
  }

  /**
   * Sets the unit's status, or (`application: true`) the application's, at once.
   *
   * @throws ToolError `not_leader` for the application's status if this unit does not lead.
   */
  statusSet(status: StatusWord, message = "", options: { application?: boolean } = {}): void {
    const running = this.#begin("status-set");
    const set = { status, message, since: this.#state.time };
    if (options.application !== true) {
      this.#unit.status = set;
      return;
    }
    if (!this.#leads(running)) throw new ToolError("not_leader", "this unit is not the leader");
    this.#state.applicationStatus = set;
  }

  /** The unit's status as this context first read it: a later status-set does not show. */
  statusGet(): Status {
    const running = this.#begin("status-get");
    running.statusSeen ??= this.#unit.status;
    return running.statusSeen;
  }

  /** @throws ToolError `not_leader` if this unit does not lead. */
  applicationStatusGet(): { application: Status; units: Record<string, Status> } {
    const running = this.#begin("status-get");
    if (!this.#leads(running)) {
      throw new ToolError(
        "not_leader",
        `finding application status: "${this.unit}" is not leader of "${this.application}"`,
      );
    }
    const units: Record<string, Status> = {};
    for (const name of this.#state.names) {
      const unit = this.#state.units[name]!;
      if (unit.life !== "dead") units[name] = unit.status;
    }
    return { application: this.#state.applicationStatus, units };
  }

  /** Logs at once; in a relation hook with the relation's id before the message. An unknown level becomes INFO, with a warning. */
  jujuLog(level: string, message: string): void {
    const running = this.#begin("juju-log");
    const known = levels.find((one) => one === level.toUpperCase());
    const relation = this.defaultRelation;
    const text = relation === null ? message : `${relation}: ${message}`;
    if (known === undefined) {
      running.logs = [...running.logs, { level: "WARNING", message: `unknown log level ${level}` }];
    }
    running.logs = [...running.logs, { level: known ?? "INFO", message: text }];
  }

  applicationVersionSet(version: string): void {
    this.#begin("application-version-set");
    this.#unit.workloadVersion = version;
  }

  /** Ports of the unit as they will be after the commit: `80/tcp`. */
  openedPorts(): readonly string[] {
    const running = this.#begin("opened-ports");
    return running.ports ?? this.#unit.ports;
  }

  openPort(range: string): void {
    const running = this.#begin("open-port");
    const ports = running.ports ?? this.#unit.ports;
    if (!ports.includes(range)) running.ports = [...ports, range].sort();
  }

  closePort(range: string): void {
    const running = this.#begin("close-port");
    running.ports = (running.ports ?? this.#unit.ports).filter((port) => port !== range);
  }

  /** One network, one address: every unit has its own machine. */
  networkGet(): Network {
    this.#begin("network-get");
    return networkOf(this.#unit.number);
  }

  /** unit-get: the private and public address are the same. */
  unitGet(): string {
    this.#begin("unit-get");
    return addressOf(this.#unit.number);
  }

  /**
   * Where the resource's file is.
   *
   * @throws ToolError `not_found` if the operator has attached none of this name.
   */
  resourceGet(name: string): string {
    this.#begin("resource-get");
    const path = Object.hasOwn(this.#state.resources, name) ? this.#state.resources[name] : null;
    if (path === null || path === undefined) {
      throw new ToolError("not_found", `could not download resource: resource "${name}" not found`);
    }
    return path;
  }

  actionGet(): Readonly<Record<string, unknown>> {
    return this.#begin("action-get").parameters;
  }

  actionSet(values: Readonly<Record<string, unknown>>): void {
    const running = this.#begin("action-set");
    running.results = { ...running.results, ...values };
  }

  actionLog(message: string): void {
    const running = this.#begin("action-log");
    running.logs = [...running.logs, { level: "ACTION", message }];
  }

  actionFail(message: string): void {
    this.#begin("action-fail").failed = message;
  }

  /**
   * Ends the context. A hook's exit 0 commits everything at once, or is refused; any other exit code puts the unit in error and the
   * hook is retried; a signal has it run again. An action never puts the unit in error; juju-exec commits whatever its exit code.
   */
  finish(outcome: Outcome): Result {
    const result = finish(this.#state, this.#unit, this.#running, outcome);
    this.#listener(this, result, outcome);
    return result;
  }
}

/** The workload's status, or `error` as long as a failed hook waits to be run again. */
function shownStatus({ hook, running, status }: UnitState): { status: string; since: number } {
  const isInError = hook?.step === "failed" && running?.kind !== "hook";
  return isInError ? { status: "error", since: hook.failedAt } : status;
}

function requireFits(key: string, value: string): void {
  if (Buffer.byteLength(key) > maximumKey) {
    throw new ToolError("too_big", `max allowed key length (${maximumKey}) exceeded`);
  }
  if (Buffer.byteLength(value) > maximumValue) {
    throw new ToolError("too_big", `max allowed value length (${maximumValue}) exceeded`);
  }
}
