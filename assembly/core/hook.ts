/** Everything known about the hook that is running: what the host read, and what has been done about it since. */
import { NONE, Node, nextOf, textOf } from "../json/document";
import { ascii, equal, lengthOf, Slice } from "../json/slice";
import { Text } from "../json/text";
import { Policy } from "../policy/policy";
import { readDatabag } from "./databag";
import { Flags } from "./flags";
import { Grants } from "./grants";
import { Input } from "./input";
import { Keys } from "./keys";
import { Ledger } from "./ledger";
import { NOWHERE, Report } from "./report";
import { Time } from "./time";
import { Entry, entryOf, Unit } from "./unit";

export const IN_HOOK: i32 = 0;

export const IN_SETTINGS: i32 = 0;
export const IN_APPLICATION: i32 = 1;

export const PUBLISHED: i32 = 0;
export const COMMITTED: i32 = 1;
export const UNSAFE: i32 = 2;

/** is-leader's True is good for this many seconds (Juju's documentation of is-leader). */
export const GUARANTEE: f64 = 30;

export class Hook {
  ledger: Ledger;
  grants: Grants;
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
  age: f64;
  /** This unit's data differs from what its databag says. */
  isChanged: bool = false;
  /** The grants differ from what is published. */
  isDirty: bool = false;
  /** Saved requests wait to be moved to the databag. */
  hasSaved: bool = false;

  /** This unit's requests whose lock it holds. */
  held: Array<Entry> = [] as Entry[];

  private allowed: Node;

  constructor(input: Input) {
    const key = input.optionalText("key");
    const keys = new Keys(lengthOf(key) > 0 ? key : ascii("coordinator"));
    const ledger = new Ledger(new Unit(0, input.text("unit")));
    this.keys = keys;
    this.ledger = ledger;
    this.grants = new Grants(keys, ledger);
    this.policy = Policy.read(input.node("policy"));
    this.now = input.time("now");
    this.context = input.word("context", "hook action exec", false);
    this.name = input.optionalText("hook");
    this.isLeading = input.bool("leader");
    this.age = input.seconds("age");
    this.store = input.word("store", "settings application", false);
    this.hasRelation = input.bool("relation");
    this.selfGrant = input.word("self_grant", "published committed unsafe", true);
    this.isSubordinate = input.optionalBool("subordinate");
    this.allowed = input.optionalList("allow");
    this.readUnits(input);
    this.readGrants(input);
    const flags = input.optionalList("flags");
    if (flags !== NONE) this.flags.read(flags);
  }

  get self(): Unit {
    return this.ledger.self;
  }

  get isHook(): bool {
    return this.context === IN_HOOK;
  }

  /** Rule 3: outside a hook only what the caller asks for by name. */
  allows(act: string): bool {
    return this.isHook || contains(this.allowed, ascii(act));
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
    let request = this.self.requests;
    while (request !== null) {
      const grant = entryOf(this.self.grants, request.lock);
      if (grant !== null && grant.id === request.id && !this.held.includes(request))
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

  /** From here on as a unit that does not lead (False is final for the hook). */
  stopLeading(why: Text): void {
    if (!this.isLeading) return;
    this.isLeading = false;
    this.grants.load();
    this.isDirty = false;
    this.report.problem("not_leader", NOWHERE, NOWHERE, why);
  }

  /** Takes over databags that the host read because it was asked for them. */
  readMore(databags: Node): void {
    const stop = nextOf(databags);
    for (let key = databags + 1; key < stop; key = nextOf(key + 1)) {
      const unit = this.ledger.unit(textOf(key));
      if (!unit.read) this.readUnit(unit, key + 1);
    }
  }

  reportGrants(): void {
    if (this.grants.fault.length > 0) {
      const message = new Text()
        .ascii("the grants cannot be read: ")
        .bytes(this.grants.fault.slice());
      this.report.problem("bad_settings", NOWHERE, this.grants.faultKey, message);
    } else if (this.grants.isNewer) {
      this.report.problem(
        "unknown_version",
        NOWHERE,
        this.keys.extra,
        new Text().ascii("the grants were written by a newer version"),
      );
    }
  }

  private readUnits(input: Input): void {
    const databags = input.object("databags");
    const members = input.optionalList("members");
    if (!input.isValid) return;
    if (members !== NONE) {
      const stop = nextOf(members);
      for (let item = members + 1; item < stop; item = nextOf(item))
        this.ledger.unit(textOf(item)).member = true;
    }
    const stop = nextOf(databags);
    for (let key = databags + 1; key < stop; key = nextOf(key + 1))
      this.readUnit(this.ledger.unit(textOf(key)), key + 1);
    const departing = input.optionalText("departing_unit");
    if (lengthOf(departing) > 0) this.ledger.unit(departing).dying = true;
    const remote = input.optionalText("remote_unit");
    if (lengthOf(remote) > 0) this.ledger.remoteUnit = this.ledger.unit(remote).number;
  }

  private readUnit(unit: Unit, values: Node): void {
    readDatabag(unit, values, this.keys, this.ledger.lockNames);
    const requests = unit.requestsFault;
    if (requests !== null) this.report.problem("bad_databag", unit.name, this.keys.plain, requests);
    const extra = unit.extraFault;
    if (extra !== null) this.report.problem("bad_databag", unit.name, this.keys.extra, extra);
    if (unit.isNewer)
      this.report.problem(
        "unknown_version",
        unit.name,
        this.keys.extra,
        new Text().ascii("written by a newer version"),
      );
  }

  private readGrants(input: Input): void {
    const settings = input.object("settings");
    if (!input.isValid) return;
    if (this.store === IN_SETTINGS) this.grants.readSettings(settings);
    else this.grants.readApplication(settings);
  }
}

function contains(list: Node, text: Slice): bool {
  if (list === NONE) return false;
  const stop = nextOf(list);
  for (let item = list + 1; item < stop; item = nextOf(item)) {
    if (equal(textOf(item), text)) return true;
  }
  return false;
}
