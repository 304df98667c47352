/**
 * An application in memory, for the tests of a charm: units, databags, leader settings and the end of a hook, without Juju and
 * without its events. The test says which unit runs a hook when.
 *
 * @module
 */

import { UsageError } from "./errors.js";
import { MemoryFlags } from "./flags.js";
import type { Host, LogLevel, Store, Values } from "./host.js";

export interface MemoryOptions {
  /** How many; they are called `app/0`, `app/1` and so on. */
  readonly units: number;
  /** The number of the unit that leads. Default: 0. */
  readonly leader?: number;
  /** Default: leader settings. */
  readonly store?: Store;
}

/** A host whose hook ends when the test says so. */
export interface MemoryHost extends Host {
  /** The hook succeeded: runs what waits for its end, then keeps what was written. */
  commit(): void;
  /** The hook failed: what was written is dropped, but not leader settings, which Juju writes at once. */
  fail(): void;
}

/**
 * @example
 * ```ts
 * const application = new MemoryApplication({ units: 3 });
 * const host = application.hook("app/1", "config-changed");
 * const coordinator = new Coordinator(host);
 * coordinator.start();
 * coordinator.acquire("restart");
 * host.commit();
 * ```
 */
export class MemoryApplication {
  /** The unit that leads; set it to move leadership. */
  leader: string;
  readonly units: readonly string[];
  readonly store: Store;
  /** What config-get answers. */
  readonly config: Record<string, unknown> = {};
  /** What resource-get answers: paths by name. */
  readonly resources: Record<string, string> = {};
  /** What was logged, oldest first. */
  readonly log: { unit: string; level: LogLevel; message: string }[] = [];
  /** The committed databag of each unit. */
  readonly databags = new Map<string, Values>();
  /** The grants' store: leader settings, or the application databag. */
  settings: Values = {};
  readonly #saved = new Map<string, Values>();
  #microseconds = 0;

  constructor(options: MemoryOptions) {
    const { units, leader = 0, store = "settings" } = options;
    if (!Number.isInteger(units) || units < 1) {
      throw new UsageError("bad_type", `units must be a whole number of at least 1, not ${units}`);
    }
    this.units = Array.from({ length: units }, (_, number) => `app/${number}`);
    this.leader = `app/${leader}`;
    this.store = store;
    for (const unit of this.units) this.databags.set(unit, {});
  }

  /** Begins a hook of one unit. */
  hook(unit: string, name = "update-status"): MemoryHost {
    const pending = { databag: {} as Values, settings: {} as Values, saved: {} as Values };
    const flags = new MemoryFlags();
    const callbacks: (() => void)[] = [];
    const isLeader = (): boolean => this.leader === unit;
    let isOver = false;
    const over = (): void => {
      if (isOver) throw new UsageError("bad_order", "this hook has ended");
      isOver = true;
    };
    return {
      leadership: {
        store: this.store,
        isLeader,
        read: () => merge(this.settings, isLeader() ? pending.settings : {}),
        write: (values) => {
          if (!isLeader()) return false;
          if (this.store === "settings") this.settings = merge(this.settings, values);
          else pending.settings = { ...pending.settings, ...values };
          return true;
        },
      },
      peers: {
        own: () => merge(this.databags.get(unit) ?? {}, pending.databag),
        members: () => this.units.filter((other) => other !== unit),
        of: (other) => this.databags.get(other) ?? null,
        writeOwn: (values) => {
          pending.databag = { ...pending.databag, ...values };
        },
        planned: () => Object.fromEntries(this.units.map((each) => [each, "active"])),
        readSaved: (key) => pending.saved[key] ?? this.#saved.get(unit)?.[key] ?? "",
        writeSaved: (key, value) => {
          pending.saved[key] = value;
        },
      },
      flags,
      hook: {
        unit,
        kind: "hook",
        name,
        remoteUnit: null,
        departingUnit: null,
        subordinate: false,
        now: () => this.#now(),
        monotonic: () => this.#microseconds / 1e6,
        config: () => ({ ...this.config }),
        resource: (resource) => this.resources[resource] ?? null,
        log: (level, message) => void this.log.push({ unit, level, message }),
        onEnd: (callback) => void callbacks.push(callback),
      },
      commit: () => {
        over();
        for (const callback of callbacks) callback();
        if (Object.keys(pending.settings).length > 0) {
          if (!isLeader())
            throw new UsageError("refused", "Juju refuses the commit: not the leader");
          this.settings = merge(this.settings, pending.settings);
        }
        this.databags.set(unit, merge(this.databags.get(unit) ?? {}, pending.databag));
        this.#saved.set(unit, { ...this.#saved.get(unit), ...pending.saved });
      },
      fail: over,
    };
  }

  /** Each look at the clock is a microsecond later, so that a test gives the same history each time. */
  #now(): string {
    this.#microseconds += 1;
    const micros = String(this.#microseconds % 1000).padStart(3, "0");
    const time = new Date(
      Date.UTC(2026, 0, 1) + Math.floor(this.#microseconds / 1000),
    ).toISOString();
    return `${time.replace("T", " ").slice(0, -1)}${micros}Z`;
  }
}

/** Juju's way with a map: an empty value deletes its key. */
function merge(values: Values, changes: Values): Values {
  return Object.fromEntries(
    Object.entries({ ...values, ...changes }).filter(([, value]) => value !== ""),
  );
}
