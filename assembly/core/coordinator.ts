/**
 * The coordinator: the operations of one hook, from `start` to `end`. Each operation runs as far as it can; where it needs a fact
 * that it was not given it asks, and `answer` runs it again from the last thing settled.
 */
import {
  FALSE,
  faultOffset,
  faultText,
  kindOf,
  member,
  NONE,
  Node,
  OBJECT,
  parse,
  STRING,
  TRUE,
  textOf,
} from "../json/document";
import { EMPTY, lengthOf, Slice, tail } from "../json/slice";
import { Text } from "../json/text";
import { Policy, RULES } from "../policy/policy";
import * as asks from "./asks";
import { readSaved, writeExtra, writeRequests, writeSaved } from "./databag";
import { Decision } from "./decision";
import { GUARANTEE, Hook, IN_APPLICATION, IN_SETTINGS, UNSAFE } from "./hook";
import { Input } from "./input";
import { ALL_OWN, COMMITTED_OWN, NO_OWN } from "./ledger";
import { NOWHERE } from "./report";
import { writeStatus } from "./status";
import { NO_TIME, Time, timeAfter } from "./time";
import { byLock, Entry, entryOf, idOf } from "./unit";
import { bytesOf, isText, t, Word } from "../json/word";

export const VERSION: Word = t("0.1.0");

const MAX_LOCK: i32 = 256;

const IDLE: i32 = 0;
const START: i32 = 1;
const ACQUIRE: i32 = 2;
const END: i32 = 3;
const OVER: i32 = 4;

export class Coordinator {
  private hook: Hook | null = null;
  private decision: Decision | null = null;
  /** The operation that waits for an answer, and what it asked for. */
  private running: i32 = IDLE;
  private asked: i32 = asks.NOTHING;
  /** What has been settled of the running operation. */
  private isDecided: bool = false;
  private isReread: bool = false;
  private isLeaderAsked: bool = false;
  private isOwnSettled: bool = false;
  private isSavedSettled: bool = false;
  private released: Array<Entry> = [] as Entry[];
  private out: Text = new Text();

  /** Handles one input and answers in JSON. */
  call(bytes: Slice): Slice {
    this.out = new Text(1024);
    const root = parse(bytes);
    if (root === NONE) {
      this.failAt(t("bad_json"), faultText(), new Text().number(<u64>faultOffset()).slice());
    } else {
      const op = member(root, bytesOf(t("op")));
      if (kindOf(op) === STRING) this.dispatch(textOf(op), root);
      else this.fail(t("bad_input"), t("expected an object with the name of an operation"), t("op"));
    }
    return this.out.slice();
  }

  private dispatch(op: Slice, root: Node): void {
    if (isText(op, t("describe"))) return this.describe();
    if (isText(op, t("check"))) return this.check(root);
    if (isText(op, t("start"))) return this.start(root);
    if (isText(op, t("answer"))) return this.answer(root);
    const isKnown =
      isText(op, t("acquire")) || isText(op, t("withdraw")) || isText(op, t("status")) || isText(op, t("end"));
    if (!isKnown) return this.fail(t("bad_input"), t("unknown operation"), t("op"));
    const hook = this.hook;
    if (hook === null || this.running === OVER)
      return this.fail(t("bad_order"), t("only between start and end"), t("op"));
    if (this.asked !== asks.NOTHING) return this.fail(t("bad_order"), t("an answer is due first"), t("op"));
    if (isText(op, t("acquire"))) this.acquire(hook, root);
    else if (isText(op, t("withdraw"))) this.withdraw(hook, root);
    else if (isText(op, t("status"))) this.status(hook);
    else this.end(hook, root);
  }

  private describe(): void {
    this.out
      .ascii(t('{"ok": {"kind": "core", "name": "charm-coordinator", "version": '))
      .quoted(VERSION);
    this.out.ascii(
      t(', "abi": 1, "ops": ["describe", "check", "start", "acquire", "withdraw", "status", "end", "answer"], "rules": ['),
    );
    this.out
      .ascii(RULES)
      .ascii(
        t('], "asks": ["saved", "units", "planned", "config", "policy", "publish", "reread", "leader"]}}'),
      );
  }

  private check(root: Node): void {
    const policy = Policy.read(member(root, bytesOf(t("policy"))));
    if (!policy.isValid)
      return this.failAt(t("bad_policy"), 0, policy.faultPath.slice(), policy.fault.slice());
    const name = new Text();
    policy.writeName(name);
    this.out.ascii(t('{"ok": {"policy": ')).string(name.slice()).ascii(t("}}"));
  }

  // ---- start

  private start(root: Node): void {
    if (this.hook !== null)
      return this.fail(t("bad_order"), t("start was called before; one instance serves one hook"), t("op"));
    const input = new Input(root);
    const hook = new Hook(input);
    if (input.isValid && hook.hasRelation && !hook.self.read)
      return this.fail(t("bad_input"), t("this unit's own databag is missing"), t("databags"));
    if (!input.isValid) return this.failAt(t("bad_input"), 0, bytesOf(input.path), input.fault.slice());
    this.hook = hook;
    this.decision = new Decision(hook);
    if (hook.isLeading && hook.age >= GUARANTEE) {
      hook.stopLeading(
        new Text().ascii(
          t("reading took longer than is-leader is good for; this hook goes on without leading"),
        ),
      );
    }
    if (!hook.policy.isValid && hook.isLeading) {
      const where = new Text()
        .bytes(hook.policy.faultPath.slice())
        .ascii(t(": "))
        .bytes(hook.policy.fault.slice());
      hook.report.problem(t("bad_policy"), NOWHERE, NOWHERE, where);
    }
    hook.reportGrants();
    if (!hook.hasRelation) {
      this.takeSaved(hook, input.optionalText(t("saved")));
      this.isSavedSettled = true;
    }
    this.running = START;
    this.proceed(hook);
  }

  private proceedStart(hook: Hook): void {
    if (!this.isSavedSettled) {
      if (this.mayHaveSaved(hook)) return this.ask(asks.SAVED, new Text());
      this.isSavedSettled = true;
    }
    if (!this.isOwnSettled) {
      this.isOwnSettled = true;
      if (hook.isHook) this.settleOwn(hook);
      hook.markHeld();
    }
    const mayDecide =
      hook.allows(t("decide")) && (hook.store === IN_SETTINGS || hook.selfGrant === UNSAFE);
    const own = hook.grantsItselfAtOnce ? ALL_OWN : COMMITTED_OWN;
    if (mayDecide && this.waitsItself(hook) && !this.decideForOwn(hook, own)) return;
    this.view(hook);
  }

  /** Saved requests are looked for in the hooks that can be the first to see the peer relation, while nothing was ever written to it. */
  private mayHaveSaved(hook: Hook): bool {
    if (hook.self.hasV1 || !hook.isHook) return false;
    const name = hook.name;
    if (
      isText(name, t("start")) ||
      isText(name, t("config-changed")) ||
      isText(name, t("upgrade-charm")) ||
      isText(name, t("leader-elected"))
    )
      return true;
    return endsWith(name, t("-relation-created"));
  }

  private takeSaved(hook: Hook, text: Slice): void {
    if (lengthOf(text) === 0) return;
    hook.hasSaved = true;
    const fault = readSaved(hook.self, text, hook.ledger.lockNames);
    hook.self.read = true;
    hook.self.hasV1 = true;
    if (fault === null) {
      if (hook.hasRelation) this.moveSaved(hook);
      return;
    }
    hook.report.problem(t("bad_saved"), hook.self.name, hook.keys.plain, fault);
  }

  /** Saved requests go to the databag with this hook; until then no other unit can see them. */
  private moveSaved(hook: Hook): void {
    hook.isChanged = true;
    let request = hook.self.requests;
    while (request !== null) {
      request.committed = false;
      request = request.next;
    }
  }

  /** Brings this unit's own data in line with the grants that name it. */
  private settleOwn(hook: Hook): void {
    const self = hook.self;
    if (self.isNewer) return;
    const isLost = self.requestsFault !== null;
    const wasOld = !self.hasV1;
    if (self.isQuarantined) {
      self.requestsFault = null;
      self.extraFault = null;
      hook.isChanged = true;
      hook.report.line(
        t("WARNING"),
        new Text().ascii(
          t("this unit's unreadable data is written anew; what it had asked for may have to be asked again"),
        ),
      );
    }
    self.hasV1 = self.hasV1 || hook.isChanged;
    self.read = true;
    let grant = self.grants;
    while (grant !== null) {
      if (entryOf(self.requests, grant.lock) === null && idOf(self.done, grant.lock) < grant.id)
        this.settleGrant(hook, grant, isLost, wasOld);
      grant = grant.next;
    }
  }

  /**
   * A grant to this unit that it has no request for. Marked: its hook failed before the request was committed, so it is adopted
   * (rule 8). Else, after an upgrade from the old library, the missing request says that it was released: that becomes `done`.
   * Where the requests were lost it is asked for anew, since an operation may have been cut short.
   */
  private settleGrant(hook: Hook, grant: Entry, isLost: bool, wasOld: bool): void {
    const self = hook.self;
    const lock = hook.ledger.lockNames.at(grant.lock);
    if (grant.marked) {
      self.addRequest(grant.lock, grant.id);
      hook.isChanged = true;
      self.hasV1 = true;
      hook.report.line(
        t("INFO"),
        new Text()
          .ascii(t("takes up "))
          .bytes(lock)
          .ascii(t(" again, which a hook that failed had been granted")),
      );
    } else if (isLost) {
      const id = this.nextId(hook, grant.lock);
      if (id !== NO_TIME) self.addRequest(grant.lock, id);
    } else if (wasOld) {
      self.addDone(grant.lock, grant.id);
    }
  }

  // ---- acquire and withdraw

  private acquire(hook: Hook, root: Node): void {
    const input = new Input(root);
    const lock = this.lockOf(hook, input, t("acquire"));
    if (lock < 0) return;
    const data = input.optionalObject(t("data"));
    this.readClock(hook, input);
    if (!input.isValid) return this.failAt(t("bad_input"), 0, bytesOf(input.path), input.fault.slice());
    if (entryOf(hook.self.requests, lock) !== null) return this.view(hook);
    const id = this.nextId(hook, lock);
    if (id === NO_TIME)
      return this.fail(t("bad_clock"), t("no greater request id can be written"), t("now"));
    const request = hook.self.addRequest(lock, id);
    request.data = data;
    hook.self.hasV1 = true;
    hook.self.read = true;
    hook.isChanged = true;
    hook.report.line(t("DEBUG"), new Text().ascii(t("asks for ")).bytes(hook.ledger.lockNames.at(lock)));
    this.running = ACQUIRE;
    this.begin();
    this.proceed(hook);
  }

  private proceedAcquire(hook: Hook): void {
    if (hook.allows(t("decide")) && hook.grantsItselfAtOnce && !this.decideForOwn(hook, ALL_OWN))
      return;
    this.view(hook);
  }

  private withdraw(hook: Hook, root: Node): void {
    const input = new Input(root);
    const lock = this.lockOf(hook, input, t("withdraw"));
    if (lock < 0) return;
    this.readClock(hook, input);
    if (!input.isValid) return this.failAt(t("bad_input"), 0, bytesOf(input.path), input.fault.slice());
    const request = entryOf(hook.self.requests, lock);
    if (request !== null) {
      this.finish(hook, request);
      hook.report.line(
        t("DEBUG"),
        new Text().ascii(t("withdraws its request for ")).bytes(hook.ledger.lockNames.at(lock)),
      );
    }
    this.view(hook);
  }

  /** The number of the operation's lock, or -1 when the operation has been refused. */
  private lockOf(hook: Hook, input: Input, act: Word): i32 {
    const node = input.node(t("lock"));
    if (kindOf(node) !== STRING) this.fail(t("bad_input"), t("expected a string"), t("lock"));
    else if (lengthOf(textOf(node)) === 0 || lengthOf(textOf(node)) > MAX_LOCK)
      this.fail(t("bad_lock"), t("a lock's name has 1 to 256 bytes"), t("lock"));
    else if (!hook.allows(act))
      this.fail(t("not_in_hook"), t("an action or juju-exec does this only if allowed by name"), t("allow"));
    else if (hook.self.isNewer)
      this.fail(
        t("unknown_version"),
        t("this unit's own data was written by a newer version"),
        t("databags"),
      );
    else return hook.ledger.lockNames.add(textOf(node));
    return -1;
  }

  /** Ids of one unit and lock strictly increase (rule 1), whatever the clock does. */
  private nextId(hook: Hook, lock: i32): Time {
    const self = hook.self;
    const least = max(
      max(idOf(self.done, lock), idOf(self.requests, lock)),
      idOf(self.grants, lock),
    );
    return hook.now > least ? hook.now : timeAfter(least);
  }

  /** Request gone, `done` written: both in the same relation-set (rule 3). */
  private finish(hook: Hook, request: Entry): void {
    hook.self.removeRequest(request.lock);
    hook.self.addDone(request.lock, request.id);
    hook.self.hasV1 = true;
    hook.isChanged = true;
    for (let i = 0; i < hook.held.length; i++) {
      if (hook.held[i] === request) hook.held.splice(i, 1);
    }
  }

  // ---- deciding for this unit's own requests

  private waitsItself(hook: Hook): bool {
    if (!hook.canDecide) return false;
    let request = hook.self.requests;
    while (request !== null) {
      if (entryOf(hook.self.grants, request.lock) === null) return true;
      if (idOf(hook.self.grants, request.lock) !== request.id) return true;
      request = request.next;
    }
    return false;
  }

  /** Decides, and publishes what admits this unit itself; answers whether it is settled (else something was asked). */
  private decideForOwn(hook: Hook, own: i32): bool {
    if (!hook.canDecide) return true;
    if (!this.decide(hook, own)) return false;
    if (!this.admitsOwn(hook)) return true;
    if (hook.selfGrant === UNSAFE) {
      hook.markHeld();
      return true;
    }
    if (!this.isFresh(hook)) return false;
    if (!hook.isLeading || !this.admitsOwn(hook)) return true;
    const values = new Text().ascii(t(', "values": '));
    hook.grants.writeSettings(this.policyMember(hook), hook.ledger.queue(ALL_OWN), values);
    this.ask(asks.PUBLISH, values);
    return false;
  }

  /** Runs the decision until it is made; answers false if something was asked. */
  private decide(hook: Hook, own: i32): bool {
    if (this.isDecided) return true;
    const decision = this.decision!;
    const what = decision.make(own);
    if (what !== asks.NOTHING) {
      this.ask(what, decision.question);
      return false;
    }
    this.isDecided = true;
    return true;
  }

  /** Rule 8: what is written more than 30 s after the last True is first read again; answers false if that was asked. */
  private isFresh(hook: Hook): bool {
    if (hook.age < GUARANTEE) return true;
    if (this.isReread) {
      hook.stopLeading(
        new Text().ascii(
          t("reading again took longer than is-leader is good for; this hook goes on without leading"),
        ),
      );
      return true;
    }
    const values = new Text().ascii(t(', "values": '));
    hook.grants.writeGeneration(values);
    this.ask(asks.REREAD, values);
    return false;
  }

  private admitsOwn(hook: Hook): bool {
    const made = this.decision!.made;
    for (let i = 0; i < made.length; i++) {
      if (made[i].unit === hook.self) return true;
    }
    return false;
  }

  private begin(): void {
    this.isDecided = false;
    this.isReread = false;
    this.isLeaderAsked = false;
    this.decision!.begin();
  }

  // ---- end

  private end(hook: Hook, root: Node): void {
    const input = new Input(root);
    this.readClock(hook, input);
    if (!input.isValid) return this.failAt(t("bad_input"), 0, bytesOf(input.path), input.fault.slice());
    this.running = END;
    this.begin();
    if (hook.allows(t("release"))) {
      this.released = hook.held.slice(0);
      for (let i = 0; i < this.released.length; i++) this.finish(hook, this.released[i]);
    }
    this.proceed(hook);
  }

  private proceedEnd(hook: Hook): void {
    if (hook.canDecide && hook.allows(t("decide"))) {
      if (!this.decide(hook, hook.store === IN_APPLICATION ? ALL_OWN : NO_OWN)) return;
      if (hook.isDirty && hook.store === IN_SETTINGS && !this.isFresh(hook)) return;
      if (hook.isDirty && hook.store === IN_APPLICATION && !this.isLeaderAsked)
        return this.ask(asks.LEADER, new Text());
    }
    this.effects(hook);
  }

  private effects(hook: Hook): void {
    const out = this.out;
    let count = 0;
    out.ascii(t('{"ok": {"effects": ['));
    this.wantFlags(hook);
    if (hook.flags.hasChanges) {
      hook.flags.writeChanges(out.ascii(t('{"do": "flags", ')));
      out.byte(0x7d);
      count += 1;
    }
    count = this.ownEffects(hook, count);
    const writes = hook.isDirty && hook.canDecide;
    if (writes) {
      const queue = hook.ledger.queue(ALL_OWN);
      if (count > 0) out.ascii(t(", "));
      if (hook.store === IN_SETTINGS)
        hook.grants.writeSettings(
          this.policyMember(hook),
          queue,
          out.ascii(t('{"do": "settings", "values": ')),
        );
      else
        hook.grants.writeApplication(
          this.policyMember(hook),
          queue,
          out.ascii(t('{"do": "application", "values": ')),
        );
      out.byte(0x7d);
    }
    out.ascii(t('], "released": ['));
    for (let i = 0; i < this.released.length; i++) {
      if (i > 0) out.ascii(t(", "));
      out.string(hook.ledger.lockNames.at(this.released[i].lock));
    }
    out.ascii(t('], "grants": ['));
    if (writes) this.writeMade(hook);
    hook.report.writeProblems(out.ascii(t('], "problems": ')));
    hook.report.writeLog(out.ascii(t(', "log": ')));
    out.ascii(t("}}"));
    this.running = OVER;
  }

  private ownEffects(hook: Hook, before: i32): i32 {
    const out = this.out;
    const locks = hook.ledger.lockNames;
    let count = before;
    if (hook.isChanged) {
      if (count > 0) out.ascii(t(", "));
      if (hook.hasRelation) {
        out
          .ascii(t('{"do": "databag", "values": {'))
          .string(hook.keys.plain)
          .ascii(t(": "))
          .string(writeRequests(hook.self, locks));
        out
          .ascii(t(", "))
          .string(hook.keys.extra)
          .ascii(t(": "))
          .string(writeExtra(hook.self, locks))
          .ascii(t("}}"));
      } else {
        out.ascii(t('{"do": "saved", "value": ')).string(writeSaved(hook.self, locks)).byte(0x7d);
      }
      count += 1;
    }
    if (hook.hasSaved && hook.hasRelation && hook.isChanged) {
      out.ascii(t(', {"do": "saved", "value": ""}'));
      count += 1;
    }
    return count;
  }

  private writeMade(hook: Hook): void {
    const made = this.decision!.made;
    let count = 0;
    for (let i = 0; i < made.length; i++) {
      const grant = made[i];
      if (entryOf(grant.unit.grants, grant.lock) !== grant) continue;
      if (count > 0) this.out.ascii(t(", "));
      const lock = hook.ledger.lockNames.at(grant.lock);
      this.out
        .ascii(t('{"unit": '))
        .string(grant.unit.name)
        .ascii(t(', "lock": '))
        .string(lock)
        .byte(0x7d);
      hook.report.line(
        t("INFO"),
        new Text().ascii(t("grants ")).bytes(lock).ascii(t(" to ")).bytes(grant.unit.name),
      );
      count += 1;
    }
  }

  // ---- questions and answers

  private ask(what: i32, members: Text): void {
    this.asked = what;
    this.out = new Text(1024)
      .ascii(t('{"ask": {"what": '))
      .quoted(asks.askName(what))
      .bytes(members.slice())
      .ascii(t("}}"));
  }

  private answer(root: Node): void {
    const hook = this.hook;
    if (hook === null || this.asked === asks.NOTHING)
      return this.fail(t("bad_order"), t("nothing was asked"), t("op"));
    const what = member(root, bytesOf(t("what")));
    if (kindOf(what) !== STRING || !isText(textOf(what), asks.askName(this.asked)))
      return this.fail(t("bad_input"), t("expected what was asked for"), t("what"));
    const input = new Input(root);
    if (input.node(t("now")) !== NONE) hook.now = input.time(t("now"));
    if (input.node(t("age")) !== NONE) hook.age = input.seconds(t("age"));
    if (!input.isValid) return this.failAt(t("bad_input"), 0, bytesOf(input.path), input.fault.slice());
    const failure = input.node(t("failure"));
    const asked = this.asked;
    this.asked = asks.NOTHING;
    if (failure !== NONE || !this.take(hook, asked, input.node(t("result"))))
      this.takeFailure(hook, asked, failure, input.node(t("message")));
    this.proceed(hook);
  }

  private proceed(hook: Hook): void {
    if (this.running === START) this.proceedStart(hook);
    else if (this.running === ACQUIRE) this.proceedAcquire(hook);
    else this.proceedEnd(hook);
  }

  /** Takes over a result; answers whether it had the right form. */
  private take(hook: Hook, what: i32, result: Node): bool {
    const decision = this.decision!;
    if (what === asks.UNITS) return decision.takeUnits(result);
    if (what === asks.PLANNED) return decision.takePlanned(result);
    if (what === asks.CONFIG) return decision.takeConfig(result);
    if (what === asks.POLICY) return decision.takePolicy(result);
    if (what === asks.SAVED) return this.takeSavedAnswer(hook, result);
    if (what === asks.PUBLISH) return this.takePublished(hook, result);
    if (what === asks.REREAD) return this.takeReread(hook, result);
    return this.takeLeader(hook, result);
  }

  private takeSavedAnswer(hook: Hook, result: Node): bool {
    if (kindOf(result) !== STRING) return false;
    this.isSavedSettled = true;
    this.takeSaved(hook, textOf(result));
    return true;
  }

  private takePublished(hook: Hook, result: Node): bool {
    if (kindOf(result) !== TRUE) return false;
    hook.grants.published();
    hook.isDirty = false;
    this.decision!.restart();
    hook.markHeld();
    return true;
  }

  private takeReread(hook: Hook, result: Node): bool {
    this.isReread = true;
    if (kindOf(result) !== OBJECT) return false;
    hook.grants.readSettings(result);
    hook.reportGrants();
    hook.isDirty = false;
    this.isDecided = false;
    this.decision!.restart();
    return true;
  }

  private takeLeader(hook: Hook, result: Node): bool {
    this.isLeaderAsked = true;
    if (kindOf(result) === FALSE) {
      hook.stopLeading(
        new Text().ascii(
          t("is-leader said False; the grants decided in this hook are left to the next leader"),
        ),
      );
    }
    return kindOf(result) === TRUE || kindOf(result) === FALSE;
  }

  /** A failure to obtain is input too: nothing that depends on it is granted, nothing held is touched. */
  private takeFailure(hook: Hook, what: i32, failure: Node, message: Node): void {
    const text = new Text().ascii(asks.askName(what)).ascii(t(": "));
    if (kindOf(failure) === STRING) text.bytes(textOf(failure));
    else text.ascii(t("bad_answer"));
    if (kindOf(message) === STRING && lengthOf(textOf(message)) > 0)
      text.ascii(t(": ")).bytes(textOf(message));
    if (what === asks.PUBLISH || what === asks.REREAD || what === asks.LEADER) {
      this.isLeaderAsked = true;
      hook.stopLeading(text);
      return;
    }
    if (what === asks.SAVED) this.isSavedSettled = true;
    this.decision!.failed(what);
    hook.report.problem(
      what === asks.POLICY ? t("policy_failed") : t("ask_failed"),
      NOWHERE,
      what === asks.POLICY ? hook.policy.external : NOWHERE,
      text,
    );
  }

  // ---- answers

  private status(hook: Hook): void {
    this.out.ascii(t('{"ok": '));
    writeStatus(hook, this.decision!, this.out);
    this.out.byte(0x7d);
  }

  private view(hook: Hook): void {
    const out = this.out;
    this.running = IDLE;
    this.wantFlags(hook);
    out.ascii(t('{"ok": {"granted": ['));
    this.writeLocks(hook, true);
    out.ascii(t('], "requested": ['));
    this.writeLocks(hook, false);
    out.ascii(t('], "leading": ')).bool(hook.isLeading).ascii(t(', "flags": {'));
    hook.flags.writeChanges(out);
    hook.report.writeProblems(out.ascii(t('}, "problems": ')));
    hook.report.writeLog(out.ascii(t(', "log": ')));
    out.ascii(t("}}"));
  }

  private writeLocks(hook: Hook, held: bool): void {
    const requests = byLock(hook.self.requests, hook.ledger.lockNames);
    let count = 0;
    for (let i = 0; i < requests.length; i++) {
      if (hook.isHeld(requests[i].lock) !== held) continue;
      if (count > 0) this.out.ascii(t(", "));
      this.out.string(hook.ledger.lockNames.at(requests[i].lock));
      count += 1;
    }
  }

  private wantFlags(hook: Hook): void {
    hook.flags.reset();
    let request = hook.self.requests;
    while (request !== null) {
      const held = hook.isHeld(request.lock);
      if (!held || hook.isHook) hook.flags.want(hook.ledger.lockNames.at(request.lock), held);
      request = request.next;
    }
  }

  /** `"policy": {"name": …}`, to go with the grants. */
  private policyMember(hook: Hook): Text {
    const name = new Text();
    hook.policy.writeName(name);
    const out = new Text().ascii(t('"policy": {"name": ')).string(name.slice());
    if (lengthOf(hook.policy.sha256) > 0) out.ascii(t(', "sha256": ')).string(hook.policy.sha256);
    return out.byte(0x7d);
  }

  private readClock(hook: Hook, input: Input): void {
    const now = input.time(t("now"));
    if (now !== NO_TIME) hook.now = now;
    if (input.node(t("age")) !== NONE) hook.age = input.seconds(t("age"));
  }

  private fail(code: Word, message: Word, path: Word): void {
    this.failAt(code, message, bytesOf(path));
  }

  private failAt(code: Word, message: Word, path: Slice, text: Slice = EMPTY): void {
    this.out = new Text().ascii(t('{"error": {"code": ')).quoted(code).ascii(t(', "message": '));
    this.out
      .string(lengthOf(text) > 0 ? text : bytesOf(message))
      .ascii(t(', "path": '))
      .string(path)
      .ascii(t("}}"));
  }
}

function endsWith(text: Slice, end: Word): bool {
  const extra = lengthOf(text) - lengthOf(bytesOf(end));
  return extra >= 0 && isText(tail(text, extra), end);
}
