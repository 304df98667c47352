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
import { ascii, EMPTY, isText, lengthOf, Slice, tail } from "../json/slice";
import { Text } from "../json/text";
import { Policy, RULES } from "../policy/policy";
import { readSaved, writeExtra, writeRequests, writeSaved } from "./databag";
import { Decision } from "./decision";
import { GUARANTEE, Hook, IN_APPLICATION, IN_SETTINGS, UNSAFE } from "./hook";
import { Input } from "./input";
import { ALL_OWN, COMMITTED_OWN, NO_OWN } from "./ledger";
import { NOWHERE } from "./report";
import { writeStatus } from "./status";
import { NO_TIME, Time, timeAfter } from "./time";
import { byLock, Entry, entryOf, idOf } from "./unit";

export const VERSION: string = "0.1.0";

const MAX_LOCK: i32 = 256;

const NOTHING: i32 = 0;
const START: i32 = 1;
const ACQUIRE: i32 = 2;
const END: i32 = 3;
const OVER: i32 = 4;

export class Coordinator {
  private hook: Hook | null = null;
  private decision: Decision | null = null;
  /** The operation that waits for an answer, and what it asked for. */
  private running: i32 = NOTHING;
  private asked: string = "";
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
      this.failAt("bad_json", faultText(), new Text().number(<u64>faultOffset()).slice());
    } else {
      const op = member(root, ascii("op"));
      if (kindOf(op) === STRING) this.dispatch(textOf(op), root);
      else this.fail("bad_input", "expected an object with the name of an operation", "op");
    }
    return this.out.slice();
  }

  private dispatch(op: Slice, root: Node): void {
    if (isText(op, "describe")) return this.describe();
    if (isText(op, "check")) return this.check(root);
    if (isText(op, "start")) return this.start(root);
    if (isText(op, "answer")) return this.answer(root);
    const isKnown =
      isText(op, "acquire") || isText(op, "withdraw") || isText(op, "status") || isText(op, "end");
    if (!isKnown) return this.fail("bad_input", "unknown operation", "op");
    const hook = this.hook;
    if (hook === null || this.running === OVER)
      return this.fail("bad_order", "only between start and end", "op");
    if (this.asked !== "") return this.fail("bad_order", "an answer is due first", "op");
    if (isText(op, "acquire")) this.acquire(hook, root);
    else if (isText(op, "withdraw")) this.withdraw(hook, root);
    else if (isText(op, "status")) this.status(hook);
    else this.end(hook, root);
  }

  private describe(): void {
    this.out
      .ascii('{"ok": {"kind": "core", "name": "charm-coordinator", "version": ')
      .quoted(VERSION);
    this.out.ascii(
      ', "abi": 1, "ops": ["describe", "check", "start", "acquire", "withdraw", "status", "end", "answer"], "rules": [',
    );
    this.out
      .ascii(RULES)
      .ascii(
        '], "asks": ["saved", "units", "planned", "config", "policy", "publish", "reread", "leader"]}}',
      );
  }

  private check(root: Node): void {
    const policy = Policy.read(member(root, ascii("policy")));
    if (!policy.isValid)
      return this.failAt("bad_policy", "", policy.faultPath.slice(), policy.fault.slice());
    const name = new Text();
    policy.writeName(name);
    this.out.ascii('{"ok": {"policy": ').string(name.slice()).ascii("}}");
  }

  // ---- start

  private start(root: Node): void {
    if (this.hook !== null)
      return this.fail("bad_order", "start was called before; one instance serves one hook", "op");
    const input = new Input(root);
    const hook = new Hook(input);
    if (input.isValid && hook.hasRelation && !hook.self.read)
      return this.fail("bad_input", "this unit's own databag is missing", "databags");
    if (!input.isValid) return this.failAt("bad_input", "", ascii(input.path), input.fault.slice());
    this.hook = hook;
    this.decision = new Decision(hook);
    if (hook.isLeading && hook.age >= GUARANTEE) {
      hook.stopLeading(
        new Text().ascii(
          "reading took longer than is-leader is good for; this hook goes on without leading",
        ),
      );
    }
    if (!hook.policy.isValid && hook.isLeading) {
      const where = new Text()
        .bytes(hook.policy.faultPath.slice())
        .ascii(": ")
        .bytes(hook.policy.fault.slice());
      hook.report.problem("bad_policy", NOWHERE, NOWHERE, where);
    }
    hook.reportGrants();
    if (!hook.hasRelation) {
      this.takeSaved(hook, input.optionalText("saved"));
      this.isSavedSettled = true;
    }
    this.running = START;
    this.proceed(hook);
  }

  private proceedStart(hook: Hook): void {
    if (!this.isSavedSettled) {
      if (this.mayHaveSaved(hook)) return this.ask("saved", new Text());
      this.isSavedSettled = true;
    }
    if (!this.isOwnSettled) {
      this.isOwnSettled = true;
      if (hook.isHook) this.settleOwn(hook);
      hook.markHeld();
    }
    const mayDecide =
      hook.allows("decide") && (hook.store === IN_SETTINGS || hook.selfGrant === UNSAFE);
    const own = hook.grantsItselfAtOnce ? ALL_OWN : COMMITTED_OWN;
    if (mayDecide && this.waitsItself(hook) && !this.decideForOwn(hook, own)) return;
    this.view(hook);
  }

  /** Saved requests are looked for in the hooks that can be the first to see the peer relation, while nothing was ever written to it. */
  private mayHaveSaved(hook: Hook): bool {
    if (hook.self.hasV1 || !hook.isHook) return false;
    const name = hook.name;
    if (
      isText(name, "start") ||
      isText(name, "config-changed") ||
      isText(name, "upgrade-charm") ||
      isText(name, "leader-elected")
    )
      return true;
    return endsWith(name, "-relation-created");
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
    hook.report.problem("bad_saved", hook.self.name, hook.keys.plain, fault);
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
        "WARNING",
        new Text().ascii(
          "this unit's unreadable data is written anew; what it had asked for may have to be asked again",
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
        "INFO",
        new Text()
          .ascii("takes up ")
          .bytes(lock)
          .ascii(" again, which a hook that failed had been granted"),
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
    const lock = this.lockOf(hook, input, "acquire");
    if (lock < 0) return;
    const data = input.optionalObject("data");
    this.readClock(hook, input);
    if (!input.isValid) return this.failAt("bad_input", "", ascii(input.path), input.fault.slice());
    if (entryOf(hook.self.requests, lock) !== null) return this.view(hook);
    const id = this.nextId(hook, lock);
    if (id === NO_TIME)
      return this.fail("bad_clock", "no greater request id can be written", "now");
    const request = hook.self.addRequest(lock, id);
    request.data = data;
    hook.self.hasV1 = true;
    hook.self.read = true;
    hook.isChanged = true;
    hook.report.line("DEBUG", new Text().ascii("asks for ").bytes(hook.ledger.lockNames.at(lock)));
    this.running = ACQUIRE;
    this.begin();
    this.proceed(hook);
  }

  private proceedAcquire(hook: Hook): void {
    if (hook.allows("decide") && hook.grantsItselfAtOnce && !this.decideForOwn(hook, ALL_OWN))
      return;
    this.view(hook);
  }

  private withdraw(hook: Hook, root: Node): void {
    const input = new Input(root);
    const lock = this.lockOf(hook, input, "withdraw");
    if (lock < 0) return;
    this.readClock(hook, input);
    if (!input.isValid) return this.failAt("bad_input", "", ascii(input.path), input.fault.slice());
    const request = entryOf(hook.self.requests, lock);
    if (request !== null) {
      this.finish(hook, request);
      hook.report.line(
        "DEBUG",
        new Text().ascii("withdraws its request for ").bytes(hook.ledger.lockNames.at(lock)),
      );
    }
    this.view(hook);
  }

  /** The number of the operation's lock, or -1 when the operation has been refused. */
  private lockOf(hook: Hook, input: Input, act: string): i32 {
    const node = input.node("lock");
    if (kindOf(node) !== STRING) this.fail("bad_input", "expected a string", "lock");
    else if (lengthOf(textOf(node)) === 0 || lengthOf(textOf(node)) > MAX_LOCK)
      this.fail("bad_lock", "a lock's name has 1 to 256 bytes", "lock");
    else if (!hook.allows(act))
      this.fail("not_in_hook", "an action or juju-exec does this only if allowed by name", "allow");
    else if (hook.self.isNewer)
      this.fail(
        "unknown_version",
        "this unit's own data was written by a newer version",
        "databags",
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
    const values = new Text().ascii(', "values": ');
    hook.grants.writeSettings(this.policyMember(hook), hook.ledger.queue(ALL_OWN), values);
    this.ask("publish", values);
    return false;
  }

  /** Runs the decision until it is made; answers false if something was asked. */
  private decide(hook: Hook, own: i32): bool {
    if (this.isDecided) return true;
    const decision = this.decision!;
    const what = decision.make(own);
    if (what !== "") {
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
          "reading again took longer than is-leader is good for; this hook goes on without leading",
        ),
      );
      return true;
    }
    const values = new Text().ascii(', "values": ');
    hook.grants.writeGeneration(values);
    this.ask("reread", values);
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
    if (!input.isValid) return this.failAt("bad_input", "", ascii(input.path), input.fault.slice());
    this.running = END;
    this.begin();
    if (hook.allows("release")) {
      this.released = hook.held.slice(0);
      for (let i = 0; i < this.released.length; i++) this.finish(hook, this.released[i]);
    }
    this.proceed(hook);
  }

  private proceedEnd(hook: Hook): void {
    if (hook.canDecide && hook.allows("decide")) {
      if (!this.decide(hook, hook.store === IN_APPLICATION ? ALL_OWN : NO_OWN)) return;
      if (hook.isDirty && hook.store === IN_SETTINGS && !this.isFresh(hook)) return;
      if (hook.isDirty && hook.store === IN_APPLICATION && !this.isLeaderAsked)
        return this.ask("leader", new Text());
    }
    this.effects(hook);
  }

  private effects(hook: Hook): void {
    const out = this.out;
    let count = 0;
    out.ascii('{"ok": {"effects": [');
    this.wantFlags(hook);
    if (hook.flags.hasChanges) {
      hook.flags.writeChanges(out.ascii('{"do": "flags", '));
      out.byte(0x7d);
      count += 1;
    }
    count = this.ownEffects(hook, count);
    const writes = hook.isDirty && hook.canDecide;
    if (writes) {
      const queue = hook.ledger.queue(ALL_OWN);
      if (count > 0) out.ascii(", ");
      if (hook.store === IN_SETTINGS)
        hook.grants.writeSettings(
          this.policyMember(hook),
          queue,
          out.ascii('{"do": "settings", "values": '),
        );
      else
        hook.grants.writeApplication(
          this.policyMember(hook),
          queue,
          out.ascii('{"do": "application", "values": '),
        );
      out.byte(0x7d);
    }
    out.ascii('], "released": [');
    for (let i = 0; i < this.released.length; i++) {
      if (i > 0) out.ascii(", ");
      out.string(hook.ledger.lockNames.at(this.released[i].lock));
    }
    out.ascii('], "grants": [');
    if (writes) this.writeMade(hook);
    hook.report.writeProblems(out.ascii('], "problems": '));
    hook.report.writeLog(out.ascii(', "log": '));
    out.ascii("}}");
    this.running = OVER;
  }

  private ownEffects(hook: Hook, before: i32): i32 {
    const out = this.out;
    const locks = hook.ledger.lockNames;
    let count = before;
    if (hook.isChanged) {
      if (count > 0) out.ascii(", ");
      if (hook.hasRelation) {
        out
          .ascii('{"do": "databag", "values": {')
          .string(hook.keys.plain)
          .ascii(": ")
          .string(writeRequests(hook.self, locks));
        out
          .ascii(", ")
          .string(hook.keys.extra)
          .ascii(": ")
          .string(writeExtra(hook.self, locks))
          .ascii("}}");
      } else {
        out.ascii('{"do": "saved", "value": ').string(writeSaved(hook.self, locks)).byte(0x7d);
      }
      count += 1;
    }
    if (hook.hasSaved && hook.hasRelation && hook.isChanged) {
      out.ascii(', {"do": "saved", "value": ""}');
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
      if (count > 0) this.out.ascii(", ");
      const lock = hook.ledger.lockNames.at(grant.lock);
      this.out
        .ascii('{"unit": ')
        .string(grant.unit.name)
        .ascii(', "lock": ')
        .string(lock)
        .byte(0x7d);
      hook.report.line(
        "INFO",
        new Text().ascii("grants ").bytes(lock).ascii(" to ").bytes(grant.unit.name),
      );
      count += 1;
    }
  }

  // ---- questions and answers

  private ask(what: string, members: Text): void {
    this.asked = what;
    this.out = new Text(1024)
      .ascii('{"ask": {"what": ')
      .quoted(what)
      .bytes(members.slice())
      .ascii("}}");
  }

  private answer(root: Node): void {
    const hook = this.hook;
    if (hook === null || this.asked === "")
      return this.fail("bad_order", "nothing was asked", "op");
    const what = member(root, ascii("what"));
    if (kindOf(what) !== STRING || !isText(textOf(what), this.asked))
      return this.fail("bad_input", "expected what was asked for", "what");
    const input = new Input(root);
    if (input.node("now") !== NONE) hook.now = input.time("now");
    if (input.node("age") !== NONE) hook.age = input.seconds("age");
    if (!input.isValid) return this.failAt("bad_input", "", ascii(input.path), input.fault.slice());
    const failure = input.node("failure");
    const asked = this.asked;
    this.asked = "";
    if (failure !== NONE || !this.take(hook, asked, input.node("result")))
      this.takeFailure(hook, asked, failure, input.node("message"));
    this.proceed(hook);
  }

  private proceed(hook: Hook): void {
    if (this.running === START) this.proceedStart(hook);
    else if (this.running === ACQUIRE) this.proceedAcquire(hook);
    else this.proceedEnd(hook);
  }

  /** Takes over a result; answers whether it had the right form. */
  private take(hook: Hook, what: string, result: Node): bool {
    const decision = this.decision!;
    if (what === "units") return decision.takeUnits(result);
    if (what === "planned") return decision.takePlanned(result);
    if (what === "config") return decision.takeConfig(result);
    if (what === "policy") return decision.takePolicy(result);
    if (what === "saved") return this.takeSavedAnswer(hook, result);
    if (what === "publish") return this.takePublished(hook, result);
    if (what === "reread") return this.takeReread(hook, result);
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
          "is-leader said False; the grants decided in this hook are left to the next leader",
        ),
      );
    }
    return kindOf(result) === TRUE || kindOf(result) === FALSE;
  }

  /** A failure to obtain is input too: nothing that depends on it is granted, nothing held is touched. */
  private takeFailure(hook: Hook, what: string, failure: Node, message: Node): void {
    const text = new Text().ascii(what).ascii(": ");
    if (kindOf(failure) === STRING) text.bytes(textOf(failure));
    else text.ascii("bad_answer");
    if (kindOf(message) === STRING && lengthOf(textOf(message)) > 0)
      text.ascii(": ").bytes(textOf(message));
    if (what === "publish" || what === "reread" || what === "leader") {
      this.isLeaderAsked = true;
      hook.stopLeading(text);
      return;
    }
    if (what === "saved") this.isSavedSettled = true;
    this.decision!.failed(what);
    hook.report.problem(
      what === "policy" ? "policy_failed" : "ask_failed",
      NOWHERE,
      what === "policy" ? hook.policy.external : NOWHERE,
      text,
    );
  }

  // ---- answers

  private status(hook: Hook): void {
    this.out.ascii('{"ok": ');
    writeStatus(hook, this.decision!, this.out);
    this.out.byte(0x7d);
  }

  private view(hook: Hook): void {
    const out = this.out;
    this.running = NOTHING;
    this.wantFlags(hook);
    out.ascii('{"ok": {"granted": [');
    this.writeLocks(hook, true);
    out.ascii('], "requested": [');
    this.writeLocks(hook, false);
    out.ascii('], "leading": ').bool(hook.isLeading).ascii(', "flags": {');
    hook.flags.writeChanges(out);
    hook.report.writeProblems(out.ascii('}, "problems": '));
    hook.report.writeLog(out.ascii(', "log": '));
    out.ascii("}}");
  }

  private writeLocks(hook: Hook, held: bool): void {
    const requests = byLock(hook.self.requests, hook.ledger.lockNames);
    let count = 0;
    for (let i = 0; i < requests.length; i++) {
      if (hook.isHeld(requests[i].lock) !== held) continue;
      if (count > 0) this.out.ascii(", ");
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
    const out = new Text().ascii('"policy": {"name": ').string(name.slice());
    if (lengthOf(hook.policy.sha256) > 0) out.ascii(', "sha256": ').string(hook.policy.sha256);
    return out.byte(0x7d);
  }

  private readClock(hook: Hook, input: Input): void {
    const now = input.time("now");
    if (now !== NO_TIME) hook.now = now;
    if (input.node("age") !== NONE) hook.age = input.seconds("age");
  }

  private fail(code: string, message: string, path: string): void {
    this.failAt(code, message, ascii(path));
  }

  private failAt(code: string, message: string, path: Slice, text: Slice = EMPTY): void {
    this.out = new Text().ascii('{"error": {"code": ').quoted(code).ascii(', "message": ');
    this.out
      .string(lengthOf(text) > 0 ? text : ascii(message))
      .ascii(', "path": ')
      .string(path)
      .ascii("}}");
  }
}

function endsWith(text: Slice, end: string): bool {
  const extra = lengthOf(text) - end.length;
  return extra >= 0 && isText(tail(text, extra), end);
}
