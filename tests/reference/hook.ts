/**
 * One hook of a leader, from the bytes of `start` and `end` to the bytes of the effects, in plain TypeScript: reads what the core
 * reads, gives back what is held, decides at the end, and writes what the core writes.
 *
 * @module
 */

import {
  admit,
  drop,
  isLasting,
  isReleased,
  type Ledger,
  queue,
  type Request,
  type Unit,
} from "./decision.js";
import { Policy, Uncovered } from "./policy.js";
import { Releases } from "./releases.js";
import * as wire from "./wire.js";

interface Start {
  readonly unit: string;
  readonly now: string;
  readonly context: string;
  readonly hook?: string;
  readonly remote_unit?: string | null;
  readonly departing_unit?: string | null;
  readonly leader: boolean;
  readonly age?: number;
  readonly store: "settings" | "application";
  readonly relation: boolean;
  readonly databags: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly members?: readonly string[];
  readonly settings: Readonly<Record<string, string>>;
  readonly policy?: unknown;
  readonly self_grant?: string;
  readonly key?: string;
}

/** What the host answers where the core asks; what is not there it cannot have. */
export interface Answers {
  readonly planned?: Readonly<Record<string, string>>;
  readonly config?: Readonly<Record<string, unknown>>;
}

/** Seconds for which is-leader's True is good. */
const guarantee = 30;

/** leader-set takes at most 128 KiB: no grant is added beyond so many bytes of grants. */
const mostInSettings = 100_000;

const decoder = new TextDecoder("utf-8", { fatal: true });
const encoder = new TextEncoder();

/**
 * @param inputs the bytes of `start` and of `end`.
 * @param answers what the host has to say besides.
 * @returns `{"ok":{"effects":[…],"released":[…],"grants":[…]}}`, the effects being those that write grants.
 * @throws Uncovered where the core would ask for something else, or mend its own data.
 */
export function decideAsLeader(inputs: readonly Uint8Array[], answers: Answers = {}): Uint8Array {
  const [start, end] = inputs.map((bytes) => JSON.parse(decoder.decode(bytes))) as [
    Start,
    { age?: number; now: string },
  ];
  return encoder.encode(JSON.stringify({ ok: decide(start, end, answers) }));
}

function decide(start: Start, end: { age?: number; now: string }, answers: Answers): object {
  const { now } = end;
  requireCovered(start, end.age ?? Number.POSITIVE_INFINITY);
  const key = start.key || "coordinator";
  const isInSettings = start.store === "settings";
  const policy = new Policy(start.policy);
  const ledger = readUnits(start, key);
  const document = isInSettings
    ? wire.readSettings(start.settings, key)
    : wire.readApplication(start.settings, key);
  const releases = new Releases(policy.needsReleases, policy.releasing);
  wire.load(document, ledger, releases, (name) => unitOf(ledger, name));
  requireNothingAsked(ledger, isInSettings);

  const released = release(ledger.self);
  const isMoved = releases.settle(ledger, now);
  const dropped = drop(ledger);
  // Of those that are released at one time the last one written is kept.
  const places = Object.keys(document.grants);
  const over = dropped.filter(isReleased);
  over.sort((a, b) => places.indexOf(a.unit.name) - places.indexOf(b.unit.name));
  for (const grant of over) {
    const { unit, lock } = grant;
    const isNews = unit === ledger.self ? released.length > 0 : unit.isFresh;
    // Until somebody looks at times a grant that is over may stand for long.
    const isOld = isLasting(grant) && !isNews && document.released === null;
    releases.add(unit.name, lock, isOld ? unit.done.get(lock)! : now);
  }
  const mustWrite =
    (releases.isWanted && over.length > 0) || dropped.some((grant) => !isLasting(grant));
  const own = isInSettings ? "without own" : "with own";
  const statuses = queue(ledger, own).length > 0 ? statusesOf(policy, answers, ledger) : null;
  const facts = { now, releases, statuses, options: answers.config ?? null };
  const waiting = queue(ledger, own);
  const made = admit(ledger, waiting, policy, facts, isInSettings ? roomIn(ledger) : () => true);
  const opensReign = !isInSettings && start.hook === "leader-elected";
  const isFirst = document.reign === 0 || document.writer !== start.unit;
  const writes = isMoved || mustWrite || made.length > 0 || (opensReign && isFirst);
  const effects = [];
  if (writes) {
    const left = (isInSettings ? queue(ledger, "with own") : waiting).filter(({ unit, lock }) => {
      return !unit.grants.has(lock);
    });
    const deciding = { name: policy.name, releases };
    const write = isInSettings ? wire.writeSettings : wire.writeApplication;
    effects.push({ do: start.store, values: write(document, ledger, left, deciding, key) });
  }
  const others = made.filter(({ unit }) => unit !== ledger.self);
  return { effects, released, grants: others.map(({ unit, lock }) => ({ unit: unit.name, lock })) };
}

function requireCovered(start: Start, age: number): void {
  const { leader, relation, context, hook = "" } = start;
  if (!leader || !relation || context !== "hook") throw new Uncovered("no hook of a leader");
  if ((start.age ?? guarantee) >= guarantee || age >= guarantee) throw new Uncovered("a long hook");
  if (start.self_grant === "unsafe") throw new Uncovered("unsafe");
  // The hooks in which the core asks for requests from before there was a relation.
  const hasExtra = start.databags[start.unit]?.[`${start.key || "coordinator"}-v1`];
  const isFirst = /^(start|config-changed|upgrade-charm|leader-elected|.*-relation-created)$/;
  if (!hasExtra && isFirst.test(hook)) throw new Uncovered("saved requests");
}

function unitOf({ units }: Pick<Ledger, "units">, name: string): Unit {
  let unit = units.get(name);
  if (unit === undefined) {
    const flags = { isMember: false, isReadable: false, hasDone: false };
    const tables = { requests: new Map(), done: new Map(), grants: new Map() };
    unit = { name, ...flags, isFresh: false, isDying: false, ...tables };
    units.set(name, unit);
  }
  return unit;
}

function readUnits(start: Start, key: string): Ledger {
  const units = new Map<string, Unit>();
  const self = unitOf({ units }, start.unit);
  for (const name of start.members ?? []) unitOf({ units }, name).isMember = true;
  for (const [name, values] of Object.entries(start.databags)) {
    if (values === null) throw new Uncovered("a databag that is none");
    wire.readDatabag(unitOf({ units }, name), values, key);
  }
  self.isMember = true;
  self.isReadable = true;
  self.isFresh = true;
  if (start.remote_unit) unitOf({ units }, start.remote_unit).isFresh = true;
  if (start.departing_unit) unitOf({ units }, start.departing_unit).isDying = true;
  return { self, units };
}

function requireNothingAsked({ units, self }: Ledger, isInSettings: boolean): void {
  for (const { grants, isMember } of units.values()) {
    if (grants.size > 0 && !isMember) throw new Uncovered("a holder out of sight");
  }
  for (const { lock, id } of self.grants.values()) {
    const isDone = (self.done.get(lock) ?? "") >= id;
    if (!self.requests.has(lock) && !isDone) throw new Uncovered("a grant without a request");
  }
  for (const { lock, id } of self.requests.values()) {
    const isHeld = self.grants.get(lock)?.id === id;
    if (isInSettings && !isHeld) throw new Uncovered("a leader that waits for itself");
  }
}

/** What goal-state says, if the policy looks at it; whom it shows as dying is granted nothing. */
function statusesOf(policy: Policy, { planned }: Answers, { self, units }: Ledger) {
  if (!policy.needsStatuses || planned?.[self.name] === undefined) return null;
  for (const unit of units.values()) {
    const status = planned[unit.name];
    if (status === undefined && unit.grants.size > 0) throw new Uncovered("a holder that died");
    unit.isDying ||= status === undefined || status === "dying";
  }
  return planned;
}

/** Rule 3: what is held is given back at the end of the hook: the request goes, its id becomes `done`. */
function release(self: Unit): string[] {
  const held = [...self.requests.values()].filter(({ lock, id }) => {
    return self.grants.get(lock)?.id === id;
  });
  for (const { lock, id } of held) {
    self.requests.delete(lock);
    if (id > (self.done.get(lock) ?? "")) self.done.set(lock, id);
    self.hasDone = true;
  }
  return held.map(({ lock }) => lock);
}

/** What one more grant would take beside those that are there, and whether leader settings have room for it. */
function roomIn({ units }: Ledger): (request: Request) => boolean {
  const sizeOf = (unit: Unit, lock: string): number =>
    wire.print(unit.name).length + wire.print(lock).length + 45;
  let size = 0;
  for (const unit of units.values()) {
    for (const lock of unit.grants.keys()) size += sizeOf(unit, lock);
  }
  return ({ unit, lock }) => {
    const more = sizeOf(unit, lock);
    const fits = size + more <= mostInSettings;
    if (fits) size += more;
    return fits;
  };
}
