/**
 * A bound: which application is explored, with how much of everything.
 *
 * @module
 */

import type { Store } from "../../bindings/typescript/host.js";
import type { Rule } from "./oracle.js";

export interface Bound {
  readonly name: string;
  readonly store: Store;
  /** For each unit, how often its charm asks for its locks; as many as there are units. */
  readonly acquires: readonly number[];
  /** Rules with commas between them. `dawn` is a function of the charm's: one at a time, and only while the gate is open. */
  readonly policy: string;
  readonly locks: readonly string[];
  /** `running`: each request is later than all before it. `still`: all clocks stand. `back`: each request is earlier. */
  readonly clock: "running" | "still" | "back";
  /** How often leadership may move. */
  readonly moves: number;
  /** How often a hook may fail. */
  readonly fails: number;
  /** How often an agent may crash at a commit, before or after it. */
  readonly crashes: number;
  /** How many units may be removed. */
  readonly departures: number;
  /** How many may be removed by force. */
  readonly deaths: number;
  /** How often `resolved --no-retry` may skip a hook. */
  readonly skips: number;
  /** How often 30 seconds may pass in a leader's hook without a move. */
  readonly waits: number;
  /** How often juju-exec may run. */
  readonly execs: number;
  /** How often an action may run that is allowed to decide. */
  readonly actions: number;
  /** How often a charm may take its requests back. */
  readonly withdraws: number;
  /** How often somebody may make a databag or the grants unreadable, or seem to be of a newer version. */
  readonly spoils: number;
  /** How often the policy's gate may open or close. It is closed at first. */
  readonly turns: number;
  /** How often an idle agent may restart. */
  readonly restarts: number;
  /** How often update-status may come to the rescue of a request that waits; 0: that would be a violation at once. */
  readonly ticks: number;
  /** The units that have run relation-joined for nobody yet, nor nobody for them. */
  readonly young: readonly number[];
  /** The units that run the old library. They never lead, unless `oldLead`. */
  readonly old: readonly number[];
  readonly oldLead: boolean;
  /** For each unit the locks that its charm asks for (bits). */
  readonly wants: readonly number[];
  /** An idle agent looks at leadership only in its next hook. */
  readonly lateElected: boolean;
  readonly stickyFalse: boolean;
  /** On Juju 4, leadership never moves between this moment of a hook and its commit. `never`: it may move until the commit. */
  readonly promptAfter: "decision" | "is-leader" | "never";
  /** On Juju 4, `app/0` has begun a reign already. */
  readonly reigns: boolean;
  /** The rules that are looked at; empty: all. */
  readonly rules: readonly Rule[];
  /** No steps of hooks are taken together, even where nobody could tell. */
  readonly fine: boolean;
}

export const locks = ["restart", "migrate"] as const;

const plain: Omit<Bound, "name" | "wants"> = {
  store: "settings",
  acquires: [1, 1, 1],
  policy: "serial",
  locks: ["restart"],
  clock: "running",
  ...{ moves: 0, fails: 0, crashes: 0, departures: 0, deaths: 0, skips: 0, waits: 0 },
  ...{ execs: 0, actions: 0, withdraws: 0, spoils: 0, turns: 0, restarts: 0, ticks: 0 },
  ...{ young: [], old: [], oldLead: false, lateElected: false },
  stickyFalse: true,
  promptAfter: "is-leader",
  reigns: false,
  rules: [],
  fine: false,
};

/** A bound that is `serial`, three units that ask once, and nothing else, but for what is given. */
export function bound(name: string, options: Partial<Bound>): Bound {
  const { acquires, locks } = { ...plain, ...options };
  const all = (1 << locks.length) - 1;
  return { ...plain, wants: acquires.map(() => all), ...options, name };
}
