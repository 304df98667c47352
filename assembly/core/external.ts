/**
 * The external policy, a module or a function of the charm's own language: what it is told, and what its answer is worth. It proposes,
 * the core checks (rule 7).
 */
import {
  ARRAY,
  field,
  firstOf,
  isString,
  kindOf,
  member,
  NONE,
  Node,
  NULL,
  nextOf,
  textOf,
} from "../json/document";
import { floorOf } from "../json/number";
import { lengthOf } from "../json/slice";
import { fill } from "../json/text";
import { NO_TIME, secondsAfter, Time } from "../json/time";
import { bytesOf, t, Word } from "../json/word";
import { Writer } from "../json/writer";
import { Facts } from "../policy/facts";
import { holders } from "./grants";
import { Hook } from "./hook";
import { ALL_OWN } from "./ledger";
import { NOWHERE } from "./report";
import { byLock, Entry, entryOf, sortUnits, Unit } from "./unit";

/** Seconds after which a policy may ask to be asked again; what is longer is no time that anybody waits for. */
const MAX_RETRY: i64 = 999999999;

export class External {
  /** When what it makes wait may be granted, by its own word; NO_TIME if it said nothing. */
  retryAt: Time = NO_TIME;

  constructor(private hook: Hook) {}

  get isThere(): bool {
    return lengthOf(this.hook.policy.external) > 0;
  }

  /** Whether something that it wants to be told could not be had: then it is not asked. */
  isMissing(facts: Facts): bool {
    const needs = this.hook.policy.externalNeeds;
    if (needs.units && facts.statuses === NONE) return true;
    return needs.options.length > 0 && facts.config === NONE;
  }

  /** Writes what it is asked. */
  writeInput(queue: Array<Entry>, facts: Facts, out: Writer): void {
    const hook = this.hook;
    const members = this.members();
    out.object().field(t("op"), bytesOf(t("decide")));
    out.key(t("now")).time(hook.now).field(t("leader"), hook.self.name);
    out.key(t("n")).whole(members.length);
    writeNames(members, out.key(t("units")));
    out.key(t("holders")).list();
    const units = holders(hook.ledger);
    for (let i = 0; i < units.length; i++) {
      const grants = byLock(units[i].grants, hook.ledger.lockNames);
      for (let j = 0; j < grants.length; j++) this.writeEntry(grants[j], facts, out);
    }
    out.endList().key(t("queue")).list();
    for (let i = 0; i < queue.length; i++) this.writeEntry(queue[i], facts, out);
    out.endList();
    this.writeNeeds(facts, out);
    out.endObject();
  }

  /** Takes over its answer; one grant that nobody asked for, and nothing of it counts. */
  take(result: Node): bool {
    const grant = field(result, t("grant"));
    if (kindOf(grant) !== ARRAY)
      return this.refuse(t('expected an object with a list of grants under "grant"'));
    const queue = this.hook.ledger.queue(ALL_OWN);
    for (let i = 0; i < queue.length; i++) {
      queue[i].proposed = false;
      queue[i].wait = NONE;
    }
    const stop = nextOf(grant);
    for (let item = firstOf(grant); item < stop; item = nextOf(item)) {
      const request = this.requested(item);
      if (request === null)
        return this.refuse(t("it grants what nobody asked for, or what is held already"));
      request.proposed = true;
    }
    this.takeWaits(field(result, t("wait")));
    const seconds = floorOf(field(result, t("retry_after")));
    this.retryAt =
      seconds < 0 || seconds > MAX_RETRY ? NO_TIME : secondsAfter(this.hook.now, seconds);
    return true;
  }

  private writeEntry(entry: Entry, facts: Facts, out: Writer): void {
    this.hook.writeEntry(entry, out.object().field(t("unit"), entry.unit.name));
    const data = facts.dataOf(entry.unit.number, entry.lock);
    if (data !== NONE) out.key(t("data")).value(data);
    out.endObject();
  }

  /** Writes what it wants to be told besides. */
  private writeNeeds(facts: Facts, out: Writer): void {
    const needs = this.hook.policy.externalNeeds;
    const options = needs.options;
    if (options.length > 0) out.key(t("options")).object();
    for (let i = 0; i < options.length; i++) {
      const value = member(facts.config, options.at(i));
      if (kindOf(value) > NULL) out.name(options.at(i)).value(value);
    }
    if (options.length > 0) out.endObject();
    if (needs.units) out.key(t("status")).value(facts.statuses);
    if (needs.released) this.hook.releases.write(out.key(t("released")));
  }

  private members(): Array<Unit> {
    const members = new Array<Unit>();
    const units = this.hook.ledger.units;
    for (let i = 0; i < units.length; i++) {
      if (units[i].member) members.push(units[i]);
    }
    sortUnits(members);
    return members;
  }

  /** The waiting request that an item of `grant` names, or null. */
  private requested(item: Node): Entry | null {
    const unit = field(item, t("unit"));
    const lock = field(item, t("lock"));
    if (!isString(unit) || !isString(lock)) return null;
    const ledger = this.hook.ledger;
    const u = ledger.unitNames.find(textOf(unit));
    const l = ledger.lockNames.find(textOf(lock));
    if (u < 0 || l < 0 || entryOf(ledger.units[u].grants, l) !== null) return null;
    return entryOf(ledger.units[u].requests, l);
  }

  private refuse(what: Word): bool {
    this.hook.report.problem(
      t("policy_failed"),
      NOWHERE,
      this.hook.policy.external,
      fill(t("the policy's answer is refused: {}"), bytesOf(what)),
    );
    return false;
  }

  /** Keeps what it gives as reasons of waiting; they are for people only, so nonsense among them is passed over. */
  private takeWaits(list: Node): void {
    if (kindOf(list) !== ARRAY) return;
    const stop = nextOf(list);
    for (let item = firstOf(list); item < stop; item = nextOf(item)) {
      const request = this.requested(item);
      const reason = field(item, t("reason"));
      if (request !== null && isString(reason)) request.wait = reason;
    }
  }
}

export function writeNames(units: Array<Unit>, out: Writer): void {
  out.list();
  for (let i = 0; i < units.length; i++) out.string(units[i].name);
  out.endList();
}
