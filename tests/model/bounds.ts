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

/** For `npm test`: every kind of fault once, and the interleavings of two units in full. */
export const small: readonly Bound[] = [
  ...onBoth("2 units, every call a step", { acquires: [2, 1], fine: true }),
  bound("3.6 2 units, leadership moves twice", { acquires: [1, 1], moves: 2, ticks: 2 }),
  bound("4.0 2 units, leadership moves twice", {
    ...{ store: "application", acquires: [0, 1], moves: 2, ticks: 2 },
  }),
  bound("3.6 2 units, a hook fails and leadership moves", { acquires: [1, 1], fails: 1, moves: 1 }),
  ...onBoth("2 units, agents crash at commits", { acquires: [1, 1], crashes: 1 }),
  ...onBoth("2 units, juju-exec at any time", { acquires: [1, 1], fails: 1, execs: 1 }),
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
  ...onBoth("2 units, 30 seconds pass in a hook", { acquires: [1, 1], waits: 1, ticks: 1 }),
  bound("3.6 3 units, one departs", { acquires: [1, 1, 0], departures: 1, ticks: 2 }),
  bound("3.6 3 units", {}),
  bound("3.6 3 units, parallel:2", { policy: "parallel:2" }),
];

/** What `npm run model` explores besides. */
export const large: readonly Bound[] = [
  bound("4.0 3 units", { store: "application" }),
  ...onBoth("3 units, a hook fails", { fails: 1 }),
  ...onBoth("3 units, leadership moves", { acquires: [0, 1, 1], moves: 1 }),
  bound("3.6 3 units, a hook fails and leadership moves", {
    ...{ acquires: [0, 1, 1], moves: 1, fails: 1 },
  }),
  bound("4.0 2 units, a hook fails and leadership moves", {
    ...{ store: "application", acquires: [1, 1], fails: 1, moves: 1 },
  }),
  ...onBoth("2 units, leadership moves twice", { acquires: [1, 1], moves: 2, ticks: 2 }),
  ...onBoth("2 units, leadership moves three times", { acquires: [0, 1], moves: 3, ticks: 3 }),
  ...onBoth("2 units, two moves and a failure", { acquires: [0, 1], moves: 2, fails: 1, ticks: 2 }),
  ...onBoth("2 units, two crashes and a move", {
    acquires: [1, 1],
    moves: 1,
    crashes: 2,
    ticks: 1,
  }),
  ...onBoth("2 units, 30 seconds pass and leadership moves", {
    ...{ acquires: [1, 1], moves: 1, waits: 1, ticks: 1 },
  }),
  ...onBoth("2 units, skipped, and leadership moves", {
    ...{ acquires: [1, 1], moves: 1, fails: 1, skips: 1, ticks: 2 },
  }),
  ...onBoth("3 units, one departs", { acquires: [0, 1, 1], departures: 1, ticks: 2 }),
  ...onBoth("3 units, one is removed by force", { acquires: [0, 1, 1], deaths: 1, ticks: 2 }),
  ...onBoth("3 units, one has met nobody", { acquires: [0, 1, 0], young: [2], moves: 1, ticks: 1 }),
  ...onBoth("2 units, two locks, serial, leadership moves", {
    ...{ ...twoLocks, acquires: [1, 1], moves: 1 },
  }),
  ...onBoth("2 units, two locks, simple, leadership moves and a hook fails", {
    ...{ ...twoLocks, acquires: [1, 1], policy: "simple", moves: 1, fails: 1 },
  }),
  ...onBoth("2 units, leader-elected comes late", {
    ...{ acquires: [1, 1], moves: 2, ticks: 3, lateElected: true },
  }),
];
