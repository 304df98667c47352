import { NONE, Node } from "../json/document";
import { Names } from "../json/names";
import { EMPTY, Slice } from "../json/slice";
import { Order, sort } from "../json/sort";
import { Time } from "../json/time";

/** No place in the recorded order of arrival: later than all that have one. */
export const NOT_RECORDED: i32 = i32.MAX_VALUE;

/**
 * A lock and an id: a request, a grant, or the greatest id that a unit has done. Entries of one unit form a list. Unmanaged, that is
 * without a header, as units are: there are thousands, and memory that is touched for the first time costs the most.
 */
@unmanaged
export class Entry {
  next: Entry | null = null;
  /** Request: what the unit said with it, an object; or NONE. */
  data: Node = NONE;
  /** Request: place in the arrival order as the leader recorded it. */
  arrival: i32 = NOT_RECORDED;
  /** Request of this unit: whether it stood in the databag when the hook began. */
  committed: bool = false;
  /** Grant: its request was not yet committed when it was made (rule 8). */
  marked: bool = false;
  /** Request: whether the external policy proposes to grant it, and what it gave as the reason if not. */
  proposed: bool = false;
  wait: Node = NONE;
  /** Request: the last round in which it stood in the queue. */
  round: i32 = 0;

  constructor(
    public unit: Unit,
    public lock: i32,
    public id: Time,
  ) {}
}

@unmanaged
export class Unit {
  /** In relation-list, or this unit itself. */
  member: bool = false;
  /** Its databag was read. */
  read: bool = false;
  /** It has written `coordinator-v1`, so that a missing request proves nothing (rule 5). */
  hasV1: bool = false;
  /** It has written `coordinator` alone: a unit of the old library. */
  isOld: bool = false;
  /** Its data has a higher `v` than this core knows. */
  isNewer: bool = false;
  /** Some request came with data, whose nodes are kept. */
  hasData: bool = false;
  /** goal-state shows it as dying, or it is the hook's departing unit. */
  dying: bool = false;
  /** goal-state does not show it: it is dead. */
  gone: bool = false;
  /** It is among the ledger's holders. */
  isHolder: bool = false;
  /** What is wrong with `coordinator`, and with `coordinator-v1`; EMPTY if nothing is. */
  requestsFault: Slice = EMPTY;
  extraFault: Slice = EMPTY;

  /** When it last asked anew, or wrote its data anew, since data was lost; 0 if never. It stays: who knows how old a grant may yet come. */
  anew: Time = 0;

  requests: Entry | null = null;
  done: Entry | null = null;
  grants: Entry | null = null;

  constructor(
    public number: i32,
    public name: Slice,
  ) {}

  /** Its data cannot be relied on: its grants are kept, its requests not granted (rule 5). */
  get isQuarantined(): bool {
    return this.isNewer || this.requestsFault !== EMPTY || this.extraFault !== EMPTY;
  }

  /** Its requests stand in the queue: it is in the relation, stays there, and what it asks for can be read. */
  mayBeGranted(): bool {
    return this.member && this.read && !this.dying && !this.gone && !this.isQuarantined;
  }

  /**
   * What its databag says of a grant that is over it says for ever (`done`, or a greater id, which will be `done`), and every leader
   * reads it. Not so what a unit of the old library leaves out, nor a databag out of sight, for which each hook would have to ask.
   */
  get isLasting(): bool {
    return this.hasV1 && this.member && !this.gone;
  }

  /** Adds a request; one that is there already keeps the greater id. */
  addRequest(lock: i32, id: Time): Entry {
    const known = entryOf(this.requests, lock);
    if (known !== null) {
      if (known.id < id) known.id = id;
      return known;
    }
    const entry = new Entry(this, lock, id);
    entry.next = this.requests;
    this.requests = entry;
    return entry;
  }

  addGrant(lock: i32, id: Time): Entry {
    const entry = new Entry(this, lock, id);
    entry.next = this.grants;
    this.grants = entry;
    return entry;
  }

  /** Records the greatest id done of a lock. */
  addDone(lock: i32, id: Time): void {
    const known = entryOf(this.done, lock);
    if (known !== null) {
      if (known.id < id) known.id = id;
      return;
    }
    const entry = new Entry(this, lock, id);
    entry.next = this.done;
    this.done = entry;
  }

  removeRequest(lock: i32): void {
    this.requests = without(this.requests, lock);
  }

  removeGrant(lock: i32): void {
    this.grants = without(this.grants, lock);
  }
}

/** The entry of a lock, or null. */
export function entryOf(list: Entry | null, lock: i32): Entry | null {
  let entry = list;
  while (entry !== null) {
    if (entry.lock === lock) return entry;
    entry = entry.next;
  }
  return null;
}

/** The id of a lock's entry, or 0, which is less than every id. */
export function idOf(list: Entry | null, lock: i32): Time {
  const entry = entryOf(list, lock);
  return entry === null ? 0 : entry.id;
}

function without(list: Entry | null, lock: i32): Entry | null {
  if (list === null) return null;
  if (list.lock === lock) return list.next;
  let entry: Entry = list;
  while (true) {
    const next = entry.next;
    if (next === null) return list;
    if (next.lock === lock) {
      entry.next = next.next;
      return list;
    }
    entry = next;
  }
}

class ByLock extends Order {
  constructor(private locks: Names) {
    super();
  }

  nameOf(entry: i32): Slice {
    return this.locks.at(changetype<Entry>(<usize>entry).lock);
  }
}

/** The entries of a list, by the name of the lock. */
export function byLock(list: Entry | null, locks: Names): Array<Entry> {
  const entries = new Array<Entry>();
  let entry = list;
  while (entry !== null) {
    entries.push(entry);
    entry = entry.next;
  }
  sort(changetype<Array<i32>>(entries), new ByLock(locks));
  return entries;
}

class ByName extends Order {
  nameOf(unit: i32): Slice {
    return changetype<Unit>(<usize>unit).name;
  }
}

/** Sorts units by name. */
export function sortUnits(units: Array<Unit>): void {
  sort(changetype<Array<i32>>(units), new ByName());
}
