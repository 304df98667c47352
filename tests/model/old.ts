/**
 * The bounds in which the old algorithm breaks, one for each fault of it that the checker is to find by itself. The numbers are
 * those by which the project speaks of these faults.
 *
 * @module
 */

import { oldSerial } from "../e2e/old-algorithm.js";
import { type Bound, bound } from "./bound.js";
import { old } from "./library.js";
import type { Rule } from "./oracle.js";

interface OldFault {
  readonly row: number;
  readonly what: string;
  readonly rule: Rule;
  readonly bound: Bound;
}

const fault = (row: number, what: string, rule: Rule, options: Partial<Bound>): OldFault => ({
  ...{ row, what, rule },
  bound: bound(`row ${row}: ${what}`, { ...options, rules: [rule] }),
});

export const oldFaults: readonly OldFault[] = [
  fault(2, "the leader releases, and nobody is woken for those who wait", "served", {}),
  fault(9, "a unit that is promoted inside a hook runs on a spent grant", "matching", {
    ...{ acquires: [0, 2], moves: 1, stickyFalse: false },
  }),
  fault(10, "the leader acts on its own grant before it is published", "exclusive", {
    ...{ acquires: [1, 1], moves: 1 },
  }),
  fault(16, "a young leader drops the grant of a holder that it has not met", "kept", {
    ...{ acquires: [0, 1, 0], moves: 1, young: [2] },
  }),
  fault(17, "a departing unit loses its grant while it operates", "kept", {
    ...{ acquires: [0, 1, 0], departures: 1 },
  }),
];

/** With sticky False, as Juju has it, row 9 is not there. */
export const notOnJuju: Bound = bound("row 9 on Juju as it is", {
  ...{ acquires: [0, 2], moves: 1, rules: ["matching"] },
});

export const oldLibrary = old(oldSerial);
