/**
 * What a binding needs of Juju, and nothing more: leadership (and the grants it guards), relation data, flag callbacks and the
 * hook itself with its end. `juju.ts` supplies it by hook tools, `memory.ts` for tests, the local Juju for simulation.
 *
 * Every call is synchronous: a hook is one sequential program.
 *
 * @module
 */

/** The raw values of a databag or of leader settings. Setting a value to `""` deletes its key, as Juju does. */
export type Values = Record<string, string>;

/** Where the leader keeps the grants: leader settings (Juju ≤ 3.6) or the application databag (Juju ≥ 4.0). */
export type Store = "settings" | "application";

/** `action` when JUJU_ACTION_NAME is set; `exec` (juju-exec) when JUJU_HOOK_NAME is empty; else `hook`. */
export type ContextKind = "hook" | "action" | "exec";

export type LogLevel = "DEBUG" | "INFO" | "WARNING" | "ERROR";

/** Leadership, and the one place only a leader may write. */
export interface Leadership {
  readonly store: Store;
  /** Asks Juju now. True is good for 30 seconds; false is final for this hook. */
  isLeader(): boolean;
  /** All values of leader settings, or of the peer relation's application databag. */
  read(): Values;
  /**
   * leader-set, or relation-set --app. Leader settings change at once; the application databag with the hook's commit, which
   * Juju may still refuse as a whole.
   *
   * @returns false if Juju refused because this unit does not lead. That is no failure: the hook goes on.
   * @throws HostError for any other failure: at the end of a hook the hook must fail; before it the core is told, and goes on as
   * a unit that does not lead.
   */
  write(values: Values): boolean;
}

/** The peer relation. */
export interface Peers {
  /** This unit's databag, or null while there is no peer relation (in `install`, or none declared). */
  own(): Values | null;
  /** The units of relation-list: those whose relation-joined this unit has run, itself left out. */
  members(): string[];
  /** The databag of another unit, member or not; null if Juju refuses to show it. */
  of(unit: string): Values | null;
  /** relation-set: committed with the hook. */
  writeOwn(values: Values): void;
  /** The units of goal-state with their status. A dead unit is not among them. */
  planned(): Record<string, string>;
  /** state-get of one key; `""` if it was never set. Where requests wait while there is no peer relation. */
  readSaved(key: string): string;
  /** state-set of one key: committed with the hook. */
  writeSaved(key: string, value: string): void;
}

/** What the charm is told: flags as in charms.reactive (`coordinator.granted.restart`). */
export interface Flags {
  /** The `coordinator.…` flags now set. */
  current(): string[];
  set(flag: string): void;
  clear(flag: string): void;
}

/** The hook that is running. */
export interface Hook {
  /** This unit: `app/0`. */
  readonly unit: string;
  readonly kind: ContextKind;
  /** JUJU_HOOK_NAME: `config-changed`; `""` in an action or juju-exec. */
  readonly name: string;
  /** JUJU_REMOTE_UNIT in a hook of this peer relation; null in any other, where it says nothing about a peer's databag. */
  readonly remoteUnit: string | null;
  /** JUJU_DEPARTING_UNIT in a hook of this peer relation; null in any other. */
  readonly departingUnit: string | null;
  /** JUJU_PRINCIPAL_UNIT is not empty: goal-state then leaves out units beside other principals. */
  readonly subordinate: boolean;
  /** UTC, microseconds: `2026-11-22 09:52:56.123456Z`. */
  now(): string;
  /** Seconds on a clock that never goes back. */
  monotonic(): number;
  config(): Record<string, unknown>;
  /** resource-get: the path of a charm resource's file; null if none was attached. @throws HostError if it cannot be had */
  resource(name: string): string | null;
  log(level: LogLevel, message: string): void;
  /** Registers what must happen at the end of a hook that succeeded. Never called for one that failed. */
  onEnd(callback: () => void): void;
}

export interface Host {
  readonly leadership: Leadership;
  readonly peers: Peers;
  readonly flags: Flags;
  readonly hook: Hook;
}
