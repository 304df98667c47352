/**
 * The bench's part `hook`: what a hook costs a charm's own process, in processor time without that of its hook tools, and how many
 * hook tools it calls.
 *
 * @module
 */

import { hasPython } from "../../python.js";
import { type Effort, type Findings, type Part, type Target, target, unmeasured } from "../part.js";
import { count, type Spread, spreadOf, withSpread } from "../spread.js";
import { benchHooks, type HookResult, hasGoProgram, type Program, programs } from "./processes.js";

const efforts: Readonly<Record<Effort, { units: readonly number[]; samples: number }>> = {
  quick: { units: [3], samples: 1 },
  full: { units: [3, 30, 300], samples: 9 },
};

/** As `--help` and the tables call the programs of `programs/`. */
const names: Readonly<Record<Program, string>> = {
  bare: "Python that only reads",
  ours: "this library, Python",
  drop_in: "its drop-in for charmhelpers",
  original: "charmhelpers",
  go: "this library, Go",
};

const toolTargets = {
  bystander: ["hook tools of a bystander", "≤ 4"],
  leader: ["hook tools of a leader of N units, beside its write", "≤ N + 4"],
  python: ["bystander in Python, above Python that only reads", "≤ 5 ms"],
  typescript: ["bystander in TypeScript, above bare Node", "≤ 4 ms"],
  go: ["bystander in Go, in all", "≤ 15 ms"],
} as const;

const noGo = "no Go 1.24 or newer here";

/** Of the greatest application measured. */
function targetsOf(results: readonly HookResult[]): Target[] {
  const of = (role: HookResult["role"]) => results.filter((one) => one.role === role).at(-1)!;
  const { tools } = of("bystander").programs.ours;
  const leader = of("leader");
  const leaderTools = leader.programs.ours.tools - 1;
  const above = aboveBare(of("bystander"));
  const { go } = of("bystander").programs;
  return [
    target(...toolTargets.bystander, count(tools), tools <= 4),
    target(
      ...toolTargets.leader,
      `${count(leaderTools)} of ${count(leader.units)} units`,
      leaderTools <= leader.units + 4,
    ),
    target(...toolTargets.python, `${withSpread(above)} ms`, above.median <= 5),
    go === undefined
      ? unmeasured(...toolTargets.go, noGo)
      : target(...toolTargets.go, `${withSpread(go.time)} ms`, go.time.median <= 15),
  ];
}

/** Milliseconds that the library takes beyond the program that only reads, in samples taken one after the other. */
function aboveBare({ programs: costs }: HookResult): Spread {
  const [ours, bare] = [costs.ours.samples, costs.bare.samples];
  return spreadOf(ours.map((time, at) => time - bare[at]!));
}

export const hook: Part = {
  name: "hook",
  summary: "processor time and hook tools of a hook, beside charmhelpers",
  measure(effort, say): Findings {
    const others = [unmeasured(...toolTargets.typescript, "no program for it yet")];
    const missing = ["hooks in TypeScript: no program for them yet"];
    if (!hasGoProgram) missing.push(`hooks in Go: ${noGo}`);
    if (!hasPython) {
      const why = "no Python 3.10 or newer here";
      const { bystander, leader, python, go } = toolTargets;
      const targets = [bystander, leader, python, go].map(([what, aim]) =>
        unmeasured(what, aim, why),
      );
      return { tables: [], targets: [...targets, ...others], missing, data: null };
    }
    const { units, samples } = efforts[effort];
    const results = units.flatMap((one) => {
      say(`hooks of ${one} units`);
      return benchHooks([one], samples);
    });
    const rows = results.flatMap(({ units: size, role, programs: costs }) =>
      programs.map((program) => {
        const { time, tools } = costs[program]!;
        return [count(size), role, names[program], withSpread(time), count(tools)];
      }),
    );
    return {
      tables: [
        {
          title: "A hook: processor time of the charm's own process, and hook tools",
          head: ["units", "hook of a", "charm on", "ms", "hook tools"],
          rows,
        },
      ],
      targets: [...targetsOf(results), ...others],
      missing,
      data: results,
    };
  },
};
