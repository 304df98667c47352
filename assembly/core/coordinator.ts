/**
 * The coordinator: the operations of one hook, from `start` to `end`. Each operation runs as far as it can; where it needs a fact
 * that it was not given it asks, and `answer` runs it again from the last thing settled.
 */
import {
  FALSE,
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
import { faultOffset, faultText } from "../json/lexer";
import { EMPTY, lengthOf, Slice, tail } from "../json/slice";
import { Text } from "../json/text";
import { bytesOf, isText, t, Word } from "../json/word";
import { Writer } from "../json/writer";
import { Policy, RULES } from "../policy/policy";
import * as asks from "./asks";
import {
  DATA_RULE,
  fits,
  isData,
  isLockName,
  LOCK_RULE,
  readSaved,
  writeExtra,
  writeRequests,
  writeSaved,
} from "./databag";
import { Decision } from "./decision";
import { GUARANTEE, Hook, IN_APPLICATION, IN_SETTINGS, UNSAFE } from "./hook";
import { Input } from "./input";
import { ALL_OWN, COMMITTED_OWN, NO_OWN } from "./ledger";
import { NOWHERE } from "./report";
import { writeStatus } from "./status";
import { NO_TIME, Time, timeAfter } from "./time";
import { byLock, Entry, entryOf, idOf } from "./unit";

export const VERSION: Word = t("0.1.0");

const OPS: Word = t(
  '"describe", "check", "start", "acquire", "withdraw", "status", "end", "answer"',
);

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
  private released: Array<Entry> = new Array<Entry>();
  private out: Writer = new Writer();

  /** Handles one input and answers in JSON. */
  call(bytes: Slice): Slice {
    this.out = new Writer();
    const root = parse(bytes);
    if (root === NONE) {
      this.failAt(
        t("bad_json"),
        bytesOf(faultText()),
        new Text().number(<u64>faultOffset()).slice(),
      );
    } else {
      const op = member(root, bytesOf(t("op")));
      if (kindOf(op) === STRING) this.dispatch(textOf(op), root);
      else
        this.fail(t("bad_input"), t("expected an object with the name of an operation"), t("op"));
    }
    return this.out.slice();
  }

  private dispatch(op: Slice, root: Node): void {
    if (isText(op, t("describe"))) return this.describe();
    if (isText(op, t("check"))) return this.check(root);
    if (isText(op, t("start"))) return this.start(root);
    if (isText(op, t("answer"))) return this.answer(root);
    const isKnown =
      isText(op, t("acquire")) ||
      isText(op, t("withdraw")) ||
      isText(op, t("status")) ||
      isText(op, t("end"));
    if (!isKnown) return this.fail(t("bad_input"), t("unknown operation"), t("op"));
    const hook = this.hook;
    if (hook === null || this.running === OVER)
      return this.fail(t("bad_order"), t("only between start and end"), t("op"));
    if (this.asked !== asks.NOTHING)
      return this.fail(t("bad_order"), t("an answer is due first"), t("op"));
    if (isText(op, t("acquire"))) this.acquire(hook, root);
    else if (isText(op, t("withdraw"))) this.withdraw(hook, root);
    else if (isText(op, t("status"))) this.status(hook);
    else this.end(hook, root);
  }

  private describe(): void {
    const out = this.out.object().key(t("ok")).object().key(t("kind")).word(t("core"));
    out
      .key(t("name"))
      .word(t("charm-coordinator"))
      .key(t("version"))
      .word(VERSION)
      .key(t("abi"))
      .whole(1);
    out.key(t("ops")).list().raw(bytesOf(OPS)).endList();
    out.key(t("rules")).list().raw(bytesOf(RULES)).endList();
    out.key(t("asks")).list();
    for (let what = asks.SAVED; what <= asks.LEADER; what++) out.word(asks.askName(what));
    out.endList().endObject().endObject();
  }

  private check(root: Node): void {
    const policy = Policy.read(member(root, bytesOf(t("policy"))));
    if (!policy.isValid)
      return this.failAt(t("bad_policy"), policy.fault.slice(), policy.faultPath.slice());
    this.out
      .object()
      .key(t("ok"))
      .object()
      .key(t("policy"))
      .string(policy.name())
      .endObject()
      .endObject();
  }

  // ---- start

  private start(root: Node): void {
    if (this.hook !== null)
      return this.fail(
        t("bad_order"),
        t("start was called before; one instance serves one hook"),
        t("op"),
      );
    const input = new Input(root);
    const hook = new Hook(input);
    if (input.isValid && hook.hasRelation && !hook.self.read)
      return this.fail(t("bad_input"), t("this unit's own databag is missing"), t("databags"));
    if (!input.isValid) return this.refuse(input);
    this.hook = hook;
    this.decision = new Decision(hook);
    if (hook.isLeading && hook.age >= GUARANTEE) {
      this.stopLeading(
        hook,
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
      if (this.mayHaveSaved(hook)) return this.ask(asks.SAVED, EMPTY);
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
    if (hook.self.isNewer) {
      const newer = new Text().ascii(t("the saved requests were written by a newer version"));
      hook.report.problem(t("unknown_version"), hook.self.name, hook.keys.plain, newer);
      return;
    }
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
    const wasOld = !self.hasV1 || self.extraFault !== null;
    if (self.isQuarantined) {
      self.requestsFault = null;
      self.extraFault = null;
      hook.isChanged = true;
      hook.report.line(
        t("WARNING"),
        new Text().ascii(
          t(
            "this unit's unreadable data is written anew; what it had asked for may have to be asked again",
          ),
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
   * (rule 8). Else, where `done` is not known (after an upgrade from the old library, or where it cannot be read), the missing
   * request says that it was released, since one's own data is never an old copy: that becomes `done`.
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
    const data = input.node(t("data"));
    if (data !== NONE && !isData(data)) return this.fail(t("bad_input"), DATA_RULE, t("data"));
    if (!this.readClock(hook, input)) return;
    if (entryOf(hook.self.requests, lock) !== null) return this.view(hook);
    const id = this.nextId(hook, lock);
    if (id === NO_TIME)
      return this.fail(t("bad_clock"), t("no greater request id can be written"), t("now"));
    const request = hook.self.addRequest(lock, id);
    request.data = data;
    if (!fits(hook.self, hook.ledger.lockNames)) {
      hook.self.removeRequest(lock);
      return this.fail(
        t("bad_lock"),
        t("this unit asks for more than its databag may hold"),
        t("lock"),
      );
    }
    hook.self.hasV1 = true;
    hook.self.read = true;
    hook.isChanged = true;
    hook.report.line(
      t("DEBUG"),
      new Text().ascii(t("asks for ")).bytes(hook.ledger.lockNames.at(lock)),
    );
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
    if (!this.readClock(hook, input)) return;
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
    else if (!isLockName(textOf(node))) this.fail(t("bad_lock"), LOCK_RULE, t("lock"));
    else if (!hook.allows(act))
      this.fail(
        t("not_in_hook"),
        t("an action or juju-exec does this only if allowed by name"),
        t("allow"),
      );
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
    const question = new Writer();
    hook.grants.writeSettings(hook.policy, this.decision!.waiting(), question.key(t("values")));
    this.ask(asks.PUBLISH, question.slice());
    return false;
  }

  /** Runs the decision until it is made; answers false if something was asked. */
  private decide(hook: Hook, own: i32): bool {
    if (this.isDecided) return true;
    const decision = this.decision!;
    const what = decision.make(own);
    if (what !== asks.NOTHING) {
      this.ask(what, decision.question.slice());
      return false;
    }
    this.isDecided = true;
    return true;
  }

  /** Rule 8: what is written more than 30 s after the last True is first read again; answers false if that was asked. */
  private isFresh(hook: Hook): bool {
    if (hook.age < GUARANTEE) return true;
    if (this.isReread) {
      this.stopLeading(
        hook,
        new Text().ascii(
          t(
            "reading again took longer than is-leader is good for; this hook goes on without leading",
          ),
        ),
      );
      return true;
    }
    const question = new Writer();
    hook.grants.writeGeneration(question.key(t("values")));
    this.ask(asks.REREAD, question.slice());
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

  /** False is final for the hook: from here on as a unit that does not lead. */
  private stopLeading(hook: Hook, why: Text): void {
    if (!hook.isLeading) return;
    this.decision!.undo();
    hook.stopLeading(why);
  }

  // ---- end

  private end(hook: Hook, root: Node): void {
    const input = new Input(root);
    if (!this.readClock(hook, input)) return;
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
        return this.ask(asks.LEADER, EMPTY);
    }
    this.effects(hook);
  }

  private effects(hook: Hook): void {
    const out = this.out.object().key(t("ok")).object().key(t("effects")).list();
    this.wantFlags(hook);
    if (hook.flags.hasChanges) {
      hook.flags.writeChanges(this.effect(t("flags")));
      out.endObject();
    }
    if (hook.isChanged) this.ownEffects(hook);
    const writes = hook.isDirty && hook.canDecide;
    if (writes) {
      const isInSettings = hook.store === IN_SETTINGS;
      const queue = this.decision!.waiting();
      this.effect(isInSettings ? t("settings") : t("application")).key(t("values"));
      if (isInSettings) hook.grants.writeSettings(hook.policy, queue, out);
      else hook.grants.writeApplication(hook.policy, queue, out);
      out.endObject();
    }
    out.endList().key(t("released")).list();
    for (let i = 0; i < this.released.length; i++)
      out.string(hook.ledger.lockNames.at(this.released[i].lock));
    out.endList().key(t("grants")).list();
    this.writeMade(hook, this.decision!.published);
    if (writes) this.writeMade(hook, this.decision!.made);
    out.endList();
    this.closeOk(hook);
    this.running = OVER;
  }

  private effect(what: Word): Writer {
    return this.out.object().key(t("do")).word(what);
  }

  /** This unit's own data: to its databag, or to the saved state while there is no peer relation. */
  private ownEffects(hook: Hook): void {
    const locks = hook.ledger.lockNames;
    if (hook.hasRelation) {
      const out = this.effect(t("databag")).key(t("values")).object();
      out.name(hook.keys.plain).string(writeRequests(hook.self, locks));
      out.name(hook.keys.extra).string(writeExtra(hook.self, locks)).endObject().endObject();
      if (hook.hasSaved) this.effect(t("saved")).key(t("value")).string(EMPTY).endObject();
    } else {
      this.effect(t("saved")).key(t("value")).string(writeSaved(hook.self, locks)).endObject();
    }
  }

  /** Tells of grants to other units. */
  private writeMade(hook: Hook, made: Array<Entry>): void {
    for (let i = 0; i < made.length; i++) {
      const grant = made[i];
      if (grant.unit === hook.self) continue;
      const lock = hook.ledger.lockNames.at(grant.lock);
      this.out
        .object()
        .key(t("unit"))
        .string(grant.unit.name)
        .key(t("lock"))
        .string(lock)
        .endObject();
      hook.report.line(
        t("INFO"),
        new Text().ascii(t("grants ")).bytes(lock).ascii(t(" to ")).bytes(grant.unit.name),
      );
    }
  }

  // ---- questions and answers

  private ask(what: i32, members: Slice): void {
    this.asked = what;
    this.out = new Writer().object().key(t("ask")).object().key(t("what")).word(asks.askName(what));
    if (lengthOf(members) > 0) this.out.raw(members);
    this.out.endObject().endObject();
  }

  private answer(root: Node): void {
    const hook = this.hook;
    if (hook === null || this.asked === asks.NOTHING)
      return this.fail(t("bad_order"), t("nothing was asked"), t("op"));
    const what = member(root, bytesOf(t("what")));
    if (kindOf(what) !== STRING || !isText(textOf(what), asks.askName(this.asked)))
      return this.fail(t("bad_input"), t("expected what was asked for"), t("what"));
    const input = new Input(root);
    if (!this.readClock(hook, input)) return;
    const failure = input.node(t("failure"));
    const asked = this.asked;
    this.asked = asks.NOTHING;
    if (kindOf(failure) === STRING || !this.take(hook, asked, input.node(t("result"))))
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
    this.decision!.publish();
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
      this.stopLeading(
        hook,
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
      this.stopLeading(hook, text);
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
    writeStatus(hook, this.decision!, this.out.object().key(t("ok")));
    this.out.endObject();
  }

  private view(hook: Hook): void {
    this.running = IDLE;
    this.wantFlags(hook);
    const out = this.out.object().key(t("ok")).object();
    this.writeLocks(hook, true, out.key(t("granted")));
    this.writeLocks(hook, false, out.key(t("requested")));
    out.key(t("leading")).bool(hook.isLeading).key(t("flags")).object();
    hook.flags.writeChanges(out);
    out.endObject();
    this.closeOk(hook);
  }

  /** What every answer but `status` ends with: problems and log. */
  private closeOk(hook: Hook): void {
    hook.report.writeProblems(this.out);
    hook.report.writeLog(this.out);
    this.out.endObject().endObject();
  }

  private writeLocks(hook: Hook, held: bool, out: Writer): void {
    const requests = byLock(hook.self.requests, hook.ledger.lockNames);
    out.list();
    for (let i = 0; i < requests.length; i++) {
      if (hook.isHeld(requests[i].lock) === held)
        out.string(hook.ledger.lockNames.at(requests[i].lock));
    }
    out.endList();
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

  /** Takes over `now` and `age`, if all that was read so far is valid; else answers what is not. */
  private readClock(hook: Hook, input: Input): bool {
    const now =
      this.asked !== asks.NOTHING && input.node(t("now")) === NONE
        ? hook.now
        : input.time(t("now"));
    const age = input.seconds(t("age"));
    if (!input.isValid) {
      this.refuse(input);
      return false;
    }
    hook.now = now;
    hook.age = age;
    return true;
  }

  private fail(code: Word, message: Word, path: Word): void {
    this.failAt(code, bytesOf(message), bytesOf(path));
  }

  private refuse(input: Input): void {
    this.failAt(t("bad_input"), input.fault.slice(), bytesOf(input.path));
  }

  private failAt(code: Word, message: Slice, path: Slice): void {
    const out = new Writer().object().key(t("error")).object().key(t("code")).word(code);
    this.out = out
      .key(t("message"))
      .string(message)
      .key(t("path"))
      .string(path)
      .endObject()
      .endObject();
  }
}

function endsWith(text: Slice, end: Word): bool {
  const extra = lengthOf(text) - lengthOf(bytesOf(end));
  return extra >= 0 && isText(tail(text, extra), end);
}
