/**
 * One hook of the core with a host that says yes to everything: what a fuzzer needs to see what was decided.
 *
 * @module
 */

import type { Answer, End, View } from "../../bindings/typescript/contract.js";
import type { Guest } from "./guest.js";

export type Values = Readonly<Record<string, string>>;

export interface Facts {
  readonly store: "settings" | "application";
  readonly members: readonly string[];
  readonly databags: Readonly<Record<string, Values>>;
  readonly settings: Values;
  readonly policy: unknown;
}

export const now = "2026-11-22 10:00:00.000000Z";
const mostAsks = 20;

/** What came of a hook of the leader `app/0`. */
export interface Decided {
  readonly view: View;
  readonly end: End & { readonly problems: View["problems"] };
  /** All that was written to the grants, in order, the later over the earlier. */
  readonly written: Record<string, string>;
}

/** Plays start and end. @throws Error if the core refuses either, or asks without end. */
export function decide(guest: Guest, facts: Facts): Decided {
  const { store, members, databags, settings, policy } = facts;
  const written: Record<string, string> = {};
  const request = (input: object): Record<string, unknown> => {
    let answer = guest.ask(input);
    for (let asks = 0; "ask" in answer; asks++) {
      if (asks === mostAsks) throw new Error(`it asked ${asks} times`);
      answer = guest.ask(answerTo(answer, facts, written));
    }
    if ("error" in answer) throw new Error(JSON.stringify(answer));
    return answer.ok;
  };
  const view = request({
    op: "start",
    unit: "app/0",
    now,
    age: 0,
    context: "hook",
    hook: "update-status",
    leader: true,
    store,
    relation: true,
    databags,
    members,
    settings,
    policy,
  });
  const end = request({ op: "end", now, age: 1 }) as unknown as Decided["end"];
  for (const effect of end.effects) if (effect.do === store) Object.assign(written, effect.values);
  return { view: view as unknown as View, end, written };
}

function answerTo(
  { ask }: Extract<Answer, { ask: unknown }>,
  { members, databags, settings }: Facts,
  written: Record<string, string>,
): object {
  const { what, values, units } = ask as { what: string; values?: Values; units?: string[] };
  const answer = (result: unknown) => ({ op: "answer", what, result, now, age: 1 });
  if (what === "publish" || what === "reread") Object.assign(written, values);
  if (what === "reread") return answer({ ...settings, ...written });
  if (what === "publish" || what === "leader") return answer(true);
  if (what === "config") return answer({});
  if (what === "units") {
    return answer(Object.fromEntries(units!.map((unit) => [unit, databags[unit] ?? {}])));
  }
  if (what === "planned") {
    return answer(Object.fromEntries(["app/0", ...members].map((unit) => [unit, "active"])));
  }
  return { op: "answer", what, failure: "unknown", message: "", now, age: 1 };
}

/** The grants after the hook, by unit: what was written, else what was there. */
export function grantsOf(
  { written }: Decided,
  { store, settings }: Facts,
): Record<string, unknown> {
  const values = { ...settings, ...written };
  if (store === "settings") return JSON.parse(values.coordinator || "{}");
  const reigns = Object.keys(values)
    .filter((key) => values[key] !== "")
    .map((key) => Number(/^coordinator-r(\d+)$/.exec(key)?.[1] ?? 0));
  const document = values[`coordinator-r${Math.max(0, ...reigns)}`];
  return JSON.parse(document || "{}").grants ?? {};
}

/** What a sound unit says it has done, by lock, once the hook is over. */
export function doneBy(unit: string, { end }: Decided, { databags }: Facts): Values {
  const values = { ...databags[unit] };
  for (const effect of end.effects) {
    if (effect.do === "databag" && unit === "app/0") Object.assign(values, effect.values);
  }
  return JSON.parse(values["coordinator-v1"] || "{}").done ?? {};
}
