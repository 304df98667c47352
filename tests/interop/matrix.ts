/**
 * What is rolled: every cell of the matrix, and the troubles beside it.
 *
 * @module
 */

import type { Policy } from "./program.js";
import type { Outcome, Setting } from "./rollout.js";

/** `steady`: leadership stays where it is; the matrix itself. `moving`: it moves. `upgrade`: from all old to all new. */
export const groups = ["steady", "moving", "upgrade"] as const;
export type Group = (typeof groups)[number];

export interface Cell {
  readonly group: Group;
  readonly setting: Setting;
}

/** Old or new leader × 3 and 5 units × two policies × the seeds; an upgrade begins with all old. */
export function* matrix(seeds: number): Generator<Cell> {
  for (let seed = 1; seed <= seeds; seed++) {
    for (const leader of ["old", "new"] as const) {
      for (const units of [3, 5]) {
        for (const policy of ["serial", "simple"] as Policy[]) {
          const setting = { leader, units, policy, seed };
          yield { group: "steady", setting };
          yield { group: "moving", setting: { ...setting, moves: 4 } };
          if (leader === "new") continue;
          yield { group: "upgrade", setting: { ...setting, upgrades: true } };
        }
      }
    }
  }
}

/** What a group of rollouts came to. */
export interface Figures {
  runs: number;
  green: number;
  hooks: number;
  /** Rollouts in which update-status had to go round. */
  ticked: number;
  /** What the old library did by itself, and how often. */
  oldFaults: Record<string, number>;
}

export const noFigures = (): Figures => ({ runs: 0, green: 0, hooks: 0, ticked: 0, oldFaults: {} });

export function add(figures: Figures, { wrong, hooks, rounds, oldFaults }: Outcome): void {
  figures.runs += 1;
  figures.green += wrong.length === 0 ? 1 : 0;
  figures.hooks += hooks;
  figures.ticked += rounds > 0 ? 1 : 0;
  for (const [fault, times] of Object.entries(oldFaults)) {
    figures.oldFaults[fault] = (figures.oldFaults[fault] ?? 0) + times;
  }
}
