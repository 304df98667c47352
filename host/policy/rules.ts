/**
 * Rules without Juju: the core decides on a state by them, as it does in a leader's hook. It tells why a request waits only while it
 * has not decided, so that is asked of the rules' own modules.
 *
 * @module
 */

import { readFileSync } from "node:fs";
import {
  type Answer,
  exchange,
  type Input,
  isObject,
  type Policy,
  type PolicyDecision,
  type PolicyState,
  type View,
} from "../../bindings/typescript/contract.js";
import { freshCore } from "../../bindings/typescript/core.js";
import { loadPolicy, PolicyError } from "../../bindings/typescript/index.js";
import { UsageError } from "./errors.js";
import type { Decider } from "./subject.js";

type Request = PolicyState["queue"][number];

/** A rule as an object. */
export interface Fields {
  readonly rule: string;
  readonly [field: string]: unknown;
}

/** The field that may stand behind a rule's name and a colon. */
const MAIN: Readonly<Record<string, string>> = {
  ...{ parallel: "max", available: "min", gate: "option" },
  ...{ cooldown: "seconds", zones: "key", halt: "failed" },
};

/** Of so many requests that wait it is told why; more nobody reads. */
const MOST_REASONS = 100;

/** @throws PolicyError if the rules are not valid. */
export function rulesOf(policy: Policy): Decider {
  const answer = exchange(freshCore(), { op: "check", policy });
  if ("error" in answer) {
    const { code, message, path } = answer.error;
    throw new PolicyError(code, message, path);
  }
  if (isObject(policy) && "external" in policy) {
    throw new PolicyError(
      "bad_policy",
      "a file of rules has no external policy",
      "policy.external",
    );
  }
  const name = "ok" in answer ? String(answer.ok.policy) : "";
  return { kind: "rules", name, fuelUsed: null, decide: (state) => decide(policy, state) };
}

function decide(policy: Policy, state: PolicyState): PolicyDecision {
  const core = freshCore();
  const begun = exchange(core, startOf(policy, state));
  refuse(begun);
  let answer = exchange(core, { op: "end", now: state.now, age: 0 });
  while ("ask" in answer) {
    const { what } = answer.ask;
    answer = exchange(core, { op: "answer", what, age: 0, ...obtain(what, state) });
  }
  const held = "ok" in answer ? grantsIn(answer.ok.effects) : null;
  const isGranted = ({ unit, lock, id }: Request): boolean => held?.[unit]?.[lock] === id;
  const granted = state.queue.filter(isGranted);
  const waiting = state.queue.filter((request) => !isGranted(request));
  return {
    grant: granted.map(({ unit, lock }) => ({ unit, lock })),
    wait: waiting.slice(0, MOST_REASONS).map((request) => {
      const { unit, lock } = request;
      return { unit, lock, reason: whyNot(policy, state, granted, waiting, request) };
    }),
  };
}

/** @throws UsageError where the core finds anything wrong with the state. */
function refuse(begun: Answer): void {
  if ("error" in begun)
    throw new UsageError(`the state: ${begun.error.path}: ${begun.error.message}`);
  const { problems } = (begun as unknown as { ok: View }).ok;
  const [problem] = problems;
  if (problem === undefined) return;
  const { unit = "", message } = problem;
  throw new UsageError(`the state: ${unit === "" ? "" : `${unit}: `}${message}`);
}

type Grants = Readonly<Record<string, Readonly<Record<string, string>>>>;

/** All grants, as the leader would write them; null if it would write nothing. */
function grantsIn(effects: unknown): Grants | null {
  const written = (effects as { do: string; values: Record<string, string> }[]).find(
    (effect) => effect.do === "application",
  );
  const document = written?.values["coordinator-r1"];
  return document === undefined ? null : (JSON.parse(document) as { grants: Grants }).grants;
}

/**
 * The leader reads this state. In juju-exec it gives nothing back, even of its own: it decides, and that is all. In the application
 * databag there is no telling its own grants from others'.
 */
function startOf(policy: Policy, state: PolicyState): Input {
  const { leader, now, queue, holders, released = {} } = state;
  const order = queue.map(({ unit, lock, id }) => [unit, lock, id]);
  const document = {
    ...{ generation: 1, grants: idsOf(holders), marks: {}, order, policy: {}, released },
    ...{ v: 1, writer: leader },
  };
  return {
    ...{ op: "start", unit: leader, now, context: "exec", hook: "", allow: ["decide"] },
    ...{ leader: true, age: 0, store: "application", relation: true, policy },
    databags: databagsOf(state, [leader, ...state.units]),
    members: state.units.filter((unit) => unit !== leader),
    settings: { "coordinator-r1": JSON.stringify(document) },
  };
}

/** What these units have in their databags. */
function databagsOf(state: PolicyState, units: readonly string[]): Record<string, object> {
  const requests = [...state.holders, ...state.queue];
  return Object.fromEntries(
    units.map((name) => {
      const own = requests.filter(({ unit }) => unit === name);
      const data = own.flatMap((one) => (one.data === undefined ? [] : [[one.lock, one.data]]));
      const rest = { data: Object.fromEntries(data), done: {}, v: 1 };
      const ids = idsOf(own)[name] ?? {};
      return [name, { coordinator: JSON.stringify(ids), "coordinator-v1": JSON.stringify(rest) }];
    }),
  );
}

function idsOf(requests: readonly Request[]): Record<string, Record<string, string>> {
  const ids: Record<string, Record<string, string>> = {};
  for (const { unit, lock, id } of requests) ids[unit] = { ...ids[unit], [lock]: id };
  return ids;
}

/** Juju's side, as far as the state tells it. */
function obtain(what: string, state: PolicyState): object {
  if (what === "config") return { result: state.options ?? {} };
  if (what === "planned" && state.status !== undefined) return { result: state.status };
  if (what !== "units") return { failure: "not_given", message: "the state does not tell" };
  const unseen = state.holders
    .map(({ unit }) => unit)
    .filter((unit) => !state.units.includes(unit));
  return { result: databagsOf(state, unseen) };
}

/** The first rule that does not permit a request beside all that is held now, and what it says. */
function whyNot(
  policy: Policy,
  state: PolicyState,
  granted: readonly Request[],
  waiting: readonly Request[],
  request: Request,
): string {
  const rules = rulesIn(policy).map(fieldsOf);
  const queue = [request, ...waiting.filter((other) => other !== request)];
  const now = { ...state, holders: [...state.holders, ...granted], queue };
  for (const { rule, ...config } of rules) {
    const decision = moduleOf(rule, config).decide(now);
    const isIt = ({ unit, lock }: { unit: string; lock: string }): boolean =>
      unit === request.unit && lock === request.lock;
    if (decision.grant.some(isIt)) continue;
    const reason = decision.wait?.find(isIt)?.reason ?? "it does not permit it";
    return rules.length > 1 ? `${rule}: ${reason}` : reason;
  }
  return "the limit of holders is reached";
}

function rulesIn(policy: Policy): readonly unknown[] {
  const isParts = isObject(policy) && !("rule" in policy);
  const rules = isParts ? (policy.rules ?? []) : policy;
  return Array.isArray(rules) ? rules : [rules];
}

/** A rule that may be written as a name, or a name and its main argument. */
export function fieldsOf(rule: unknown): Fields {
  if (isObject(rule)) return rule as Fields;
  const [name = "", argument] = String(rule).split(/:(.*)/s);
  return argument === undefined ? { rule: name } : { rule: name, [MAIN[name] ?? ""]: argument };
}

const modules = new Map<string, ReturnType<typeof loadPolicy>>();

function moduleOf(rule: string, config: object): ReturnType<typeof loadPolicy> {
  const key = JSON.stringify([rule, config]);
  const known = modules.get(key);
  if (known !== undefined) return known;
  // The compiled file lies in build/js/host/policy.
  const file = new URL(`../../../policies/${rule}.wasm`, import.meta.url);
  const module = loadPolicy(readFileSync(file), { config });
  modules.set(key, module);
  return module;
}
