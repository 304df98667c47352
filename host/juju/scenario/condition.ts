/**
 * When something happens in a scenario: `quiet`, `app/2 operates`, `leader calls leader-set in config-changed`, `after hook 12`.
 *
 * @module
 */

import type { Reader } from "./reader.js";

/** A unit, or who leads at that moment, or whoever it may be. */
export type Who = string;

export type Condition =
  | { kind: "quiet" }
  | { kind: "operates"; who: Who }
  | { kind: "runs"; who: Who; hook: string }
  | { kind: "ends"; who: Who; hook: string }
  | { kind: "calls"; who: Who; tool: string; n: number | null; hook: string | null }
  | { kind: "after"; hooks: number }
  | { kind: "rolled"; units: number };

/** What has come to pass at this moment. */
export type Moment =
  | { kind: "quiet" }
  | { kind: "operates"; unit: string }
  | { kind: "runs" | "ends"; unit: string; hook: string }
  | { kind: "calls"; unit: string; tool: string; n: number; hook: string };

export const grammar =
  'quiet, "UNIT operates", "UNIT runs HOOK", "UNIT ends HOOK", "UNIT calls TOOL", "UNIT calls tool N", ' +
  'either with " in HOOK", "after hook N" or "N rolled" (UNIT: app/2, leader or anyone)';

const who = "(leader|anyone|[a-z][a-z0-9-]*/\\d+)";
const forms: readonly [RegExp, (...parts: string[]) => Condition][] = [
  [/^quiet$/, () => ({ kind: "quiet" })],
  [new RegExp(`^${who} operates$`), (unit) => ({ kind: "operates", who: unit! })],
  [new RegExp(`^${who} runs (\\S+)$`), (unit, hook) => ({ kind: "runs", who: unit!, hook: hook! })],
  [new RegExp(`^${who} ends (\\S+)$`), (unit, hook) => ({ kind: "ends", who: unit!, hook: hook! })],
  [
    new RegExp(`^${who} calls tool (\\d+)(?: in (\\S+))?$`),
    (unit, n, hook) => ({ kind: "calls", who: unit!, tool: "", n: Number(n), hook: hook ?? null }),
  ],
  [
    new RegExp(`^${who} calls (\\S+)(?: in (\\S+))?$`),
    (unit, tool, hook) => ({ kind: "calls", who: unit!, tool: tool!, n: null, hook: hook ?? null }),
  ],
  [/^after hook (\d+)$/, (n) => ({ kind: "after", hooks: Number(n) })],
  [/^(\d+) rolled$/, (n) => ({ kind: "rolled", units: Number(n) })],
];

/** @throws ScenarioError */
export function readCondition(reader: Reader): Condition {
  const text = reader.string();
  for (const [form, make] of forms) {
    const match = form.exec(text);
    if (match !== null) return make(...match.slice(1));
  }
  return reader.fail(`when: expected ${grammar}; found ${JSON.stringify(text)}`);
}

/** What conditions look at besides the moment itself. */
export interface World {
  leader: string | null;
  hooks: number;
  rolled: number;
}

/** Whether a condition holds at this moment. */
export function holds(condition: Condition, moment: Moment, world: World): boolean {
  if (condition.kind === "after") return world.hooks >= condition.hooks;
  if (condition.kind === "rolled") return world.rolled >= condition.units;
  if (condition.kind === "quiet" || moment.kind === "quiet") return condition.kind === moment.kind;
  const { who } = condition;
  const isWho = who === "anyone" || moment.unit === (who === "leader" ? world.leader : who);
  if (!isWho || condition.kind !== moment.kind) return false;
  switch (condition.kind) {
    case "operates":
      return true;
    case "runs":
    case "ends":
      return moment.kind !== "operates" && condition.hook === moment.hook;
    case "calls":
      return (
        moment.kind === "calls" &&
        (condition.n === null ? condition.tool === moment.tool : condition.n === moment.n) &&
        (condition.hook === null || condition.hook === moment.hook)
      );
  }
}
