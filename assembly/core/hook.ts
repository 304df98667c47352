/** Everything known about the hook that is running: what the host read, and what has been done about it since. */
import {
  countOf,
  firstOf,
  kindOf,
  Node,
  nextKey,
  nextOf,
  nextString,
  OBJECT,
  textOf,
  valueOf,
} from "../json/document";
import { EMPTY, lengthOf, Slice } from "../json/slice";
import { contains } from "../json/strings";
import { Time } from "../json/time";
import { bytesOf, t, Word } from "../json/word";
import { Writer } from "../json/writer";
import { Policy } from "../policy/policy";
import { readDatabag } from "./databag";
import { Flags } from "./flags";
import { Grants } from "./grants";
import { Input } from "./input";
import { Keys } from "./keys";
import { Ledger } from "./ledger";
import { Releases } from "./releases";
import { NOWHERE, Report } from "./report";
import { Entry, entryOf, Unit } from "./unit";

export const IN_HOOK: i32 = 0;

export const IN_SETTINGS: i32 = 0;
export const IN_APPLICATION: i32 = 1;

export const PUBLISHED: i32 = 0;
export const COMMITTED: i32 = 1;
export const UNSAFE: i32 = 2;

/** is-leader's True is good for this many seconds (Juju's documentation of is-leader). */
export const GUARANTEE: i64 = 30;

export class Hook {
  ledger: Ledger;
  grants: Grants;
  releases: Releases;
  flags: Flags = new Flags();
  report: Report = new Report();
  policy: Policy;
  keys: Keys;

  context: i32;
  name: Slice;
  store: i32;
  selfGrant: i32;
  hasRelation: bool;
  isSubordinate: bool;
  /** Whether this unit may decide: is-leader said True in time, and nothing has said otherwise since. */
  isLeading: bool;
  now: Time;
  /** Seconds since the last True. */
  age: i64;
  /** This unit's data differs from what its databag says. */
  isChanged: bool = false;
  /** The grants differ from what is published, and that is to be written. */
  isDirty: bool = false;
  /** Saved requests wait to be moved to the databag. */
  hasSaved: bool = false;

  /** This unit's requests whose lock it holds. */
  held: Array<Entry> = new Array<Entry>();

  private allowed: Node;

  /** Reads fields in the order in which hosts write them, so that none is looked for. */
  constructor(input: Input) {
    const self = new Unit(0, input.text(t("unit")));
    this.context = input.word(t("context"), t("hook action exec"));
    this.name = input.optionalText(t("hook"));
    this.isLeading = input.bool(t("leader"));
    this.store = input.word(t("store"), t("settings application"));
    this.hasRelation = input.bool(t("relation"));
    const ledger = new Ledger(self, countOf(input.object(t("databags"))));
    const policy = new Policy(input.node(t("policy")));
    const key = input.optionalText(t("key"));
    const keys = new Keys(lengthOf(key) > 0 ? key : bytesOf(t("coordinator")));
    const releases = new Releases(ledger, policy.needs);
    this.keys = keys;
    this.ledger = ledger;
    this.policy = policy;
    this.releases = releases;
    this.grants = new Grants(keys, ledger, releases);
    this.selfGrant = input.optionalWord(t("self_grant"), t("published committed unsafe"));
    this.isSubordinate = input.optionalBool(t("subordinate"));
    this.allowed = input.optionalList(t("allow"));
    this.now = input.time(t("now"));
    this.age = input.seconds(t("age"));
    this.readUnits(input);
    this.readGrants(input);
    this.flags.read(input.optionalList(t("flags")));
  }

  get self(): Unit {
    return this.ledger.self;
  }

  get isHook(): bool {
    return this.context === IN_HOOK;
  }

  /** Rule 3: outside a hook only what the caller asks for by name. */
  allows(act: Word): bool {
    return this.isHook || contains(this.allowed, bytesOf(act));
  }

  /** Whether anything can be decided and written at all. */
  get canDecide(): bool {
    if (!this.isLeading || !this.grants.isReadable || !this.policy.isValid) return false;
    return this.hasRelation || this.store === IN_SETTINGS;
  }

  /** Whether this unit may publish a grant to itself before its request is committed (rule 8 and its mixed case). */
  get grantsItselfAtOnce(): bool {
    if (this.store !== IN_SETTINGS) return this.selfGrant === UNSAFE;
    if (this.selfGrant === PUBLISHED) return !this.ledger.hasOld();
    return this.selfGrant === UNSAFE;
  }

  /** Rule 2: held is what the grants that were read, or published since, give to this unit's own request. */
  markHeld(): void {
    if (this.self.isNewer) return;
    let request = this.self.requests;
    while (request !== null) {
      const grant = entryOf(this.self.grants, request.lock);
      if (grant !== null && grant.id === request.id && !this.isHeld(request.lock))
        this.held.push(request);
      request = request.next;
    }
  }

  isHeld(lock: i32): bool {
    for (let i = 0; i < this.held.length; i++) {
      if (this.held[i].lock === lock) return true;
    }
    return false;
  }

  /** Takes a request out of `held`; the list as it was stays as it was. */
  letGo(request: Entry): void {
    const held = this.held;
    this.held = new Array<Entry>();
    for (let i = 0; i < held.length; i++) {
      if (held[i] !== request) this.held.push(held[i]);
    }
  }

  lockName(entry: Entry): Slice {
    return this.ledger.lockNames.at(entry.lock);
  }

  /** Writes the members `lock` and `id`. */
  writeEntry(entry: Entry, out: Writer): void {
    out.field(t("lock"), this.lockName(entry)).key(t("id")).time(entry.id);
  }

  /** From here on as a unit that does not lead (False is final for the hook). */
  stopLeading(why: Slice): void {
    if (!this.isLeading) return;
    this.isLeading = false;
    this.isDirty = false;
    this.report.problem(t("not_leader"), NOWHERE, NOWHERE, why);
  }

  /** Takes over databags that the host read because it was asked for them. */
  readMore(databags: Node): void {
    const stop = nextOf(databags);
    for (let key = firstOf(databags); key < stop; key = nextKey(key)) {
      const unit = this.ledger.unit(inline.always(textOf(key)));
      const kind = inline.always(kindOf(valueOf(key)));
      if (!unit.read && kind >= OBJECT) this.readUnit(unit, valueOf(key));
    }
  }

  reportGrants(): void {
    const grants = this.grants;
    if (grants.isReadable) return;
    const code = grants.fault === EMPTY ? t("unknown_version") : t("bad_settings");
    const key = grants.fault === EMPTY ? this.keys.extra : grants.faultKey;
    this.report.problem(code, NOWHERE, key, grants.obstacle());
  }

  private readUnits(input: Input): void {
    const databags = input.object(t("databags"));
    const members =
      this.isLeading && this.hasRelation
        ? input.list(t("members"))
        : input.optionalList(t("members"));
    if (!input.isValid) return;
    const stop = nextOf(members);
    for (let item = firstOf(members); item < stop; item = nextString(item))
      this.ledger.addMember(this.ledger.unit(textOf(item)));
    this.readMore(databags);
    const departing = input.optionalText(t("departing_unit"));
    if (lengthOf(departing) > 0) this.ledger.unit(departing).dying = true;
    const remote = input.optionalText(t("remote_unit"));
    if (lengthOf(remote) > 0) this.ledger.remoteUnit = this.ledger.unit(remote).number;
  }

  private readUnit(unit: Unit, values: Node): void {
    readDatabag(unit, values, this.keys, this.ledger.lockNames);
    this.reportDatabag(unit, this.keys.plain, unit.requestsFault);
    this.reportDatabag(unit, this.keys.extra, unit.extraFault);
    const newer = t("written by a newer version");
    if (unit.isNewer)
      this.report.problem(t("unknown_version"), unit.name, this.keys.extra, bytesOf(newer));
  }

  private reportDatabag(unit: Unit, key: Slice, fault: Slice): void {
    if (fault !== EMPTY) this.report.problem(t("bad_databag"), unit.name, key, fault);
  }

  private readGrants(input: Input): void {
    const settings = input.object(t("settings"));
    if (!input.isValid) return;
    if (this.store === IN_SETTINGS) this.grants.readSettings(settings);
    else this.grants.readApplication(settings);
  }
}
