/**
 * A state in a few 32-bit numbers: what the controller knows, what each unit's agent remembers, and where each running hook is in
 * its conversation. Versions are kept as whether they have been seen; ids, databags and conversations by number.
 *
 * @module
 */

/** One state. Copied whole at each step, never shared. */
export type Words = Int32Array;

/** A run of bits in one word. */
export interface Field {
  readonly word: number;
  readonly shift: number;
  readonly mask: number;
}

const bits = (word: number, shift: number, width: number): Field => ({
  word,
  shift,
  mask: (1 << width) - 1,
});

/** Nobody leads. */
export const nobody = 7;

/** What all units share. */
export const shared = {
  leader: bits(0, 0, 3),
  /** Counts requests, where the units' clocks go on. */
  clock: bits(0, 3, 8),
  /** How often update-status may still come to the rescue. */
  ticks: bits(0, 11, 2),
  spoils: bits(0, 13, 2),
  withdraws: bits(0, 15, 2),
  actions: bits(0, 17, 2),
  /** How often the policy's gate may still open or close. */
  turns: bits(0, 19, 2),
  /** The policy's gate is open. */
  isOpen: bits(0, 21, 1),
  moves: bits(1, 0, 3),
  fails: bits(1, 3, 3),
  crashes: bits(1, 6, 3),
  departures: bits(1, 9, 2),
  deaths: bits(1, 11, 2),
  skips: bits(1, 13, 2),
  waits: bits(1, 15, 2),
  execs: bits(1, 17, 2),
  restarts: bits(1, 19, 2),
} as const;

/** Leader settings, or the application databag: the number of a content. */
export const grantsAt = 2;
const unitsAt = 3;

/** Bits of the first word of a unit. */
export const own = {
  life: bits(0, 0, 2),
  leaderFlag: bits(0, 2, 1),
  /** How often the charm will still ask for its locks. */
  acquires: bits(0, 3, 3),
  /** It has asked, in a hook that was committed, and not operated since. */
  owed: bits(0, 6, 1),
  /** Locks under which it is inside its operation, or crashed there. */
  inside: bits(0, 7, 2),
  /** The event whose hook must be the next. */
  pending: bits(0, 9, 5),
  /** That hook has not run yet; else it has failed. */
  isQueued: bits(0, 14, 1),
  /** The version that the running or pending hook was given is still the newest. */
  isNewest: bits(0, 15, 1),
  seenSettings: bits(0, 16, 1),
  /** The same for leader settings, of the running hook. */
  isNewestSettings: bits(0, 17, 1),
  /** How often more than 30 s have passed in the running hook since it first heard that it leads. */
  waits: bits(0, 18, 2),
  running: bits(0, 20, 5),
  /** update-status is due. */
  tick: bits(0, 25, 1),
  /** The unit, plus 1, whose relation-joined succeeded and whose relation-changed must follow. */
  changedPending: bits(0, 26, 3),
  isStopped: bits(0, 29, 1),
  /** Units whose relation-joined succeeded here. */
  members: bits(1, 0, 4),
  /** Members whose databag's newest version was seen. */
  seen: bits(1, 4, 4),
} as const;

const seenApplicationAt = 2;
const givenApplicationAt = 3;
const placeAt = 4;
const bagsAt = 5;

/** Where things are in the states of an application of so many units. */
export class Layout {
  readonly units: number;
  readonly length: number;
  readonly #stride: number;

  constructor(units: number) {
    this.units = units;
    this.#stride = bagsAt + units;
    this.length = unitsAt + units * this.#stride;
  }

  /** The first word of a unit. */
  at(unit: number): number {
    return unitsAt + unit * this.#stride;
  }

  /** The content of the application databag that the unit was told of last (Juju 4). */
  seenApplication(unit: number): number {
    return this.at(unit) + seenApplicationAt;
  }

  /** The content of the application databag when the unit's running or pending hook began (Juju 4). */
  givenApplication(unit: number): number {
    return this.at(unit) + givenApplicationAt;
  }

  /** Where the unit's hook is in its conversation; 0: it runs none. */
  place(unit: number): number {
    return this.at(unit) + placeAt;
  }

  /** The content of a unit's databag. */
  bag(unit: number): number {
    return this.at(unit) + bagsAt + unit;
  }

  /** What the unit's agent keeps of another's databag: a content, plus 1; 0: nothing. */
  cached(unit: number, other: number): number {
    return this.at(unit) + bagsAt + other;
  }
}

export function get(state: Words, field: Field, at = 0): number {
  return (state[at + field.word]! >> field.shift) & field.mask;
}

export function set(state: Words, field: Field, value: number, at = 0): void {
  const word = at + field.word;
  state[word] = (state[word]! & ~(field.mask << field.shift)) | (value << field.shift);
}
