/**
 * What must never happen, looked for at each step.
 *
 * @module
 */

import { allowedAtOnce } from "../../host/juju/measure/allowed.js";
import type { Bound } from "./bound.js";
import { event, life } from "./calls.js";
import type { Contents } from "./contents.js";
import { type Place, unmatched } from "./conversations.js";
import { get, grantsAt, type Layout, own, shared, type Words } from "./layout.js";
import { isSpoiled } from "./spoil.js";

/** The rules, by the short name that a report gives. */
export const rules = {
  exclusive: "more units operate than the policy allows",
  held: "a unit operates without a grant at the controller",
  matching: "a unit operates on a grant that is not its request's",
  kept: "a grant is taken from a unit inside its operation",
  asked: "something is granted that was not asked for",
  served: "a request waits and no event is due",
  healed: "a request waits and update-status on every unit has not helped",
  lost: "a unit has asked, has not operated, and its request is gone",
  quiet: "something is written that nobody needs",
  whole: "the library fails",
} as const;

export type Rule = keyof typeof rules;

export interface Violation {
  readonly rule: Rule;
  readonly text: string;
}

/** Looks at states and steps. It only reads. */
export class Oracle {
  found: Violation | null = null;
  readonly #bound: Bound;
  readonly #layout: Layout;
  readonly #contents: Contents;
  readonly #allowed: number;

  constructor(bound: Bound, layout: Layout, contents: Contents) {
    this.#bound = bound;
    this.#layout = layout;
    this.#contents = contents;
    const rules = bound.policy === "dawn" ? ["serial"] : bound.policy.split(",");
    this.#allowed = Math.min(...rules.map((rule) => allowedAtOnce(rule, layout.units)));
  }

  report(rule: Rule, text: string): void {
    if (this.#bound.rules.length > 0 && !this.#bound.rules.includes(rule)) return;
    this.found ??= { rule, text };
  }

  /** A unit is about to operate under these locks (bits, and perhaps `unmatched`). */
  operates(s: Words, unit: number, locks: number): void {
    if ((locks & unmatched) !== 0) {
      this.report("matching", `app/${unit} operates on a grant that is not its request's`);
    }
    const { units } = this.#layout;
    this.#bound.locks.forEach((lock, n) => {
      if (!((locks >> n) & 1)) return;
      const id = this.#contents.grants(s[grantsAt]!)[`app/${unit}`]?.[lock];
      const bag = s[this.#layout.bag(unit)]!;
      // A unit that cannot read what it had asked for asks anew in this very hook.
      const isUnread = this.#bound.spoils > 0 && isSpoiled(this.#contents.values(bag));
      const wanted = isUnread ? undefined : this.#contents.requests(bag)[lock];
      const done = this.#contents.done(bag)[lock] ?? "";
      if (id === undefined) this.report("held", `app/${unit} operates and nobody granted ${lock}`);
      else if (id <= done || (wanted !== undefined && id !== wanted)) {
        this.report("held", `app/${unit} operates on a grant of ${lock} that is not its request's`);
      }
      let inside = 1;
      for (let other = 0; other < units; other++) {
        if (other === unit) continue;
        const others = get(s, own.inside, this.#layout.at(other));
        if (this.#bound.policy === "simple" ? others !== 0 : (others >> n) & 1) inside++;
      }
      if (inside > this.#allowed) {
        this.report("exclusive", `app/${unit} operates under ${lock} beside ${inside - 1} more`);
      }
    });
  }

  /** The grants have changed from the content `before`; `writer` wrote them. */
  granted(s: Words, before: number, writer: number): void {
    const after = s[grantsAt]!;
    if (before === after) return;
    const now = this.#contents.grants(after);
    const then = this.#contents.grants(before);
    for (let unit = 0; unit < this.#layout.units; unit++) {
      const inside = get(s, own.inside, this.#layout.at(unit));
      this.#bound.locks.forEach((lock, n) => {
        const id = now[`app/${unit}`]?.[lock];
        const old = then[`app/${unit}`]?.[lock];
        if ((inside >> n) & 1 && old !== undefined && id !== old) {
          this.report("kept", `app/${writer} takes ${lock} from app/${unit}, which operates`);
        }
        if (id !== undefined && id !== old) this.#checkAsked(s, unit, lock, id, writer);
      });
    }
  }

  #checkAsked(s: Words, unit: number, lock: string, id: string, writer: number): void {
    const bag = s[this.#layout.bag(unit)]!;
    const wanted = this.#contents.requests(bag)[lock];
    const done = this.#contents.done(bag)[lock] ?? "";
    // Where data was spoiled a request may be gone that the writer has read before.
    const isGone = get(s, shared.spoils) < this.#bound.spoils;
    if (unit === writer || wanted === id || done >= id || isGone) return;
    this.report("asked", `app/${writer} grants ${lock} to app/${unit}, which has not asked`);
  }

  /** A hook exits with code 0, with its charm's conversation at `place`. */
  exits(s: Words, unit: number, place: Place, written: number): void {
    if (this.#bound.old.includes(unit)) return;
    const bag = s[this.#layout.bag(unit)]!;
    if (written === bag) {
      this.report("quiet", `app/${unit} writes into its databag what is there already`);
    }
    if (this.#isBystander(s, unit, place, bag) && (place.own >= 0 || place.application >= 0)) {
      this.report("quiet", `app/${unit} writes, and neither leads nor asks nor holds`);
    }
  }

  #isBystander(s: Words, unit: number, place: Place, bag: number): boolean {
    const asks = place.event === event.configChanged || place.event === event.withdraw;
    if (asks || place.led || place.operated > 0 || isSpoiled(this.#contents.values(bag)))
      return false;
    const isGranted = [Math.max(0, place.settings), s[grantsAt]!].some((content) =>
      Object.entries(this.#contents.grants(content)[`app/${unit}`] ?? {}).some(
        ([lock, id]) => !this.#isDone(bag, lock, id),
      ),
    );
    return Object.keys(this.#contents.requests(bag)).length === 0 && !isGranted;
  }

  /** Nothing is due and no hook runs. @returns what waits all the same. */
  waits(s: Words): string | null {
    let waiting: string | null = null;
    const isShut = /gate|dawn|pause/.test(this.#bound.policy) && get(s, shared.isOpen) === 0;
    const grants = this.#contents.grants(s[grantsAt]!);
    for (let unit = 0; unit < this.#layout.units; unit++) {
      const at = this.#layout.at(unit);
      if (get(s, own.life, at) === life.dead) continue;
      const bag = s[this.#layout.bag(unit)]!;
      const [lock] = Object.keys(this.#contents.requests(bag));
      if (lock === undefined) {
        if (get(s, own.owed, at)) this.report("lost", `app/${unit} has not operated`);
      } else if (!isShut) waiting ??= `app/${unit} waits for ${lock}`;
      for (const [held, id] of Object.entries(grants[`app/${unit}`] ?? {})) {
        const isOver = this.#isDone(bag, held, id);
        if (isOver) waiting ??= this.#misses(s, unit, held, id);
      }
    }
    return waiting;
  }

  /** A grant that is over may stay until there is another: whoever leads then must be able to tell, with what it has read. */
  #misses(s: Words, holder: number, lock: string, id: string): string | null {
    const { units } = this.#layout;
    for (let unit = 0; unit < units; unit++) {
      const at = this.#layout.at(unit);
      const isNew = unit !== holder && !this.#bound.old.includes(unit);
      if (!isNew || get(s, own.life, at) !== life.alive) continue;
      const isMember = (get(s, own.members, at) >> holder) & 1;
      const copy = s[this.#layout.cached(unit, holder)]!;
      if (isMember && copy !== 0 && !this.#isDone(copy - 1, lock, id)) {
        return `app/${holder} has given back ${lock}, and app/${unit} would not see it`;
      }
    }
    return null;
  }

  #isDone(bag: number, lock: string, id: string): boolean {
    return (this.#contents.done(bag)[lock] ?? "") >= id;
  }
}
