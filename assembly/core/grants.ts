/**
 * The wire of the leader's document. In leader settings: `coordinator` (`{unit: {lock: id}}`, as the old library writes it) and
 * beside it `coordinator-v1`. In the application databag: one key a reign, `coordinator-r<n>`. The one place that knows it.
 */
import {
  ARRAY,
  countOf,
  field,
  firstOf,
  isObject,
  isString,
  kindOf,
  member,
  NONE,
  Node,
  nextKey,
  nextOf,
  parse,
  partOf,
  textOf,
  valueOf,
} from "../json/document";
import { MAX_WHOLE, NOT_WHOLE, wholeOf, wholeText } from "../json/number";
import { EMPTY, equal, lengthOf, Slice, tail } from "../json/slice";
import { areStrings } from "../json/strings";
import { decimal, fill, quoted } from "../json/text";
import { NO_TIME, parseTime } from "../json/time";
import { bytesOf, t, Word } from "../json/word";
import { Writer } from "../json/writer";
import { Policy } from "../policy/policy";
import { badId, notJson, rawValue, writeIds } from "./databag";
import { Keys } from "./keys";
import { Ledger } from "./ledger";
import { Releases } from "./releases";
import { Entry, entryOf, sortUnits, Unit } from "./unit";

/** How many waiting requests keep their place in writing. More would make each grant a longer write for every unit to read. */
export const MAX_ORDER: i32 = 100;

/** No place in the order is written beyond this many bytes: leader-set takes at most 128 KiB in one argument. */
const MAX_DOCUMENT: i32 = 100000;

export class Grants {
  /** Why nothing may be decided, dropped or written: the document cannot be read. Empty if it can. */
  fault: Slice = EMPTY;
  /** The key at fault. */
  faultKey: Slice = EMPTY;
  /** The document has a higher `v`. */
  isNewer: bool = false;

  private generation: i64 = 0;
  /** What leader settings say under the generation's own key. */
  private settingsGeneration: i64 = 0;
  private writtenGeneration: i64 = 0;
  private reign: i64 = 0;
  private writer: Slice = EMPTY;
  /** Keys of older reigns, to be deleted. */
  private past: Array<Node> = new Array<Node>();

  /** Where in the answer the document begins that is being written. */
  private start: i32 = 0;

  private grants: Node = NONE;
  private marks: Node = NONE;
  private order: Node = NONE;
  private released: Node = NONE;

  constructor(
    private keys: Keys,
    private ledger: Ledger,
    private releases: Releases,
  ) {}

  get isReadable(): bool {
    return this.fault === EMPTY && !this.isNewer;
  }

  /** What is wrong with the document, for a person; asked only if it is not readable. */
  obstacle(): Slice {
    return this.fault === EMPTY
      ? bytesOf(t("the grants were written by a newer version"))
      : fill(t("the grants cannot be read: {}"), this.fault);
  }

  /** Whether the next write in the application databag opens a reign: the document there is another unit's, or there is none. */
  get needsReign(): bool {
    return this.reign === 0 || !equal(this.writer, this.ledger.self.name);
  }

  readSettings(values: Node): void {
    this.clear();
    this.settingsGeneration = wholeText(textIn(values, this.keys.generation));
    const plain = this.document(values, this.keys.plain);
    const extra = this.document(values, this.keys.extra);
    if (this.fault === EMPTY && extra !== NONE) this.readExtra(extra, this.keys.extra);
    if (plain !== NONE) this.grants = plain;
    this.check(this.keys.plain, this.keys.extra);
    this.load();
  }

  readApplication(values: Node): void {
    this.clear();
    const key = this.greatest(values);
    if (key !== NONE) {
      const name = textOf(key);
      const root = this.document(values, name);
      if (root !== NONE) {
        this.readExtra(root, name);
        if (this.isNewer) return;
        this.grants = field(root, t("grants"));
        const writer = field(root, t("writer"));
        if (isString(writer)) this.writer = textOf(writer);
        else this.fail(name, bytesOf(t("writer must be a string")));
      }
      this.check(name, name);
    }
    this.load();
  }

  /** Fills the ledger with the grants as they were read, forgetting what was decided since. */
  load(): void {
    this.ledger.clearGrants();
    if (this.fault !== EMPTY || (this.isNewer && this.reign > 0)) return;
    this.take(this.grants, false);
    this.take(this.marks, true);
    this.releases.load(this.released);
    this.loadOrder();
  }

  /** What was written is now what stands there. */
  published(): void {
    this.generation = this.nextGeneration();
  }

  /** What leader-set must be given for the grants as the ledger has them now. */
  writeSettings(policy: Policy, queue: Array<Entry>, out: Writer): void {
    this.writeGrants(false, out.object().name(this.keys.plain).beginText());
    this.begin(out.endText(), this.keys.extra);
    this.writeGrants(true, out.key(t("marks")));
    this.writeRest(policy, queue, out);
    out.endObject().endText().endObject();
  }

  /** What leader-set must be given before leader settings are read again: a value that is new, and holds nothing else. */
  writeGeneration(out: Writer): void {
    this.writtenGeneration = max<i64>(this.settingsGeneration, 0) + 1;
    out.object().entry(this.keys.generation, decimal(this.writtenGeneration)).endObject();
  }

  /** Whether what was read last holds the generation that was written before: if not, Juju answered from its cache. */
  get isFresh(): bool {
    return this.settingsGeneration === this.writtenGeneration;
  }

  /** What relation-set --app must be given: this reign's document, and older ones deleted. */
  writeApplication(policy: Policy, queue: Array<Entry>, out: Writer): void {
    const isOwn = !this.needsReign;
    this.begin(out.object(), this.keys.reign(isOwn ? this.reign : this.reign + 1));
    this.writeGrants(false, out.key(t("grants")));
    this.writeRest(policy, queue, out);
    out.field(t("writer"), this.ledger.self.name).endObject().endText();
    for (let i = 0; i < this.past.length; i++) out.entry(textOf(this.past[i]), EMPTY);
    if (!isOwn && this.reign > 0) out.entry(this.keys.reign(this.reign), EMPTY);
    out.endObject();
  }

  /** Begins a document under a key; it tells its generation first. */
  private begin(out: Writer, key: Slice): void {
    out.name(key).beginText();
    this.start = out.length;
    out.object().key(t("generation")).whole(this.nextGeneration());
  }

  /** Counts writes, so that no two documents are alike; where a number would become unreadable it begins anew. */
  private nextGeneration(): i64 {
    return this.generation < MAX_WHOLE ? this.generation + 1 : 1;
  }

  private clear(): void {
    this.fault = EMPTY;
    this.isNewer = false;
    this.generation = 0;
    this.reign = 0;
    this.writer = EMPTY;
    this.past = new Array<Node>();
    this.grants = NONE;
    this.marks = NONE;
    this.order = NONE;
    this.released = NONE;
  }

  private fail(key: Slice, what: Slice): void {
    if (this.fault !== EMPTY) return;
    this.fault = what;
    this.faultKey = key;
  }

  private document(values: Node, key: Slice): Node {
    const node = rawValue(values, key);
    if (node === NONE) return NONE;
    if (!isString(node)) {
      this.fail(key, bytesOf(t("the raw value must be a string")));
      return NONE;
    }
    const root = parse(textOf(node));
    if (root === NONE) this.fail(key, notJson());
    else if (!isObject(root)) this.fail(key, bytesOf(t("expected an object")));
    return root;
  }

  /** The key of the greatest reign, or NONE; the keys of older ones are remembered. */
  private greatest(values: Node): Node {
    const prefix = this.keys.reignPrefix;
    const stop = isObject(values) ? nextOf(values) : values;
    let best: Node = NONE;
    for (let key = firstOf(values); key < stop; key = nextKey(key)) {
      const name = textOf(key);
      const length = lengthOf(prefix);
      if (lengthOf(name) <= length || !equal(head(name, length), prefix)) continue;
      const number = wholeText(tail(name, length));
      if (number < 1 || rawValue(values, name) === NONE) continue;
      if (number === MAX_WHOLE) this.fail(name, bytesOf(t("no greater reign can be written")));
      if (best !== NONE) this.past.push(number > this.reign ? best : key);
      if (number > this.reign) {
        best = key;
        this.reign = number;
      }
    }
    return best;
  }

  private readExtra(root: Node, key: Slice): void {
    if (!isObject(root)) return;
    const v = wholeOf(field(root, t("v")));
    if (v === NOT_WHOLE || v < 1) {
      return this.fail(key, bytesOf(t("v must be a whole number of at least 1")));
    }
    if (v > 1) {
      this.isNewer = true;
      return;
    }
    const generation = field(root, t("generation"));
    if (generation !== NONE) this.generation = wholeOf(generation);
    if (this.generation < 0) this.fail(key, bytesOf(t("generation must be a whole number")));
    this.marks = field(root, t("marks"));
    this.order = field(root, t("order"));
    this.released = field(root, t("released"));
  }

  private check(grantsKey: Slice, extraKey: Slice): void {
    if (this.grants !== NONE) this.checkIds(this.grants, t("the grant"), grantsKey);
    if (this.marks !== NONE) this.checkIds(this.marks, t("the mark"), extraKey);
    if (this.order === NONE) return;
    let isValid: bool = kindOf(this.order) === ARRAY;
    const stop = isValid ? nextOf(this.order) : this.order;
    for (let item = firstOf(this.order); item < stop; item = nextOf(item)) {
      isValid = isValid && areStrings(item) && countOf(item) === 3;
    }
    if (!isValid) this.fail(extraKey, bytesOf(t("order: expected a list of [unit, lock, id]")));
  }

  private checkIds(root: Node, what: Word, at: Slice): void {
    if (!isObject(root))
      return this.fail(at, fill(t("{}s: expected an object of units"), bytesOf(what)));
    const stop = nextOf(root);
    for (let key = firstOf(root); key < stop; key = nextKey(key)) {
      const unit = textOf(key);
      if (!isObject(valueOf(key))) {
        const fault = t("{}s to {} must be an object of ids by lock");
        return this.fail(at, fill(fault, bytesOf(what), quoted(unit)));
      }
      const end = nextKey(key);
      for (let lock = firstOf(valueOf(key)); lock < end; lock = nextKey(lock)) {
        if (isString(valueOf(lock)) && parseTime(textOf(valueOf(lock))) !== NO_TIME) continue;
        this.fail(at, fill(t("{}, for {}"), badId(what, textOf(lock)), quoted(unit)));
      }
    }
  }

  /**
   * Takes over `{unit: {lock: id}}`: grants, or marks on them. A mark counts only if its id equals the grant's: an old leader
   * rewrites the grants and leaves the marks.
   */
  private take(root: Node, areMarks: bool): void {
    const stop = nextOf(root);
    for (let key = firstOf(root); key < stop; key = nextKey(key)) {
      const unit = this.ledger.unit(textOf(key));
      const end = nextKey(key);
      for (let name = firstOf(valueOf(key)); name < end; name = nextKey(name)) {
        const lock = this.ledger.lockNames.add(textOf(name));
        const id = parseTime(textOf(valueOf(name)));
        const grant = areMarks ? entryOf(unit.grants, lock) : this.ledger.addGrant(unit, lock, id);
        if (areMarks && grant !== null && grant.id === id) grant.marked = true;
      }
    }
  }

  private loadOrder(): void {
    this.ledger.forgetArrival();
    const stop = nextOf(this.order);
    let place = 0;
    for (let item = firstOf(this.order); item < stop; item = nextOf(item)) {
      const unit = this.ledger.unit(textOf(partOf(item, 1)));
      const request = entryOf(unit.requests, this.ledger.lockNames.add(textOf(partOf(item, 2))));
      if (request !== null && request.id === parseTime(textOf(partOf(item, 3))))
        request.arrival = place;
      place += 1;
    }
  }

  /** `{unit: {lock: id}}` of all grants, or of those marked. */
  private writeGrants(marked: bool, out: Writer): void {
    const units = holders(this.ledger);
    out.object();
    for (let i = 0; i < units.length; i++) {
      const list = marked ? markedOf(units[i]) : units[i].grants;
      if (list !== null) writeIds(list, this.ledger.lockNames, out.name(units[i].name));
    }
    out.endObject();
  }

  private writeRest(policy: Policy, queue: Array<Entry>, out: Writer): void {
    out.key(t("order")).list();
    for (let i = 0; i < queue.length && out.length - this.start < MAX_DOCUMENT; i++) {
      const entry = queue[i];
      out
        .list()
        .string(entry.unit.name)
        .string(this.ledger.lockNames.at(entry.lock))
        .time(entry.id)
        .endList();
    }
    out.endList().key(t("policy")).object().field(t("name"), policy.name());
    if (lengthOf(policy.sha256) > 0) out.field(t("sha256"), policy.sha256);
    out.endObject();
    if (policy.needs.released) this.releases.write(out.key(t("released")));
    out.key(t("v")).whole(1);
  }
}

/** Units that hold something, by name. */
export function holders(ledger: Ledger): Array<Unit> {
  const units = new Array<Unit>();
  for (let i = 0; i < ledger.holders.length; i++) {
    if (ledger.holders[i].grants !== null) units.push(ledger.holders[i]);
  }
  sortUnits(units);
  return units;
}

function markedOf(unit: Unit): Entry | null {
  let list: Entry | null = null;
  let grant = unit.grants;
  while (grant !== null) {
    if (grant.marked) {
      const entry = new Entry(unit, grant.lock, grant.id);
      entry.next = list;
      list = entry;
    }
    grant = grant.next;
  }
  return list;
}

function textIn(values: Node, key: Slice): Slice {
  const node = member(values, key);
  return isString(node) ? textOf(node) : EMPTY;
}

function head(slice: Slice, length: i32): Slice {
  return (slice & 0xffffffff00000000) | <u64>length;
}
