/**
 * One decision of the leader: drop what is spent, line up the queue, let the policy propose and the core check (rules 4 to 7).
 * What a decision depends on and the host has not yet given is asked for, and only then: `make` answers what to ask, is called
 * again when it has been answered, and answers nothing when the decision is made.
 */
import {
  firstOf,
  isObject,
  isString,
  member,
  NONE,
  Node,
  nextKey,
  nextOf,
  textOf,
  valueOf,
} from "../json/document";
import { Names } from "../json/names";
import { EMPTY, Slice } from "../json/slice";
import { fill, Text } from "../json/text";
import { NO_TIME, Time } from "../json/time";
import { bytesOf, isText, t } from "../json/word";
import { Writer } from "../json/writer";
import { Facts } from "../policy/facts";
import { CONFIG, NOTHING, PLANNED, POLICY, UNITS } from "./asks";
import { External, writeNames } from "./external";
import { MAX_ORDER } from "./grants";
import { Hook, IN_SETTINGS } from "./hook";
import { Known } from "./known";
import { ALL_OWN } from "./ledger";
import { NOWHERE } from "./report";
import { Entry, entryOf, idOf, sortUnits, Unit } from "./unit";

/** leader-set takes at most 128 KiB in one argument: no grant is added beyond this many bytes of grants. */
const MAX_SETTINGS: i32 = 100000;

const UNKNOWN: i32 = 0;
const KNOWN: i32 = 1;
const FAILED: i32 = 2;

export class Decision {
  /** The members that the last question has besides its name. */
  question: Writer = new Writer();
  /** Grants made by this unit in this hook that are not yet published, in order. */
  made: Array<Entry> = new Array<Entry>();
  /** Grants decided in this hook that are published. */
  published: Array<Entry> = new Array<Entry>();

  /** What stood against the last request that was not permitted: the name of a rule, and why, for a person. */
  rule: Slice = EMPTY;
  reason: Slice = EMPTY;
  /** When it will be permitted, if it waits for a time that is known; else NO_TIME. */
  until: Time = NO_TIME;

  private queue: Array<Entry> = new Array<Entry>();
  private own: i32 = ALL_OWN;
  /** What is known of each fact that can be asked for. */
  private states: Array<i32> = new Array<i32>(POLICY + 1);
  private config: Node = NONE;
  private statuses: Node = NONE;
  private external: External;

  constructor(public hook: Hook) {
    this.external = new External(hook);
  }

  /** The requests that still wait, in order, this unit's own among them. */
  waiting(): Array<Entry> {
    // Lining up thousands costs the most of a decision: the queue it was made with serves again where it is whole.
    if (this.own !== ALL_OWN && this.hook.self.requests !== null)
      this.queue = this.hook.ledger.queue(ALL_OWN);
    const waiting = new Array<Entry>();
    for (let i = 0; i < this.queue.length && waiting.length < MAX_ORDER; i++) {
      const request = this.queue[i];
      if (entryOf(request.unit.grants, request.lock) === null) waiting.push(request);
    }
    return waiting;
  }

  /** Forgets what an external policy said: the next decision asks it again. */
  begin(): void {
    this.states[POLICY] = UNKNOWN;
  }

  /** What was decided is published now. */
  publish(): void {
    for (let i = 0; i < this.made.length; i++) this.published.push(this.made[i]);
    this.restart();
  }

  /** Takes back what was decided and not published: another leader may decide otherwise. */
  undo(): void {
    for (let i = 0; i < this.made.length; i++) this.made[i].unit.removeGrant(this.made[i].lock);
    this.restart();
  }

  /** Forgets grants that were not published, because the grants were read again. */
  restart(): void {
    this.begin();
    this.made = new Array<Entry>();
  }

  /** Drops every grant that is over (rule 5), so that it counts no more in this hook. */
  drop(): void {
    const ledger = this.hook.ledger;
    const units = ledger.holders;
    for (let i = 0; i < units.length; i++) {
      let grant = unchecked(units[i]).grants;
      while (grant !== null) {
        if (ledger.isSpent(grant)) this.dropOne(grant);
        grant = grant.next;
      }
    }
  }

  /** Decides; answers what must be asked first, or NOTHING when it is done. */
  make(own: i32): i32 {
    const hook = this.hook;
    if (!hook.canDecide) return NOTHING;
    this.question = new Writer();
    if (hook.releases.settle(hook.now)) this.tellMoved();
    this.drop();
    this.own = own;
    this.queue = hook.ledger.queue(own);
    if (this.queue.length === 0) return NOTHING;
    const question = this.ask();
    if (question !== NOTHING) return question;
    const facts = this.facts();
    const queue = this.arrange(this.queue, facts);
    if (this.external.isThere) {
      if (this.external.isMissing(facts)) return NOTHING;
      if (this.states[POLICY] === UNKNOWN) return this.askPolicy(queue, facts);
      if (this.states[POLICY] === FAILED) return NOTHING;
    }
    this.admit(queue, facts);
    return NOTHING;
  }

  /** Takes over what was asked for; answers whether it had the right form. */
  take(what: i32, result: Node): bool {
    const isRight = this.takeFact(what, result);
    this.states[what] = isRight ? KNOWN : FAILED;
    return isRight;
  }

  failed(what: i32): void {
    this.states[what] = FAILED;
  }

  private takeFact(what: i32, result: Node): bool {
    if (!isObject(result) && what !== POLICY) return false;
    if (what === PLANNED) return this.takePlanned(result);
    if (what === POLICY) return this.external.take(result);
    if (what === UNITS) this.hook.readMore(result);
    else this.config = result;
    return true;
  }

  /** A list of units that leaves out this very unit proves nothing about the others. */
  private takePlanned(result: Node): bool {
    const hook = this.hook;
    if (member(result, hook.self.name) === NONE) return false;
    this.statuses = result;
    const units = hook.ledger.units;
    for (let i = 0; i < units.length; i++) units[i].gone = true;
    const stop = nextOf(result);
    for (let key = firstOf(result); key < stop; key = nextKey(key)) {
      const number = hook.ledger.unitNames.find(textOf(key));
      if (number < 0) continue;
      units[number].gone = false;
      if (isString(valueOf(key)) && isText(textOf(valueOf(key)), t("dying")))
        units[number].dying = true;
    }
    return true;
  }

  /** What rules may look at: what is held now, and what has been asked for. */
  facts(): Facts {
    const facts = new Known(this.hook);
    facts.config = this.config;
    facts.statuses = this.statuses;
    facts.prepare(this.hook.policy.rules);
    return facts;
  }

  /** A queue in the order that the rules give it; the first of them that has one counts most. That of arrival stays as it is. */
  arrange(queue: Array<Entry>, facts: Facts): Array<Entry> {
    const rules = this.hook.policy.rules;
    let arranged = changetype<Array<i32>>(queue);
    for (let i = rules.length - 1; i >= 0; i--) arranged = rules[i].arrange(arranged, facts);
    return changetype<Array<Entry>>(arranged);
  }

  /** Whether policy and limit permit a request now; if not and it `explains`, why, in `rule` and `reason`. */
  permits(request: Entry, facts: Facts, explains: bool): bool {
    const policy = this.hook.policy;
    const unit = request.unit.number;
    const lock = request.lock;
    const name = this.hook.lockName(request);
    for (let i = 0; i < policy.rules.length; i++) {
      const one = unchecked(policy.rules[i]);
      if (!one.speaksOf(name) || one.permits(unit, lock, facts)) continue;
      if (explains) {
        this.rule = one.name;
        this.reason = one.reason(unit, lock, facts);
        this.until = one.until;
      }
      return false;
    }
    this.until = NO_TIME;
    if (<i64>facts.holders(lock) >= policy.limitOf(name)) {
      this.rule = bytesOf(t("limit"));
      this.reason = bytesOf(t("the limit of holders is reached"));
      return false;
    }
    if (!this.external.isThere || (this.states[POLICY] === KNOWN && request.proposed)) return true;
    this.rule = policy.external;
    this.reason = this.waitOf(request, facts);
    if (this.states[POLICY] === KNOWN) this.until = this.external.retryAt;
    return false;
  }

  /** Whether some rule lets nobody have the lock of this request any more, so that nobody behind it in the queue need be looked at. */
  private closes(request: Entry, facts: Facts): bool {
    const rules = this.hook.policy.rules;
    for (let i = 0; i < rules.length; i++) {
      if (rules[i].speaksOf(this.hook.lockName(request)) && rules[i].closes(request.lock, facts))
        return true;
    }
    return false;
  }

  /**
   * To write that a grant is over would wake every unit. Where each later leader finds it out by itself it goes with the next grant;
   * without a relation nobody else can. It is told when it is heard.
   */
  private dropOne(grant: Entry): void {
    const hook = this.hook;
    const unit = grant.unit;
    const lock = grant.lock;
    unit.removeGrant(lock);
    const isNews = unit === hook.self ? hook.isChanged : unit.number === hook.ledger.remoteUnit;
    // Until somebody looks at times it may have stood there for long.
    const isLasting = hook.hasRelation && unit.isLasting;
    const isOld = isLasting && !isNews && !hook.releases.isKept;
    const time = isOld ? idOf(unit.done, lock) : hook.now;
    const isRecorded = hook.ledger.isReleased(grant) && hook.releases.add(unit, lock, time);
    if (!isLasting || isRecorded) hook.isDirty = true;
    else if (!isNews) return;
    const message = unit.gone ? t("{} is gone and held {}") : t("{} has released {}");
    hook.report.line(t("DEBUG"), fill(message, unit.name, hook.lockName(grant)));
  }

  private tellMoved(): void {
    const message = t("a release is later than now, and counts as now");
    this.hook.report.line(t("WARNING"), bytesOf(message));
    this.hook.isDirty = true;
  }

  /** What the decision depends on and is not known: first data of holders out of sight, then who lives and how, then options. */
  private ask(): i32 {
    const hook = this.hook;
    const unread = hook.ledger.strangers(true);
    if (this.states[UNITS] === UNKNOWN && unread.length > 0) return this.askUnits(unread);
    if (
      this.states[PLANNED] === UNKNOWN &&
      !hook.isSubordinate &&
      (hook.policy.needs.units || hook.ledger.strangers(false).length > 0)
    ) {
      return PLANNED;
    }
    if (this.states[CONFIG] === UNKNOWN && hook.policy.needs.options.length > 0)
      return this.askConfig(hook.policy.needs.options);
    return NOTHING;
  }

  private askUnits(units: Array<Unit>): i32 {
    sortUnits(units);
    writeNames(units, this.question.key(t("units")));
    return UNITS;
  }

  private askConfig(options: Names): i32 {
    this.question.key(t("options")).list();
    for (let i = 0; i < options.length; i++) this.question.string(options.at(i));
    this.question.endList();
    return CONFIG;
  }

  private askPolicy(queue: Array<Entry>, facts: Facts): i32 {
    this.external.writeInput(queue, facts, this.question.key(t("input")));
    return POLICY;
  }

  private admit(queue: Array<Entry>, facts: Facts): void {
    const hook = this.hook;
    const closed = new Array<i32>(hook.ledger.lockNames.length);
    let room = hook.store === IN_SETTINGS ? MAX_SETTINGS - this.size() : i32.MAX_VALUE;
    for (let i = 0; i < queue.length; i++) {
      const request = inline.always(unchecked(queue[i]));
      if (unchecked(closed[request.lock]) !== 0) continue;
      if (!this.permits(request, facts, false)) {
        if (this.closes(request, facts)) closed[request.lock] = 1;
        continue;
      }
      const size = this.sizeOf(request);
      if (size > room) {
        const message = bytesOf(t("leader settings are full: no more grants fit"));
        hook.report.problem(t("too_many"), NOWHERE, hook.keys.plain, message);
        continue;
      }
      room -= size;
      const grant = hook.ledger.addGrant(request.unit, request.lock, request.id);
      grant.marked = hook.store === IN_SETTINGS && request.unit === hook.self && !request.committed;
      facts.addHolder(request.unit.number, request.lock);
      this.made.push(grant);
      hook.isDirty = true;
    }
  }

  /** How many bytes the grants take in leader settings, at the most. */
  private size(): i32 {
    const units = this.hook.ledger.holders;
    let size = 0;
    for (let i = 0; i < units.length; i++) {
      let grant = units[i].grants;
      while (grant !== null) {
        size += this.sizeOf(grant);
        grant = grant.next;
      }
    }
    return size;
  }

  private sizeOf(entry: Entry): i32 {
    return sizeOfText(entry.unit.name) + sizeOfText(this.hook.lockName(entry)) + 45;
  }

  private waitOf(request: Entry, facts: Facts): Slice {
    if (request.wait !== NONE) return textOf(request.wait);
    if (this.external.isMissing(facts)) return bytesOf(t("what the policy needs is not known"));
    if (this.states[POLICY] === FAILED) return bytesOf(t("the policy failed"));
    return bytesOf(
      this.states[POLICY] === KNOWN
        ? t("the policy does not grant it")
        : t("the policy has not been asked yet"),
    );
  }
}

/** What a text may take in JSON, at the most: six bytes for each that is escaped. */
function sizeOfText(text: Slice): i32 {
  return new Text().quoted(text).length;
}
