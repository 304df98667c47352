/**
 * The operations of one hook, from `start` to `end`. Each runs as far as it can; where it needs a fact that it was not given it asks,
 * and `answer` runs it again from the last thing settled.
 */
import {
  FALSE,
  field,
  isObject,
  isString,
  kindOf,
  NONE,
  Node,
  TRUE,
  textOf,
} from "../json/document";
import { EMPTY, equal, lengthOf, Slice } from "../json/slice";
import { fill } from "../json/text";
import { NO_TIME } from "../json/time";
import { bytesOf, isText, t, Word } from "../json/word";
import { Writer } from "../json/writer";
import { writeEffects, writeError, writeView } from "./answers";
import * as asks from "./asks";
import { DATA_RULE, fits, isData, isLockName, LOCK_RULE } from "./databag";
import { Decision } from "./decision";
import { GUARANTEE, Hook, IN_SETTINGS, UNSAFE } from "./hook";
import { Input } from "./input";
import { ALL_OWN, COMMITTED_OWN, NO_OWN } from "./ledger";
import { finish, mayHaveSaved, nextId, settleOwn, takeSaved, waitsItself } from "./own";
import { NOWHERE } from "./report";
import { writeStatus } from "./status";
import { Entry, entryOf } from "./unit";

const START: i32 = 0;
const ACQUIRE: i32 = 1;
const END: i32 = 2;

export class Operations {
  /** The answer to the running operation, as far as it is written. */
  out: Writer = new Writer();
  /** Nothing more is taken: `end` was answered. */
  isOver: bool = false;

  private decision: Decision;
  /** The operation that runs, and what it waits for. */
  private running: i32 = START;
  private asked: i32 = asks.NOTHING;
  /** What has been settled of it. */
  private isDecided: bool = false;
  private isReread: bool = false;
  private isLeaderAsked: bool = false;
  private isOwnSettled: bool = false;
  private isSavedSettled: bool = false;
  private released: Array<Entry> = new Array<Entry>();

  constructor(private hook: Hook) {
    this.decision = new Decision(hook);
  }

  /** Whether an answer is due before anything else. */
  get isWaiting(): bool {
    return this.asked !== asks.NOTHING;
  }

  // ---- start

  start(saved: Slice): void {
    const hook = this.hook;
    if (hook.isLeading && hook.age >= GUARANTEE) {
      this.stopLeading(
        t("reading took longer than is-leader is good for; this hook goes on without leading"),
      );
    }
    const policy = hook.policy;
    if (!policy.isValid && hook.isLeading) {
      const fault = fill(t("{}: {}"), policy.faults.path, policy.faults.what);
      hook.report.problem(t("bad_policy"), NOWHERE, NOWHERE, fault);
    }
    hook.reportGrants();
    if (!hook.hasRelation) {
      takeSaved(hook, saved);
      this.isSavedSettled = true;
    }
    this.proceed();
  }

  private proceedStart(): void {
    const hook = this.hook;
    if (!this.isSavedSettled) {
      if (mayHaveSaved(hook)) return this.ask(asks.SAVED, EMPTY);
      this.isSavedSettled = true;
    }
    if (!this.isOwnSettled) {
      this.isOwnSettled = true;
      if (hook.isHook) settleOwn(hook);
      hook.markHeld();
    }
    const mayDecide =
      hook.allows(t("decide")) && (hook.store === IN_SETTINGS || hook.selfGrant === UNSAFE);
    const own = hook.grantsItselfAtOnce ? ALL_OWN : COMMITTED_OWN;
    if (mayDecide && waitsItself(hook) && !this.decideForOwn(own)) return;
    this.view();
  }

  // ---- acquire and withdraw

  acquire(root: Node): void {
    const hook = this.hook;
    const input = new Input(root);
    const lock = this.lockOf(input, t("acquire"));
    if (lock < 0) return;
    const data = input.node(t("data"));
    if (data !== NONE && !isData(data)) return this.fail(t("bad_input"), DATA_RULE, t("data"));
    if (!this.readClock(input)) return;
    if (entryOf(hook.self.requests, lock) !== null) return this.view();
    const id = nextId(hook, lock);
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
    hook.report.line(t("DEBUG"), fill(t("asks for {}"), hook.lockName(request)));
    this.running = ACQUIRE;
    this.begin();
    this.proceed();
  }

  private proceedAcquire(): void {
    const hook = this.hook;
    if (hook.allows(t("decide")) && hook.grantsItselfAtOnce && !this.decideForOwn(ALL_OWN)) return;
    this.view();
  }

  withdraw(root: Node): void {
    const hook = this.hook;
    const input = new Input(root);
    const lock = this.lockOf(input, t("withdraw"));
    if (lock < 0) return;
    if (!this.readClock(input)) return;
    const request = entryOf(hook.self.requests, lock);
    if (request !== null) {
      finish(hook, request);
      const message = fill(t("withdraws its request for {}"), hook.lockName(request));
      hook.report.line(t("DEBUG"), message);
    }
    this.view();
  }

  /** The number of the operation's lock, or -1 when the operation has been refused. */
  private lockOf(input: Input, act: Word): i32 {
    const hook = this.hook;
    const node = input.node(t("lock"));
    if (!isString(node)) this.fail(t("bad_input"), t("expected a string"), t("lock"));
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

  // ---- deciding for this unit's own requests

  /** Decides, and publishes what admits this unit itself; answers whether it is settled (else something was asked). */
  private decideForOwn(own: i32): bool {
    const hook = this.hook;
    if (!hook.canDecide) return true;
    if (!this.decide(own)) return false;
    if (!this.admitsOwn()) return true;
    if (hook.selfGrant === UNSAFE) {
      hook.markHeld();
      return true;
    }
    if (!this.isFresh()) return false;
    if (!hook.isLeading || !this.admitsOwn()) return true;
    const question = new Writer();
    hook.grants.writeSettings(hook.policy, this.decision.waiting(), question.key(t("values")));
    this.ask(asks.PUBLISH, question.slice());
    return false;
  }

  /** Runs the decision until it is made; answers false if something was asked. */
  private decide(own: i32): bool {
    if (this.isDecided) return true;
    const decision = this.decision;
    const what = decision.make(own);
    if (what !== asks.NOTHING) {
      this.ask(what, decision.question.slice());
      return false;
    }
    this.isDecided = true;
    return true;
  }

  /** Rule 8: what is written more than 30 s after the last True is first read again; answers false if that was asked. */
  private isFresh(): bool {
    const hook = this.hook;
    if (hook.age < GUARANTEE) return true;
    if (this.isReread) {
      this.stopLeading(
        t(
          "reading again took longer than is-leader is good for; this hook goes on without leading",
        ),
      );
      return true;
    }
    const question = new Writer();
    hook.grants.writeGeneration(question.key(t("values")));
    this.ask(asks.REREAD, question.slice());
    return false;
  }

  private admitsOwn(): bool {
    const hook = this.hook;
    const made = this.decision.made;
    for (let i = 0; i < made.length; i++) {
      if (made[i].unit === hook.self) return true;
    }
    return false;
  }

  private begin(): void {
    this.isDecided = false;
    this.isReread = false;
    this.isLeaderAsked = false;
    this.decision.begin();
  }

  private stopLeading(why: Word): void {
    this.stopLeadingFor(bytesOf(why));
  }

  /** False is final for the hook: from here on as a unit that does not lead. */
  private stopLeadingFor(why: Slice): void {
    if (!this.hook.isLeading) return;
    this.decision.undo();
    this.hook.stopLeading(why);
  }

  // ---- end

  end(root: Node): void {
    const hook = this.hook;
    const input = new Input(root);
    if (!this.readClock(input)) return;
    this.running = END;
    this.begin();
    if (hook.allows(t("release"))) {
      this.released = hook.held;
      for (let i = 0; i < this.released.length; i++) finish(hook, this.released[i]);
    }
    this.proceed();
  }

  private proceedEnd(): void {
    const hook = this.hook;
    if (hook.canDecide && hook.allows(t("decide"))) {
      const isInSettings = hook.store === IN_SETTINGS;
      if (!this.decide(isInSettings ? NO_OWN : ALL_OWN)) return;
      if (isInSettings && hook.isDirty && !this.isFresh()) return;
      // Within 30 s of a True nobody else leads. To ask again would only lose the proof that nobody has led since the reads.
      if (!isInSettings && !this.isLeaderAsked && this.mayStage() && hook.age >= GUARANTEE)
        return this.ask(asks.LEADER, EMPTY);
    } else {
      hook.isDirty = false;
    }
    writeEffects(hook, this.decision, this.released, this.out);
    this.isOver = true;
  }

  /**
   * Whether anything is to be staged in the application databag, and may be. Two leaders could open the same reign, and the later
   * commit, of a whole map, would take the grants of the other with it: so a reign is opened only by a unit that has led without
   * a break since it read the last one. Because a long hook may not, a leader opens its reign in leader-elected already.
   */
  private mayStage(): bool {
    const hook = this.hook;
    if (!hook.grants.needsReign) return hook.isDirty;
    if (hook.age < GUARANTEE) {
      hook.isDirty = hook.isDirty || isText(hook.name, t("leader-elected"));
      return hook.isDirty;
    }
    if (!hook.isDirty) return false;
    const why = t(
      "this hook took too long for its leader to begin a document of grants; left to its next hook",
    );
    this.stopLeading(why);
    return false;
  }

  // ---- questions and answers

  private ask(what: i32, members: Slice): void {
    this.asked = what;
    const out = this.out.object().key(t("ask")).object().field(t("what"), asks.askName(what));
    if (lengthOf(members) > 0) out.raw(members);
    out.endObject().endObject();
  }

  answer(root: Node): void {
    if (!this.isWaiting) return this.fail(t("bad_order"), t("nothing was asked"), t("op"));
    const what = field(root, t("what"));
    if (!isString(what) || !equal(textOf(what), asks.askName(this.asked)))
      return this.fail(t("bad_input"), t("expected what was asked for"), t("what"));
    const input = new Input(root);
    if (!this.readClock(input)) return;
    const failure = input.node(t("failure"));
    const asked = this.asked;
    this.asked = asks.NOTHING;
    if (isString(failure) || !this.take(asked, input.node(t("result"))))
      this.takeFailure(asked, failure, input.node(t("message")));
    this.proceed();
  }

  private proceed(): void {
    if (this.running === START) this.proceedStart();
    else if (this.running === ACQUIRE) this.proceedAcquire();
    else this.proceedEnd();
  }

  /** Takes over a result; answers whether it had the right form. */
  private take(what: i32, result: Node): bool {
    if (what === asks.SAVED) return this.takeSavedAnswer(result);
    if (what === asks.PUBLISH) return this.takePublished(result);
    if (what === asks.REREAD) return this.takeReread(result);
    if (what === asks.LEADER) return this.takeLeader(result);
    return this.decision.take(what, result);
  }

  private takeSavedAnswer(result: Node): bool {
    const hook = this.hook;
    if (!isString(result)) return false;
    this.isSavedSettled = true;
    takeSaved(hook, textOf(result));
    return true;
  }

  private takePublished(result: Node): bool {
    const hook = this.hook;
    if (kindOf(result) !== TRUE) return false;
    hook.grants.published();
    hook.isDirty = false;
    this.decision.publish();
    hook.markHeld();
    return true;
  }

  private takeReread(result: Node): bool {
    const hook = this.hook;
    this.isReread = true;
    if (!isObject(result)) return false;
    hook.grants.readSettings(result);
    if (!hook.grants.isFresh) return false;
    hook.reportGrants();
    hook.isDirty = false;
    this.isDecided = false;
    this.decision.restart();
    return true;
  }

  private takeLeader(result: Node): bool {
    const hook = this.hook;
    this.isLeaderAsked = true;
    if (kindOf(result) === FALSE)
      this.stopLeading(
        t("is-leader said False; the grants decided in this hook are left to the next leader"),
      );
    return kindOf(result) === TRUE || kindOf(result) === FALSE;
  }

  /** A failure to obtain is input too: nothing that depends on it is granted, nothing held is touched. */
  private takeFailure(what: i32, failure: Node, message: Node): void {
    const reason = isString(failure) ? textOf(failure) : bytesOf(t("bad_answer"));
    let text = fill(t("{}: {}"), asks.askName(what), reason);
    if (isString(message) && lengthOf(textOf(message)) > 0)
      text = fill(t("{}: {}"), text, textOf(message));
    if (what === asks.PUBLISH || what === asks.REREAD || what === asks.LEADER) {
      this.isLeaderAsked = true;
      return this.stopLeadingFor(text);
    }
    if (what === asks.SAVED) this.isSavedSettled = true;
    this.decision.failed(what);
    const report = this.hook.report;
    if (what === asks.POLICY)
      report.problem(t("policy_failed"), NOWHERE, this.hook.policy.external, text);
    else report.problem(t("ask_failed"), NOWHERE, NOWHERE, text);
  }

  // ---- answers

  private view(): void {
    writeView(this.hook, this.out);
  }

  status(): void {
    const hook = this.hook;
    // What is over may be published still; nobody is to be shown as a holder for it.
    this.decision.drop();
    writeStatus(hook, this.decision, this.out.object().key(t("ok")));
    this.out.endObject();
  }

  /** Takes over `now` and `age`, if all that was read so far is valid; else answers what is not. */
  private readClock(input: Input): bool {
    const keepsNow = this.isWaiting && input.node(t("now")) === NONE;
    const now = keepsNow ? this.hook.now : input.time(t("now"));
    const age = input.seconds(t("age"));
    if (!input.isValid) {
      writeError(t("bad_input"), input.fault, input.path, this.out);
      return false;
    }
    this.hook.now = now;
    this.hook.age = age;
    return true;
  }

  private fail(code: Word, message: Word, path: Word): void {
    writeError(code, bytesOf(message), path, this.out);
  }
}
