/**
 * The bench's part `hook`: what a hook costs a charm's own process, in processor time without that of its hook tools, and how many
 * hook tools it calls.
 *
 * @module
 */

import { type Effort, type Findings, type Part, type Target, target, unmeasured } from "../part.js";
import { count, type Spread, spreadOf, withSpread } from "../spread.js";
import { absence, benchHooks, type HookResult, missing, type Program } from "./processes.js";

const efforts: Readonly<Record<Effort, { units: readonly number[]; samples: number }>> = {
  quick: { units: [3], samples: 1 },
  full: { units: [3, 30, 300], samples: 9 },
};

/** As the tables call the programs of `programs/`. */
const names: Readonly<Record<Program, string>> = {
  node: "Node, bare",
  bareNode: "Node that only reads",
  typescript: "this library, TypeScript",
  python: "Python, bare",
  bare: "Python that only reads",
  ours: "this library, Python",
  dropIn: "its drop-in for charmhelpers",
  original: "charmhelpers",
  rollingOps: "charmlibs-rollingops, ops",
  go: "this library, Go",
};

/** Milliseconds that one program takes beyond another, in samples taken one after the other. */
function above({ programs }: HookResult, program: Program, beside: Program): Spread | null {
  const [own, other] = [programs[program]?.samples, programs[beside]?.samples];
  if (own === undefined || other === undefined) return null;
  return spreadOf(own.map((time, at) => time - other[at]!));
}

function aboveTarget(
  result: HookResult,
  [what, most, program, beside]: readonly [string, number, Program, Program],
): Target {
  const spread = above(result, program, beside);
  const aim = `≤ ${most} ms`;
  if (spread === null) return unmeasured(what, aim, absence(program) ?? absence(beside) ?? "");
  return target(what, aim, `${withSpread(spread)} ms`, spread.median <= most);
}

/** The bystander's targets are those of the greatest application measured, as are the leader's. */
function targetsOf(results: readonly HookResult[]): Target[] {
  const of = (role: HookResult["role"]) => results.filter((one) => one.role === role).at(-1)!;
  const [bystander, leader] = [of("bystander"), of("leader")];
  const counts = Object.entries(bystander.programs).filter(([program]) => isOurs(program));
  const most = Math.max(...counts.map(([, { tools }]) => tools));
  const leading = Object.entries(leader.programs).filter(([program]) => isOurs(program));
  const mostLeading = Math.max(...leading.map(([, { tools }]) => tools)) - 1;
  const { go } = bystander.programs;
  const inGo = ["bystander in Go, in all", "≤ 15 ms"] as const;
  return [
    target("hook tools of a bystander", "≤ 4", count(most), most <= 4),
    target(
      "hook tools of a leader of N units, beside its write",
      "≤ N + 4",
      `${count(mostLeading)} of ${count(leader.units)} units`,
      mostLeading <= leader.units + 4,
    ),
    aboveTarget(bystander, [
      "bystander in Python, above Python that only reads",
      5,
      "ours",
      "bare",
    ]),
    aboveTarget(bystander, [
      ...(["bystander in TypeScript, above Node that only reads", 4] as const),
      ...(["typescript", "bareNode"] as const),
    ]),
    go === undefined
      ? unmeasured(...inGo, absence("go") ?? "")
      : target(...inGo, `${withSpread(go.time)} ms`, go.time.median <= 15),
  ];
}

function isOurs(program: string): boolean {
  return ["typescript", "ours", "go"].includes(program);
}

export const hook: Part = {
  name: "hook",
  summary: "processor time and hook tools of a hook, beside charmhelpers and charmlibs-rollingops",
  measure(effort, say): Findings {
    const { units, samples } = efforts[effort];
    const results = units.flatMap((one) => {
      say(`hooks of ${one} units`);
      return benchHooks([one], samples);
    });
    const rows = results.flatMap(({ units: size, role, programs }) =>
      Object.entries(programs).map(([program, { time, tools }]) => [
        ...[count(size), role, names[program as Program], withSpread(time), count(tools)],
      ]),
    );
    return {
      tables: [
        {
          title: "A hook: processor time of the charm's own process, and hook tools",
          head: ["units", "hook of a", "charm on", "ms", "hook tools"],
          rows,
        },
      ],
      targets: targetsOf(results),
      missing: missing.map((program) => `hooks on ${names[program]}: ${absence(program)}`),
      data: results,
    };
  },
};
