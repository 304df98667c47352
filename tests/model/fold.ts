/**
 * States that differ in nothing but which unit is called what are one: each is turned into the one of them that comes first, and only
 * that is explored.
 *
 * No rule of Juju, of the binding or of the core looks at a unit's name, but for three places: requests with the same id stand in the
 * queue by name, the databags of several holders out of sight are read in the order of their names, and everything written for
 * people or for other units is sorted by name, which is only how it is written. A bound in which one of the first two can happen
 * is not folded.
 *
 * @module
 */

import { action, decode, encode } from "./actions.js";
import type { Bound } from "./bound.js";
import { call, kindOf, remoteOf } from "./calls.js";
import { get, grantsAt, own, set, shared, type Words } from "./layout.js";
import type { System } from "./system.js";

/** For each unit the one whose place it takes. */
export type Renaming = readonly number[];

/** Whether nothing in this bound can depend on the order of the units' names. */
export function mayFold({ clock, policy, departures, deaths, young, locks }: Bound): boolean {
  const areIdsDistinct = clock === "running";
  const isOneHolder = policy === "serial" && locks.length === 1;
  const areAllSeen = departures + deaths === 0 && young.length === 0;
  return areIdsDistinct && (isOneHolder || areAllSeen);
}

/** Whether nothing but their names tells two units apart in the first state; `app/0` leads there. */
function areAlike({ acquires, wants, old, young }: Bound, unit: number, other: number): boolean {
  if (unit === other) return true;
  return (
    unit > 0 &&
    other > 0 &&
    acquires[unit] === acquires[other] &&
    wants[unit] === wants[other] &&
    old.includes(unit) === old.includes(other) &&
    young.includes(unit) === young.includes(other)
  );
}

/** All that keep units among those that the bound treats alike. */
export function renamingsOf(bound: Bound): Renaming[] {
  const units = bound.acquires.map((_, unit) => unit);
  const grow = (some: readonly number[]): Renaming[] => {
    const unit = some.length;
    if (unit === units.length) return [some];
    return units
      .filter((other) => !some.includes(other) && areAlike(bound, unit, other))
      .flatMap((other) => grow([...some, other]));
  };
  return grow([]);
}

/** Turns states, steps and what they are made of into what they are under other names. */
export class Renamer {
  readonly renaming: Renaming;
  readonly #system: System;
  readonly #contents: number[] = [];
  readonly #places: number[] = [];

  constructor(system: System, renaming: Renaming) {
    this.#system = system;
    this.renaming = renaming;
  }

  /** `into` becomes the state `s` under the other names. */
  state(s: Words, into: Words): void {
    const { layout } = this.#system;
    const { renaming } = this;
    into[0] = s[0]!;
    into[1] = s[1]!;
    const leader = get(s, shared.leader);
    set(into, shared.leader, renaming[leader] ?? leader);
    into[grantsAt] = this.content(s[grantsAt]!);
    for (let unit = 0; unit < layout.units; unit++) {
      const from = layout.at(unit);
      const other = renaming[unit]!;
      const to = layout.at(other);
      into[to] = s[from]!;
      into[to + 1] = s[from + 1]!;
      set(into, own.pending, this.event(get(s, own.pending, from)), to);
      set(into, own.running, this.event(get(s, own.running, from)), to);
      const changed = get(s, own.changedPending, from);
      if (changed > 0) set(into, own.changedPending, renaming[changed - 1]! + 1, to);
      set(into, own.members, this.bits(get(s, own.members, from)), to);
      set(into, own.seen, this.bits(get(s, own.seen, from)), to);
      into[layout.seenApplication(other)] = this.content(s[layout.seenApplication(unit)]!);
      into[layout.givenApplication(other)] = this.content(s[layout.givenApplication(unit)]!);
      into[layout.place(other)] = this.place(s[layout.place(unit)]!);
      for (let third = 0; third < layout.units; third++) {
        into[layout.cached(other, renaming[third]!)] = s[layout.cached(unit, third)]!;
      }
    }
  }

  /** The same step, of the unit that has the other's place. */
  step(code: number): number {
    const { kind, unit, parameter } = decode(code);
    const isOfEvent = kind === action.begin || kind === action.stumble;
    if (kind === action.tick || kind === action.turn) return code;
    const other = this.renaming[unit]!;
    if (isOfEvent) return encode(kind, other, this.event(parameter));
    return encode(kind, other, kind === action.read ? this.renaming[parameter]! : parameter);
  }

  event(code: number): number {
    const remote = remoteOf(code);
    return remote < 0 ? code : kindOf(code) + this.renaming[remote]!;
  }

  /** Leader settings, or an application databag. A unit's databag names no unit. */
  content(number: number): number {
    const known = this.#contents[number];
    if (known !== undefined) return known;
    const { contents } = this.#system;
    const values = Object.entries(contents.values(number));
    const renamed = values.map(([key, text]) => [key, renamedText(text, this.renaming)]);
    const other = contents.number(Object.fromEntries(renamed));
    this.#contents[number] = other;
    return other;
  }

  bits(units: number): number {
    let others = 0;
    this.renaming.forEach((other, unit) => {
      others |= ((units >> unit) & 1) << other;
    });
    return others;
  }

  /** Where a hook of the other unit is that has heard the same, under the other names. */
  place(number: number): number {
    if (number === 0) return 0;
    const known = this.#places[number];
    if (known !== undefined) return known;
    const { conversations } = this.#system;
    const { unit, event: code } = conversations.places[number]!;
    const results = conversations.heard(number);
    const databags = new Map<number, number>();
    for (const { place, result } of results) {
      if (place.next === call.of) databags.set(this.renaming[place.argument]!, result);
    }
    let here = conversations.begin(this.renaming[unit]!, this.event(code));
    for (const { place, result } of results) {
      const { next, argument } = conversations.places[here]!;
      if (next !== place.next) throw new Error("a hook under another name asks something else");
      const renamed = next === call.of ? databags.get(argument)! : this.#result(next, result);
      here = conversations.follow(here, renamed);
    }
    this.#places[number] = here;
    return here;
  }

  #result(kind: number, result: number): number {
    switch (kind) {
      case call.read:
        return this.content(result >> 1) * 2 + (result & 1);
      case call.write:
        return result === 0 ? 0 : this.content(result - 1) + 1;
      case call.members:
        return this.bits(result);
      case call.planned: {
        // Two bits for each of four units; a renaming speaks only of those that there are.
        let lives = result;
        this.renaming.forEach((other, unit) => {
          lives = (lives & ~(3 << (2 * other))) | (((result >> (2 * unit)) & 3) << (2 * other));
        });
        return lives;
      }
      default:
        return result;
    }
  }
}

/** Folds the states of one system. */
export class Fold {
  readonly #system: System;
  readonly #renamers: readonly Renamer[];
  readonly #trial: Words;
  readonly #best: Words;
  readonly #keys: number[];
  readonly #places: number[];

  /** @param folds false: every state stays as it is. */
  constructor(system: System, folds = mayFold(system.bound)) {
    this.#system = system;
    const all = renamingsOf(system.bound).map((renaming) => new Renamer(system, renaming));
    this.#renamers = folds ? all : all.slice(0, 1);
    this.#trial = new Int32Array(system.layout.length);
    this.#best = new Int32Array(system.layout.length);
    this.#keys = system.bound.acquires.map(() => 0);
    this.#places = system.bound.acquires.map(() => 0);
  }

  /** How many names each state may have. */
  get names(): number {
    return this.#renamers.length;
  }

  /** Changes the state into the first of those that are the same under other names. @returns how it was renamed. */
  fold(s: Words): Renamer {
    const [unchanged] = this.#renamers as readonly [Renamer, ...Renamer[]];
    if (this.#renamers.length === 1) return unchanged;
    for (let unit = 0; unit < this.#keys.length; unit++) this.#keys[unit] = this.#keyOf(s, unit);
    let chosen: Renamer | null = null;
    for (const renamer of this.#renamers) {
      if (!this.#isInOrder(renamer)) continue;
      if (chosen === null && renamer === unchanged) this.#best.set(s);
      else if (chosen === null) renamer.state(s, this.#best);
      else {
        renamer.state(s, this.#trial);
        if (!isBefore(this.#trial, this.#best)) continue;
        this.#best.set(this.#trial);
      }
      chosen = renamer;
    }
    if (chosen !== unchanged) s.set(this.#best);
    return chosen!;
  }

  /** What can be said of a unit without naming another; two units with the same may still differ. */
  #keyOf(s: Words, unit: number): number {
    const { layout } = this.#system;
    const at = layout.at(unit);
    const named = (code: number) => (remoteOf(code) < 0 ? code : kindOf(code));
    let key = get(s, shared.leader) === unit ? 0 : 1;
    key = key * 2 + (s[layout.place(unit)] === 0 ? 0 : 1);
    key = key * 4 + get(s, own.life, at);
    key = key * 8 + get(s, own.acquires, at);
    key = key * 32 + named(get(s, own.pending, at));
    key = key * 32 + named(get(s, own.running, at));
    return key * 2 ** 24 + s[layout.bag(unit)]!;
  }

  /** Whether units alike would then stand in the order of their keys. */
  #isInOrder({ renaming }: Renamer): boolean {
    const { bound } = this.#system;
    for (let unit = 0; unit < renaming.length; unit++) this.#places[renaming[unit]!] = unit;
    for (let first = 0; first < renaming.length; first++) {
      for (let second = first + 1; second < renaming.length; second++) {
        if (!areAlike(bound, first, second)) continue;
        if (this.#keys[this.#places[first]!]! > this.#keys[this.#places[second]!]!) return false;
      }
    }
    return true;
  }

  /** The steps of a folded search as they follow from the first state under the names that it has. */
  unfold(steps: readonly number[]): number[] {
    const s = this.#system.initial();
    let names = inverse(this.fold(s).renaming);
    return steps.map((step) => {
      const real = new Renamer(this.#system, names).step(step);
      this.#system.apply(s, step);
      const { renaming } = this.fold(s);
      const back = inverse(renaming);
      names = back.map((unit) => names[unit]!);
      return real;
    });
  }
}

export function inverse(renaming: Renaming): Renaming {
  const back = renaming.map(() => 0);
  renaming.forEach((other, unit) => {
    back[other] = unit;
  });
  return back;
}

function isBefore(a: Words, b: Words): boolean {
  for (let at = 0; at < a.length; at++) {
    if (a[at] !== b[at]) return a[at]! < b[at]!;
  }
  return false;
}

const unitName = /^app\/(\d)$/;

/** A document with other units' names in it, written as it was: by its keys in order, with or without spaces. */
function renamedText(text: string, renaming: Renaming): string {
  if (!text.includes("app/")) return text;
  const broken = /^\{(?=\{)/.exec(text)?.[0] ?? "";
  const end = / *$/.exec(text)![0];
  const value = JSON.parse(text.slice(broken.length));
  const isSpaced = text.includes('": ');
  const name = (word: string) => word.replace(unitName, (_, unit) => `app/${renaming[unit]!}`);
  const write = (item: unknown): string => {
    if (typeof item === "string") return JSON.stringify(name(item));
    if (typeof item !== "object" || item === null) return JSON.stringify(item);
    const gap = isSpaced ? " " : "";
    if (Array.isArray(item)) return `[${item.map(write).join(`,${gap}`)}]`;
    const entries = Object.entries(item).map(([key, one]) => [name(key), write(one)] as const);
    entries.sort(([a], [b]) => (a < b ? -1 : 1));
    return `{${entries.map(([key, one]) => `${JSON.stringify(key)}:${gap}${one}`).join(`,${gap}`)}}`;
  };
  return `${broken}${write(value)}${end}`;
}
