/**
 * When locks were released, as the leader's document keeps it: `{"restart": {"app/0": "2026-…Z"}}`, the one place that knows it. For
 * each lock the latest release, and those of the units that a policy names; nothing where no policy looks at them.
 */
import {
  firstOf,
  isObject,
  isString,
  Node,
  nextKey,
  nextOf,
  textOf,
  valueOf,
} from "../json/document";
import { Names } from "../json/names";
import { compare, Slice } from "../json/slice";
import { Order, sort } from "../json/sort";
import { NO_TIME, parseTime, Time } from "../json/time";
import { Writer } from "../json/writer";
import { Needs } from "../policy/needs";
import { Ledger } from "./ledger";
import { Entry, Unit } from "./unit";

/** So many are kept, the newest: names of locks may be many, and every unit reads the document. */
const MAX_RELEASES: i32 = 100;

export class Releases {
  /** The id of an entry is the time of the release. */
  entries: Array<Entry> = new Array<Entry>();
  /** Whoever wrote the document kept them. */
  isKept: bool = false;

  constructor(
    private ledger: Ledger,
    private needs: Needs,
  ) {}

  /** Takes over what was written; what cannot be read of it is passed over. */
  load(root: Node): void {
    this.entries = new Array<Entry>();
    this.isKept = isObject(root);
    const stop = isObject(root) ? nextOf(root) : root;
    for (let lock = firstOf(root); lock < stop; lock = nextKey(lock)) {
      const end = isObject(valueOf(lock)) ? nextKey(lock) : lock;
      for (let unit = firstOf(valueOf(lock)); unit < end; unit = nextKey(unit)) {
        const time = isString(valueOf(unit)) ? parseTime(textOf(valueOf(unit))) : NO_TIME;
        if (time !== NO_TIME)
          this.add(this.ledger.unit(textOf(unit)), this.ledger.lockNames.add(textOf(lock)), time);
      }
    }
  }

  /** Records a release, if anybody wants to know of it; answers whether somebody does. */
  add(unit: Unit, lock: i32, time: Time): bool {
    if (!this.needs.released) return false;
    const kept = new Array<Entry>();
    let isLatest: bool = true;
    let oldest = 0;
    for (let i = 0; i < this.entries.length; i++) {
      const entry = this.entries[i];
      if (entry.lock === lock) {
        if (entry.id > time) isLatest = false;
        else if (entry.unit === unit || !this.isNamed(entry.unit)) continue;
      }
      kept.push(entry);
      if (entry.id < kept[oldest].id) oldest = kept.length - 1;
    }
    if (isLatest || this.isNamed(unit)) {
      const entry = new Entry(unit, lock, time);
      if (kept.length < MAX_RELEASES) kept.push(entry);
      else kept[oldest] = entry;
    }
    this.entries = kept;
    return true;
  }

  /**
   * Takes a time that is later than now for now: another leader's clock was ahead, and who waits for that time could wait for ever. Of a
   * named unit of which nothing is recorded it takes the id that it has done. Answers whether the document should say so.
   */
  settle(now: Time): bool {
    let isMoved: bool = false;
    const names = this.needs.releasing;
    for (let i = 0; i < names.length; i++) {
      const unit = this.ledger.unit(names.at(i));
      let done = unit.done;
      while (done !== null) {
        if (this.latest(unit, done.lock) === NO_TIME && this.entries.length < MAX_RELEASES)
          this.add(unit, done.lock, done.id);
        done = done.next;
      }
    }
    for (let i = 0; i < this.entries.length; i++) {
      if (this.entries[i].id <= now) continue;
      this.entries[i].id = now;
      isMoved = true;
    }
    return isMoved;
  }

  /** The latest release of a lock, by this unit or, for null, by any; NO_TIME where none is recorded. */
  latest(unit: Unit | null, lock: i32): Time {
    let time: Time = NO_TIME;
    for (let i = 0; i < this.entries.length; i++) {
      const entry = this.entries[i];
      if (entry.lock === lock && (unit === null || entry.unit === unit)) time = max(time, entry.id);
    }
    return time;
  }

  write(out: Writer): void {
    const entries = this.entries;
    sort(changetype<Array<i32>>(entries), new ByLockAndUnit(this.ledger.lockNames));
    out.object();
    for (let i = 0; i < entries.length; i++) {
      const isFirst = i === 0 || entries[i].lock !== entries[i - 1].lock;
      if (isFirst && i > 0) out.endObject();
      if (isFirst) out.name(this.ledger.lockNames.at(entries[i].lock)).object();
      out.name(entries[i].unit.name).time(entries[i].id);
    }
    if (entries.length > 0) out.endObject();
    out.endObject();
  }

  private isNamed(unit: Unit): bool {
    return this.needs.releasing.find(unit.name) >= 0;
  }
}

class ByLockAndUnit extends Order {
  constructor(private locks: Names) {
    super();
  }

  nameOf(entry: i32): Slice {
    return this.locks.at(changetype<Entry>(<usize>entry).lock);
  }

  compare(a: i32, b: i32): i32 {
    const first = changetype<Entry>(<usize>a);
    const second = changetype<Entry>(<usize>b);
    if (first.lock !== second.lock) return compare(this.nameOf(a), this.nameOf(b));
    return compare(first.unit.name, second.unit.name);
  }
}
