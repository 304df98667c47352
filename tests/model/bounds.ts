/**
 * The bounds that are explored.
 *
 * @module
 */

import { type Bound, bound, locks } from "./bound.js";

/** One bound for leader settings, and the same for the application databag. */
const onBoth = (name: string, options: Partial<Bound>): Bound[] => [
  bound(`3.6 ${name}`, { ...options, store: "settings" }),
  bound(`4.0 ${name}`, { ...options, store: "application" }),
];

const twoLocks = { locks: [...locks] };
/** `app/0` asks for the one lock, `app/1` for the other. */
const ownLocks = { ...twoLocks, acquires: [1, 1], wants: [1, 2] };

/** For `npm test`: every kind of fault once, and the interleavings of two units in full. */
export const small: readonly Bound[] = [
  ...onBoth("2 units, every call a step", { acquires: [2, 1], fine: true }),
  bound("3.6 2 units, leadership moves twice", { acquires: [1, 1], moves: 2, ticks: 2 }),
  bound("4.0 2 units, leadership moves twice", {
    ...{ store: "application", acquires: [0, 1], moves: 2, ticks: 2 },
  }),
  bound("3.6 2 units, a hook fails and leadership moves", { acquires: [1, 1], fails: 1, moves: 1 }),
  ...onBoth("2 units, leadership moves and the lock is asked for again", {
    ...{ acquires: [1, 2], moves: 1 },
  }),
  ...onBoth("2 units, agents crash at commits", { acquires: [1, 1], crashes: 1 }),
  ...onBoth("2 units, juju-exec at any time", { acquires: [1, 1], fails: 1, execs: 1 }),
  ...onBoth("2 units, an action decides at any time", { acquires: [1, 1], fails: 1, actions: 1 }),
  ...onBoth("2 units, requests are withdrawn", { acquires: [1, 2], withdraws: 2 }),
  ...onBoth("2 units, data becomes unreadable", { acquires: [1, 1], spoils: 1, ticks: 2 }),
  bound("3.6 3 units, data becomes unreadable", { acquires: [0, 1, 1], spoils: 1, ticks: 2 }),
  bound("3.6 3 units, one of the old library", { old: [2], acquires: [0, 1, 1], ticks: 2 }),
  ...onBoth("2 units, a failed hook is skipped", {
    acquires: [1, 1],
    fails: 1,
    skips: 1,
    ticks: 2,
  }),
  ...onBoth("2 units, agents restart", { acquires: [1, 1], restarts: 2 }),
  ...onBoth("2 units, clocks stand still", { acquires: [2, 2], clock: "still" }),
  ...onBoth("3 units, clocks go back", { acquires: [0, 1, 1], clock: "back" }),
  ...onBoth("2 units, simple with two locks", { ...twoLocks, acquires: [1, 1], policy: "simple" }),
  ...onBoth("2 units, simple with a lock each", { ...ownLocks, policy: "simple" }),
  ...onBoth("2 units, a gate opens and closes", {
    ...{ acquires: [1, 1], policy: "serial,gate:go", turns: 2, ticks: 1 },
  }),
  ...onBoth("2 units, a policy that waits for the day", {
    ...{ acquires: [1, 1], policy: "dawn", turns: 1, ticks: 3 },
  }),
  ...onBoth("2 units, paused", { acquires: [1, 1], policy: "pause" }),
  ...onBoth("2 units, 30 seconds pass in a hook", { acquires: [1, 1], waits: 1, ticks: 1 }),
  bound("3.6 3 units, one departs", { acquires: [0, 1, 1], departures: 1, ticks: 2 }),
  bound("3.6 3 units", {}),
  bound("3.6 3 units, parallel:2", { policy: "parallel:2" }),
  bound("3.6 3 units, parallel:67%", { policy: "parallel:67%" }),
  bound("3.6 3 units, available:1", { policy: "available:1" }),
  bound("3.6 4 units", { acquires: [0, 1, 1, 1] }),
];

/** What `npm run model` explores besides. */
export const large: readonly Bound[] = [
  bound("4.0 3 units", { store: "application" }),
  ...onBoth("3 units, available:2", { policy: "available:2" }),
  bound("4.0 3 units, parallel:2", { store: "application", policy: "parallel:2" }),
  bound("3.6 4 units, parallel:2", { acquires: [0, 1, 1, 1], policy: "parallel:2" }),
  bound("3.6 3 units, a hook fails", { fails: 1 }),
  bound("3.6 3 units, leadership moves", { acquires: [0, 1, 1], moves: 1 }),
  bound("4.0 2 units, a hook fails and leadership moves", {
    ...{ store: "application", acquires: [1, 1], fails: 1, moves: 1 },
  }),
  bound("4.0 2 units, leadership moves twice", {
    ...{ store: "application", acquires: [1, 1], moves: 2, ticks: 2 },
  }),
  bound("3.6 2 units, leadership moves twice and the lock is asked for again", {
    ...{ acquires: [1, 2], moves: 2, ticks: 2 },
  }),
  ...onBoth("2 units, leadership moves three times", { acquires: [0, 1], moves: 3, ticks: 3 }),
  ...onBoth("2 units, two moves and a failure", { acquires: [0, 1], moves: 2, fails: 1, ticks: 2 }),
  bound("3.6 2 units, two crashes and a move", {
    ...{ acquires: [1, 1], moves: 1, crashes: 2, ticks: 1 },
  }),
  ...onBoth("2 units, 30 seconds pass and leadership moves", {
    ...{ acquires: [1, 1], moves: 1, waits: 1, ticks: 1 },
  }),
  ...onBoth("2 units, skipped, and leadership moves", {
    ...{ acquires: [1, 1], moves: 1, fails: 1, skips: 1, ticks: 2 },
  }),
  bound("4.0 3 units, one departs", {
    ...{ store: "application", acquires: [0, 1, 1], departures: 1, ticks: 2 },
  }),
  ...onBoth("3 units, one is removed by force", { acquires: [0, 1, 1], deaths: 1, ticks: 2 }),
  bound("3.6 3 units, one has met nobody", {
    ...{ acquires: [0, 1, 0], young: [2], moves: 1, ticks: 1 },
  }),
  ...onBoth("2 units, two locks, serial, leadership moves", {
    ...{ ...twoLocks, acquires: [1, 1], moves: 1 },
  }),
  ...onBoth("2 units, two locks, simple, leadership moves and a hook fails", {
    ...{ ...twoLocks, acquires: [1, 1], policy: "simple", moves: 1, fails: 1 },
  }),
  ...onBoth("2 units, leader-elected comes late", {
    ...{ acquires: [1, 1], moves: 2, ticks: 3, lateElected: true },
  }),
  ...onBoth("2 units, an action decides and leadership moves", {
    ...{ acquires: [1, 1], actions: 1, moves: 1, ticks: 1 },
  }),
  ...onBoth("2 units, a request is withdrawn and leadership moves", {
    ...{ acquires: [1, 1], withdraws: 1, moves: 1 },
  }),
  ...onBoth("2 units, a gate turns and leadership moves", {
    ...{ acquires: [1, 1], policy: "serial,gate:go", turns: 2, moves: 1, ticks: 2 },
  }),
  bound("4.0 2 units, data becomes unreadable twice", {
    ...{ store: "application", acquires: [1, 1], spoils: 2, ticks: 2 },
  }),
  bound("3.6 3 units, data becomes unreadable twice", { acquires: [0, 1, 1], spoils: 2, ticks: 2 }),
  bound("4.0 3 units, data becomes unreadable", {
    ...{ store: "application", acquires: [0, 1, 1], spoils: 1, ticks: 2 },
  }),
  ...onBoth("2 units, data becomes unreadable and leadership moves", {
    ...{ acquires: [1, 1], spoils: 1, moves: 1, ticks: 2 },
  }),
  bound("3.6 3 units, two of the old library", { old: [1, 2], ticks: 2 }),
];

/** The largest: only with `--bounds all`. */
export const deep: readonly Bound[] = [
  bound("4.0 3 units, a hook fails", { store: "application", fails: 1 }),
  bound("4.0 3 units, leadership moves", { store: "application", acquires: [0, 1, 1], moves: 1 }),
  bound("3.6 3 units, a hook fails and leadership moves", {
    ...{ acquires: [0, 1, 1], moves: 1, fails: 1 },
  }),
  bound("4.0 2 units, two crashes and a move", {
    ...{ store: "application", acquires: [1, 1], moves: 1, crashes: 2, ticks: 1 },
  }),
  bound("4.0 3 units, one has met nobody", {
    ...{ store: "application", acquires: [0, 1, 0], young: [2], moves: 1, ticks: 1 },
  }),
  bound("3.6 3 units, parallel:2, leadership moves", {
    ...{ acquires: [0, 1, 1], policy: "parallel:2", moves: 1 },
  }),
  bound("3.6 3 units, one of the old library, a hook fails", { old: [2], fails: 1, ticks: 2 }),
  bound("3.6 3 units, one of the old library, leadership moves", {
    ...{ old: [2], moves: 1, ticks: 2 },
  }),
];

/** The rules that hold whoever leads; an old leader keeps its own faults. */
export const besideOldLeader: Bound = bound("3.6 3 units, one of the old library may lead", {
  ...{ acquires: [1, 1, 0], old: [2], oldLead: true, moves: 1, ticks: 2, rules: ["kept"] },
});
