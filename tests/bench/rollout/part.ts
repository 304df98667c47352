/**
 * The bench's part `rollout`: hooks, writes and steps of whole rollouts, this library's beside the old one's and beside the fewest
 * that Juju's rules allow. Nothing here depends on the machine.
 *
 * @module
 */

import { oldParallel, oldSerial, oldSimple } from "../../e2e/old-algorithm.js";
import { type Algorithm, ours } from "../../e2e/rolling-charm.js";
import type { Effort, Findings, Part, Table, Target } from "../part.js";
import { target } from "../part.js";
import { count, countsWithSpread, type Spread, spreadOf, withSpread } from "../spread.js";
import { leastHooks, leastHooksHeard } from "./bound.js";
import { type Count, roll, type Schedule, schedules } from "./rollout.js";

const olds: Readonly<Record<string, Algorithm>> = {
  simple: oldSimple,
  serial: oldSerial,
  "parallel:2": oldParallel(2),
};

/** Rollouts of a size, each with a seed of its own. Of many units hardly anything is left to chance, and with 1,000 one takes a minute. */
interface Size {
  readonly units: number;
  readonly seeds: number;
  readonly policies: readonly string[];
  readonly schedules: readonly Schedule[];
}

const all = { policies: Object.keys(olds), schedules };
const sizes: Readonly<Record<Effort, readonly Size[]>> = {
  quick: [{ units: 3, seeds: 2, ...all }],
  full: [
    { units: 3, seeds: 25, ...all },
    { units: 10, seeds: 25, ...all },
    { units: 30, seeds: 25, ...all },
    { units: 100, seeds: 1, ...all },
    { units: 1000, seeds: 1, policies: ["serial"], schedules: ["round-robin"] },
  ],
};

/** The rollouts of one setting, by library and store. */
interface Row {
  readonly units: number;
  readonly policy: string;
  readonly schedule: Schedule;
  readonly settings: readonly Count[];
  readonly application: readonly Count[];
  readonly old: readonly Count[];
}

function measureRow(size: Size, policy: string, schedule: Schedule): Row {
  const { units } = size;
  const counts = (version: "3.6" | "4.0", algorithm: Algorithm): Count[] =>
    Array.from({ length: size.seeds }, (_, seed) =>
      roll({ version, algorithm, policy, schedule, units, seed, runs: "hooks that matter" }),
    );
  return {
    ...{ units, policy, schedule },
    settings: counts("3.6", ours),
    application: counts("4.0", ours),
    old: counts("3.6", olds[policy]!),
  };
}

const of = (counts: readonly Count[], what: keyof Count): Spread =>
  spreadOf(counts.map((each) => each[what]));

/** Ours by the old one's, of rollouts with the same seed. */
function ratioOf({ settings, old }: Row): Spread {
  return spreadOf(settings.map(({ hooks }, seed) => hooks / old[seed]!.hooks));
}

function tableOf(rows: readonly Row[]): Table {
  return {
    title: "Rollouts: hooks, writes and steps",
    head: [
      ...["units", "policy", "schedule"],
      ...["hooks, leader settings", "hooks, application databag", "hooks, old library"],
      ...["ratio to the old", "writes: ours, ours, old", "steps: ours, ours, old"],
      "rollouts in which the old library came to a stop",
    ],
    rows: rows.map((row) => {
      const libraries = [row.settings, row.application, row.old];
      const medians = (what: keyof Count) =>
        libraries.map((counts) => count(of(counts, what).median)).join(", ");
      const stopped = row.old.filter(({ stalls }) => stalls > 0).length;
      return [
        ...[count(row.units), row.policy, row.schedule],
        ...libraries.map((counts) => countsWithSpread(of(counts, "hooks"))),
        ...[withSpread(ratioOf(row)), medians("writes"), medians("steps")],
        `${stopped} of ${row.old.length}`,
      ];
    }),
  };
}

function boundsOf(rows: readonly Row[]): Table {
  const serial = rows.filter(({ policy, schedule }) => {
    return policy === "serial" && (schedule === "slow operations" || schedule === "round-robin");
  });
  return {
    title: "Rollouts, one at a time, beside the fewest hooks there can be",
    head: [
      ...["units", "schedule", "fewest of all: N² + N − 1"],
      ...["leader settings: fewest if all is heard", "ours", "old library"],
      ...["application databag: fewest if all is heard", "ours"],
    ],
    rows: serial.map(({ units, schedule, settings, application, old }) => [
      ...[count(units), schedule, count(leastHooks(units))],
      ...[count(leastHooksHeard(units, "3.6")), countsWithSpread(of(settings, "hooks"))],
      countsWithSpread(of(old, "hooks")),
      ...[count(leastHooksHeard(units, "4.0")), countsWithSpread(of(application, "hooks"))],
    ]),
    isForReadme: true,
  };
}

/** The rollouts for which there is a target. */
function targetsOf(rows: readonly Row[]): Target[] {
  const chosen = rows.filter(({ units, policy }) => units === 30 && policy === "serial");
  return chosen.flatMap((row) => {
    const { units, schedule, application } = row;
    const what = `rollout of ${units} units, serial, ${schedule}: hooks`;
    const ratio = ratioOf(row);
    const least = leastHooksHeard(units, "4.0");
    const hooks = of(application, "hooks");
    const part = { median: hooks.median / least, low: hooks.low / least, high: hooks.high / least };
    return [
      target(
        `${what}, leader settings`,
        "≤ 1.0 × the old library's",
        withSpread(ratio),
        ratio.median <= 1,
      ),
      target(
        `${what}, application databag`,
        "as few as the rules allow: ≤ 1.0 × the fewest if all is heard",
        withSpread(part),
        part.median <= 1,
      ),
    ];
  });
}

export const rollout: Part = {
  name: "rollout",
  summary: "hooks, writes and steps of simulated rollouts, beside the old library's",
  measure(effort, say): Findings {
    const rows: Row[] = [];
    for (const size of sizes[effort]) {
      for (const policy of size.policies) {
        say(`rollouts of ${size.units} units, ${policy}`);
        for (const schedule of size.schedules) rows.push(measureRow(size, policy, schedule));
      }
    }
    return {
      tables: [boundsOf(rows), tableOf(rows)],
      targets: targetsOf(rows),
      missing: ["rollouts of 1,000 units: only serial in round-robin; each takes a minute"],
      data: rows,
    };
  },
};
