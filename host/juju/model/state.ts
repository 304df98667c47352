/**
 * The whole state of one application in the local Juju, as plain data: what the controller knows, what each unit's agent
 * remembers on its own, and what the hooks that are running have buffered.
 *
 * @module
 */

import { ModelError } from "./errors.js";
import { type Random, seeded } from "./random.js";
import { type Bag, emptyBag, hashValues, noValues, type Values, visible } from "./values.js";

export type JujuVersion = "3.6" | "4.0";
export type Life = "alive" | "dying" | "dead";
export type ContextKind = "hook" | "action" | "exec";

export type EventKind =
  | "install"
  | "relation-created"
  | "leader-elected"
  | "leader-settings-changed"
  | "upgrade-charm"
  | "config-changed"
  | "start"
  | "relation-joined"
  | "relation-changed"
  | "relation-departed"
  | "update-status"
  | "stop"
  | "remove";

/** What Juju tells a unit by running a hook. Never changed in place. */
export interface Event {
  readonly kind: EventKind;
  /** The other unit of a relation event; null for the application databag's relation-changed and for all other events. */
  readonly remoteUnit: string | null;
  /** JUJU_DEPARTING_UNIT: who leaves, in relation-departed. */
  readonly departingUnit: string | null;
}

/** Where Juju's behaviour is not settled or differs between versions, or where a fault is wanted. */
export interface Switches {
  /** The leader that wrote a peer relation's application databag gets relation-changed for it, like everyone else. */
  readonly leaderGetsOwnAppChanged: boolean;
  /** Databag versions are hashes of the content (default on 4.0), so A→B→A between two looks makes no event. */
  readonly hashVersions: boolean;
  /** Once is-leader said False it says False until the hook ends. */
  readonly stickyFalse: boolean;
  /** `-r wrongname:0` is "relation not found"; else the name is ignored, as older Juju does. */
  readonly validateRelationName: boolean;
  /** An idle agent does not look at leadership before its next hook: lost and regained in between gives no leader-elected. */
  readonly leaderElectedSuppressed: boolean;
  /** A dying unit leaves the relation at once; else when it is dead. */
  readonly departedWhenDying: boolean;
  /** Failed hooks are run again by themselves (Juju's `automatically-retry-hooks`). */
  readonly retryHooks: boolean;
  /** Seconds until the first retry; it doubles with each further failure, up to 300. */
  readonly retrySeconds: number;
  /** Seconds between update-status; 0: never. */
  readonly updateStatusSeconds: number;
}

export interface Config {
  readonly values: Readonly<Record<string, unknown>>;
  /** A hash of the values: Juju compares it to find out whether config-changed is due. */
  readonly version: number;
}

export interface Status {
  readonly status: string;
  readonly message: string;
  /** Microseconds since 1970. */
  readonly since: number;
}

/** The hook that must be the unit's next one. Never changed in place. */
export interface PendingHook {
  /** `queued`: not run yet, or killed by a signal. `failed`: the unit is in error. */
  readonly step: "queued" | "failed";
  readonly event: Event;
  /** The databag version that counts as seen when the hook succeeds: a retry does not renew it. */
  readonly version: number;
  readonly failures: number;
  /** Microseconds since 1970: when it failed last, and when it is run again. */
  readonly failedAt: number;
  readonly retryAt: number;
}

export interface LogLine {
  readonly level: string;
  readonly message: string;
}

/** One running hook, action or juju-exec: what it has cached and what it has buffered. */
export interface Running {
  readonly kind: ContextKind;
  readonly event: Event | null;
  /** The action's name; `""` elsewhere. */
  readonly action: string;
  readonly parameters: Readonly<Record<string, unknown>>;
  /** juju-exec -r: whether relation tools have a default relation. A relation event always has. */
  readonly inRelation: boolean;
  /** The step at which it began: its identity. */
  readonly began: number;
  /** How often this hook has failed before. */
  readonly failures: number;
  /** Whether the peer relation was there when it began. */
  readonly related: boolean;
  readonly version: number;
  readonly settingsVersion: number;
  readonly configVersion: number;
  readonly ticks: number;
  minion: boolean;
  own: Values | null;
  application: Values | null;
  applicationDirty: boolean;
  applicationSeen: Values | null;
  others: Record<string, Values>;
  settings: Values | null;
  settingsWritten: Values;
  config: Config | null;
  saved: Values | null;
  savedDirty: boolean;
  statusSeen: Status | null;
  ports: readonly string[] | null;
  results: Readonly<Record<string, unknown>>;
  /** action-fail's message; null if the action did not say that it failed. */
  failed: string | null;
  tools: Record<string, number>;
  logs: readonly LogLine[];
}

/** One unit: first what the controller knows, then what its agent remembers. */
export interface UnitState {
  readonly name: string;
  readonly number: number;
  readonly zone: string;
  life: Life;
  /** null until the unit enters the relation; kept when it has left. */
  bag: Bag | null;
  inScope: boolean;
  config: Config;
  status: Status;
  saved: Values;
  ports: readonly string[];
  workloadVersion: string;
  /** How often the update-status timer has fired. */
  ticks: number;
  /** The revision of the charm that it shall run. */
  revision: number;

  agentRunning: boolean;
  /** Seconds by which the unit's clock is ahead. */
  skew: number;
  installed: boolean;
  relationCreated: boolean;
  started: boolean;
  /** The agent's Leader flag: leader-elected was queued and leadership was not seen lost since. */
  leaderFlag: boolean;
  /** The units whose relation-joined succeeded here, with the databag version last seen. */
  members: Record<string, number>;
  /** The unit whose relation-joined succeeded last and whose relation-changed must follow. */
  changedPending: string | null;
  seenApplication: number;
  seenSettings: number;
  seenConfig: number;
  seenTicks: number;
  /** The revision of the charm that lies in its charm directory. */
  deployed: number;
  /** Members' databags, kept across hooks until that member's next relation-joined or relation-changed. */
  cached: Record<string, Values>;
  hook: PendingHook | null;
  running: Running | null;
}

export interface State {
  readonly juju: JujuVersion;
  readonly application: string;
  /** The peer relation's name; null: the charm declares none. */
  readonly relation: string | null;
  readonly seed: number;
  switches: Switches;
  random: Random;
  /** Counts everything that happens. */
  step: number;
  /** Microseconds since 1970. */
  time: number;
  leader: string | null;
  /** When a leader whose agent is down loses its lease; microseconds since 1970. */
  leaseEnds: number;
  applicationBag: Bag;
  applicationStatus: Status;
  /** Leader settings: Juju 3.6 only. */
  settings: Bag;
  config: Config;
  /** The charm's newest revision, which new units run. */
  revision: number;
  /** The files that the operator has attached, by resource name. */
  resources: Readonly<Record<string, string>>;
  /** Units in the order in which they were added; dead ones stay, numbers are never used again. */
  names: string[];
  units: Record<string, UnitState>;
}

export interface Options {
  readonly version: JujuVersion;
  readonly application?: string;
  /** The peer relation; null: none. */
  readonly relation?: string | null;
  readonly seed?: number;
  readonly config?: Readonly<Record<string, unknown>>;
  readonly switches?: Partial<Switches>;
  /** UTC start of the simulated clock, in microseconds since 1970. */
  readonly time?: number;
}

/** 2026-11-22 09:52:56.123456Z */
const defaultTime = 1_795_341_176_123_456;
export const microseconds = 1_000_000;
export const leaseSeconds = 60;

/** @throws ModelError `bad_option` for a version other than 3.6 and 4.0. */
export function newState(options: Options): State {
  if (options.version !== "3.6" && options.version !== "4.0") {
    throw new ModelError(
      "bad_option",
      `Juju version ${JSON.stringify(options.version)}: expected "3.6" or "4.0"`,
    );
  }
  const time = options.time ?? defaultTime;
  return {
    juju: options.version,
    application: options.application ?? "app",
    relation: options.relation === undefined ? "coordinator" : options.relation,
    seed: options.seed ?? 1,
    switches: {
      leaderGetsOwnAppChanged: true,
      hashVersions: options.version === "4.0",
      stickyFalse: true,
      validateRelationName: true,
      leaderElectedSuppressed: false,
      departedWhenDying: true,
      retryHooks: true,
      retrySeconds: 5,
      updateStatusSeconds: 300,
      ...options.switches,
    },
    random: seeded(options.seed ?? 1),
    step: 0,
    time,
    leader: null,
    leaseEnds: 0,
    applicationBag: emptyBag,
    applicationStatus: { status: "unknown", message: "", since: time },
    // The watcher's first event makes the version at least 1, so every unit that does not lead hears once at start-up.
    settings: { values: noValues, version: 1 },
    config: configOf(options.config ?? {}),
    revision: 0,
    resources: {},
    names: [],
    units: {},
  };
}

export function configOf(values: Readonly<Record<string, unknown>>): Config {
  return { values, version: hashValues(values) };
}

/** A unit as the controller has it before its agent has done anything. */
export function newUnit(state: State, number: number, zone: string): UnitState {
  return {
    name: `${state.application}/${number}`,
    number,
    zone,
    life: "alive",
    bag: null,
    inScope: false,
    config: state.config,
    status: { status: "waiting", message: "agent initialising", since: state.time },
    saved: noValues,
    ports: [],
    workloadVersion: "",
    ticks: 0,
    revision: state.revision,
    agentRunning: true,
    skew: 0,
    installed: false,
    relationCreated: false,
    started: false,
    leaderFlag: false,
    members: {},
    changedPending: null,
    seenApplication: 0,
    seenSettings: 0,
    seenConfig: 0,
    seenTicks: 0,
    deployed: state.revision,
    cached: {},
    hook: null,
    running: null,
  };
}

/** @throws ModelError `no_unit` if there never was such a unit. */
export function unitOf(state: State, name: string): UnitState {
  const unit = state.units[name];
  if (unit === undefined) {
    throw new ModelError(
      "no_unit",
      `no unit ${JSON.stringify(name)}: there are ${state.names.join(", ")}`,
    );
  }
  return unit;
}

/** A copy that shares nothing that changes in place. */
export function cloneState(state: State): State {
  const units: Record<string, UnitState> = {};
  for (const name of state.names) units[name] = cloneUnit(state.units[name]!);
  return { ...state, random: { ...state.random }, names: state.names.slice(), units };
}

function cloneUnit(unit: UnitState): UnitState {
  return {
    ...unit,
    members: { ...unit.members },
    cached: { ...unit.cached },
    running: unit.running === null ? null : cloneRunning(unit.running),
  };
}

function cloneRunning(running: Running): Running {
  return { ...running, others: { ...running.others }, tools: { ...running.tools } };
}

/** The address of a unit's machine. */
export function addressOf(number: number): string {
  const host = number + 1;
  return `10.${(host >> 16) & 255}.${(host >> 8) & 255}.${host & 255}`;
}

/** A unit's databag when it enters the relation: Juju up to 3.6 puts its addresses there. */
export function firstBag(state: State, unit: UnitState): Bag {
  const address = addressOf(unit.number);
  const values: Values =
    state.juju === "3.6"
      ? {
          "egress-subnets": `${address}/32`,
          "ingress-address": address,
          "private-address": address,
        }
      : noValues;
  return { values, version: state.switches.hashVersions ? hashValues(visible(values)) : 1 };
}
