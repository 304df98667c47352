/**
 * A hook's life: it begins with what Juju knows at that moment, and ends in a commit, an error, or a fresh start.
 *
 * @module
 */

import { commit, immediateOnly, refusal, type Writes } from "./commit.js";
import { ModelError } from "./errors.js";
import { dueEvents, event, isRelationKind, sameEvent, skipped } from "./events.js";
import { elect, lookAtLeadership } from "./leadership.js";
import {
  type ContextKind,
  type Event,
  firstBag,
  microseconds,
  type PendingHook,
  type Running,
  type State,
  type UnitState,
} from "./state.js";
import { noValues } from "./values.js";

/**
 * How a hook ended: the charm's exit code; killed by a signal; or the unit's agent crashed after the charm's exit 0, before
 * the commit reached the controller, or after it and before the agent wrote down that the hook had run.
 */
export type Outcome =
  | { readonly exit: number }
  | { readonly signal: string }
  | { readonly crash: "before-commit" | "after-commit" };

/**
 * `committed` · `failed`: the charm's own exit code, or a crash · `refused`: exit 0, but the controller refused the commit; the hook
 * failed · `requeued`: killed, runs again at once · `rerun`: committed, and runs again all the same · `gone`: the unit died or
 * its agent stopped meanwhile, nothing is committed.
 */
export type Ending = "committed" | "failed" | "refused" | "requeued" | "rerun" | "gone";

export interface Result {
  readonly ending: Ending;
  /** Why it failed or was refused; `""` if it did not. */
  readonly message: string;
  readonly writes: Writes;
}

export interface BeginOptions {
  readonly action?: string;
  readonly parameters?: Readonly<Record<string, unknown>>;
  /** juju-exec -r: relation tools have a default relation. */
  readonly inRelation?: boolean;
}

/**
 * Begins a hook.
 *
 * @throws ModelError `busy` if the unit runs something, `not_due` if Juju would not deliver this event now.
 */
export function beginHook(state: State, unit: UnitState, wanted: Event): Running {
  requireIdle(unit, wanted.kind);
  const due = dueEvents(state, unit).find((one) => sameEvent(one, wanted));
  if (due === undefined) {
    const others = dueEvents(state, unit).map(describe).join(", ") || "nothing";
    const problem = `${describe(wanted)} is not due for ${unit.name}; due: ${others}`;
    throw new ModelError("not_due", problem);
  }
  if (skipped(state, unit)) unit.hook = null;
  if (unit.leaderFlag && state.leader !== unit.name) unit.leaderFlag = false;
  if (due.kind === "leader-elected") unit.leaderFlag = true;
  if (due.kind === "upgrade-charm") unit.deployed = unit.revision;
  const again = unit.hook;
  const running = open(state, unit, "hook", due, again, {});
  if (isRelationKind(due.kind) && due.remoteUnit !== null) delete unit.cached[due.remoteUnit];
  if (due.kind === "install") {
    unit.status = {
      status: "maintenance",
      message: "installing charm software",
      since: state.time,
    };
  }
  return running;
}

function describe({ kind, remoteUnit }: Event): string {
  return remoteUnit === null ? kind : `${kind} ${remoteUnit}`;
}

/**
 * Begins an action or a juju-exec command: possible in a unit whose hook has failed, and (juju-exec) before install.
 *
 * @throws ModelError `busy` if the unit runs something, `no_unit` if it is dead, `not_running` if its agent is.
 */
export function beginCommand(
  state: State,
  unit: UnitState,
  kind: "action" | "exec",
  options: BeginOptions,
): Running {
  requireIdle(unit, kind);
  if (unit.life === "dead") throw new ModelError("no_unit", `${unit.name} is dead`);
  if (!unit.agentRunning) throw new ModelError("not_running", `the agent of ${unit.name} is down`);
  return open(state, unit, kind, null, null, options);
}

function requireIdle(unit: UnitState, wanted: string): void {
  if (unit.running === null) return;
  const now = unit.running.event?.kind ?? unit.running.kind;
  throw new ModelError("busy", `${unit.name} runs ${now}: ${wanted} cannot begin before it ends`);
}

function open(
  state: State,
  unit: UnitState,
  kind: ContextKind,
  due: Event | null,
  again: PendingHook | null,
  options: BeginOptions,
): Running {
  unit.running = {
    kind,
    event: due,
    action: options.action ?? "",
    parameters: options.parameters ?? {},
    inRelation: options.inRelation ?? (due !== null && isRelationKind(due.kind)),
    began: ++state.step,
    failures: again?.failures ?? 0,
    related: state.relation !== null && unit.bag !== null,
    version: again === null ? versionOf(state, due) : again.version,
    settingsVersion: state.settings.version,
    configVersion: unit.config.version,
    ticks: unit.ticks,
    minion: false,
    own: null,
    application: null,
    applicationDirty: false,
    applicationSeen: null,
    others: {},
    settings: null,
    settingsWritten: noValues,
    config: null,
    saved: null,
    savedDirty: false,
    statusSeen: null,
    ports: null,
    results: noValues,
    failed: null,
    tools: {},
    logs: [],
  };
  return unit.running;
}

/** The databag version that a relation event tells the unit about. */
function versionOf(state: State, due: Event | null): number {
  if (due === null) return 0;
  if (due.remoteUnit !== null) return state.units[due.remoteUnit]?.bag?.version ?? 0;
  return due.kind === "relation-changed" ? state.applicationBag.version : 0;
}

/** Ends what the unit runs. */
export function finish(state: State, unit: UnitState, running: Running, outcome: Outcome): Result {
  state.step++;
  if (unit.running !== running) {
    return { ending: "gone", message: `${unit.name} is gone`, writes: immediateOnly(running) };
  }
  const result =
    running.kind === "hook"
      ? finishHook(state, unit, running, running.event!, outcome)
      : finishCommand(state, unit, running, outcome);
  unit.running = null;
  if (unit.life === "dying" && !unit.installed && unit.hook === null) die(state, unit);
  lookAtLeadership(state, unit);
  return result;
}

function finishHook(
  state: State,
  unit: UnitState,
  running: Running,
  done: Event,
  outcome: Outcome,
): Result {
  if ("signal" in outcome) {
    requeue(unit, running, done);
    return { ending: "requeued", message: "", writes: immediateOnly(running) };
  }
  if ("crash" in outcome) return crash(state, unit, running, done, outcome.crash);
  if (outcome.exit !== 0) {
    return fail(state, unit, running, done, "failed", `exit status ${outcome.exit}`);
  }
  const refused = refusal(state, unit, running);
  if (refused !== null) return fail(state, unit, running, done, "refused", refused);
  const writes = commit(state, unit, running);
  rememberEvent(state, unit, running, done);
  return { ending: "committed", message: "", writes };
}

/** juju-exec: writes are committed whatever the exit code, and only a signal drops them. An action is committed if it succeeded. Neither puts the unit in error. */
function finishCommand(state: State, unit: UnitState, running: Running, outcome: Outcome): Result {
  const exit = "exit" in outcome ? outcome.exit : 0;
  const lost = "signal" in outcome || ("crash" in outcome && outcome.crash === "before-commit");
  if ("crash" in outcome) forgetCaches(unit);
  if (lost || (exit !== 0 && running.kind === "action")) {
    const message = lost ? "terminated" : `exit status ${exit}`;
    return { ending: "failed", message, writes: immediateOnly(running) };
  }
  const refused = refusal(state, unit, running);
  if (refused !== null) {
    return { ending: "refused", message: refused, writes: immediateOnly(running) };
  }
  const writes = commit(state, unit, running);
  return running.failed === null
    ? { ending: "committed", message: "", writes }
    : { ending: "failed", message: running.failed, writes };
}

function crash(
  state: State,
  unit: UnitState,
  running: Running,
  done: Event,
  moment: "before-commit" | "after-commit",
): Result {
  const refused = moment === "after-commit" ? refusal(state, unit, running) : null;
  const commits = moment === "after-commit" && refused === null;
  const writes = commits ? commit(state, unit, running) : immediateOnly(running);
  fail(state, unit, running, done, "failed", "agent crashed");
  forgetCaches(unit);
  if (refused !== null) return { ending: "refused", message: refused, writes };
  return { ending: commits ? "rerun" : "failed", message: "agent crashed", writes };
}

/** The unit is in error: the same hook runs again later, with the same environment, and nothing else does. */
function fail(
  state: State,
  unit: UnitState,
  running: Running,
  done: Event,
  ending: "failed" | "refused",
  message: string,
): Result {
  if (done.kind === "relation-joined") delete unit.cached[done.remoteUnit!];
  const failures = running.failures + 1;
  const seconds = Math.min(state.switches.retrySeconds * 2 ** (failures - 1), 300);
  unit.hook = {
    step: "failed",
    event: done,
    version: running.version,
    failures,
    failedAt: state.time,
    retryAt: state.time + seconds * microseconds,
  };
  return { ending, message, writes: immediateOnly(running) };
}

/** The agent is killed while it runs something: a hook counts as failed, the rest is lost. */
export function interrupt(state: State, unit: UnitState): void {
  const running = unit.running;
  if (running !== null && running.kind === "hook") {
    fail(state, unit, running, running.event!, "failed", "agent stopped");
  }
  unit.running = null;
  forgetCaches(unit);
}

/** What an agent holds in memory only. */
export function forgetCaches(unit: UnitState): void {
  unit.cached = {};
  unit.seenSettings = 0;
  unit.seenTicks = 0;
}

function requeue(unit: UnitState, running: Running, done: Event): void {
  if (done.kind === "relation-joined") delete unit.cached[done.remoteUnit!];
  unit.hook = {
    step: "queued",
    event: done,
    version: running.version,
    failures: running.failures,
    failedAt: 0,
    retryAt: 0,
  };
}

/** A failed hook is given up: Juju counts it as run, so the event is lost. */
export function skipHook(state: State, unit: UnitState, hook: PendingHook): void {
  const running = open(state, unit, "hook", hook.event, hook, {});
  unit.running = null;
  rememberEvent(state, unit, running, hook.event);
  lookAtLeadership(state, unit);
}

/** The agent writes down that an event was delivered. */
function rememberEvent(state: State, unit: UnitState, running: Running, done: Event): void {
  unit.hook = null;
  unit.seenTicks = running.ticks;
  const remote = done.remoteUnit;
  switch (done.kind) {
    case "install":
      unit.installed = true;
      if (state.relation !== null && unit.life === "alive") {
        unit.bag = firstBag(state, unit);
        unit.inScope = true;
      }
      break;
    case "relation-created":
      unit.relationCreated = true;
      break;
    case "leader-settings-changed":
      unit.seenSettings = running.settingsVersion;
      break;
    case "config-changed":
      unit.seenConfig = running.configVersion;
      if (!unit.started) queue(unit, "start");
      break;
    case "upgrade-charm":
      queue(unit, "config-changed");
      break;
    case "start":
      unit.started = true;
      if (unit.status.message === "installing charm software") {
        unit.status = { status: "unknown", message: "", since: state.time };
      }
      break;
    case "relation-joined":
      unit.members[remote!] = running.version;
      unit.changedPending = remote;
      break;
    case "relation-changed":
      rememberChange(unit, remote, running.version);
      break;
    case "relation-departed":
      delete unit.members[remote!];
      delete unit.cached[remote!];
      break;
    case "stop":
      unit.started = false;
      break;
    case "remove":
      die(state, unit);
      break;
  }
}

function rememberChange(unit: UnitState, remote: string | null, version: number): void {
  if (remote === null) {
    unit.seenApplication = version;
    return;
  }
  unit.changedPending = null;
  unit.members[remote] = version;
}

/** What Juju runs next, whatever else is due. */
function queue(unit: UnitState, kind: "start" | "config-changed"): void {
  unit.hook = {
    step: "queued",
    event: event(kind),
    version: 0,
    failures: 0,
    failedAt: 0,
    retryAt: 0,
  };
}

/** The unit is gone from the model; its databag stays readable. Its lease is free at once. */
export function die(state: State, unit: UnitState): void {
  unit.life = "dead";
  unit.inScope = false;
  unit.running = null;
  unit.hook = null;
  if (state.leader === unit.name) elect(state);
}
