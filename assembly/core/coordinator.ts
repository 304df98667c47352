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
import { EMPTY, lengthOf, Slice } from "../json/slice";
import { Text } from "../json/text";
import { bytesOf, isText, t, Word } from "../json/word";
import { Writer } from "../json/writer";
import { Policy } from "../policy/policy";
import { writeDescription, writeEffects, writeView } from "./answers";
import * as asks from "./asks";
import { DATA_RULE, fits, isData, isLockName, LOCK_RULE } from "./databag";
import { Decision } from "./decision";
import { GUARANTEE, Hook, IN_SETTINGS, UNSAFE } from "./hook";
import { Input } from "./input";
import { ALL_OWN, COMMITTED_OWN, NO_OWN } from "./ledger";
import { finish, mayHaveSaved, nextId, settleOwn, takeSaved, waitsItself } from "./own";
import { NOWHERE } from "./report";
import { writeStatus } from "./status";
import { NO_TIME } from "./time";
import { Entry, entryOf } from "./unit";

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
    if (isText(op, t("describe"))) return writeDescription(this.out);
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
      takeSaved(hook, input.optionalText(t("saved")));
      this.isSavedSettled = true;
    }
    this.running = START;
    this.proceed(hook);
  }

  private proceedStart(hook: Hook): void {
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
    if (mayDecide && waitsItself(hook) && !this.decideForOwn(hook, own)) return;
    this.view(hook);
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
      finish(hook, request);
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

  // ---- deciding for this unit's own requests

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
      for (let i = 0; i < this.released.length; i++) finish(hook, this.released[i]);
    }
    this.proceed(hook);
  }

  private proceedEnd(hook: Hook): void {
    if (hook.canDecide && hook.allows(t("decide"))) {
      const isInSettings = hook.store === IN_SETTINGS;
      if (!this.decide(hook, isInSettings ? NO_OWN : ALL_OWN)) return;
      if (isInSettings && hook.isDirty && !this.isFresh(hook)) return;
      if (!isInSettings && !this.isLeaderAsked && this.mayStage(hook))
        return this.ask(asks.LEADER, EMPTY);
    }
    writeEffects(hook, this.decision!, this.released, this.out);
    this.running = OVER;
  }

  /**
   * Whether anything is to be staged in the application databag, and may be. Two leaders could open the same reign, and the later
   * commit, of a whole map, would take the grants of the other with it: so a reign is opened only by a unit that has led without
   * a break since it read the last one. Because a long hook may not, a leader opens its reign in leader-elected already.
   */
  private mayStage(hook: Hook): bool {
    if (!hook.grants.needsReign) return hook.isDirty;
    if (hook.age < GUARANTEE) {
      hook.isDirty = hook.isDirty || isText(hook.name, t("leader-elected"));
      return hook.isDirty;
    }
    if (!hook.isDirty) return false;
    const why = t(
      "this hook took too long for its leader to begin a document of grants; left to its next hook",
    );
    this.stopLeading(hook, new Text().ascii(why));
    return false;
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
    takeSaved(hook, textOf(result));
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
    if (!hook.grants.isFresh) return false;
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

  private view(hook: Hook): void {
    writeView(hook, this.out);
    this.running = IDLE;
  }

  private status(hook: Hook): void {
    writeStatus(hook, this.decision!, this.out.object().key(t("ok")));
    this.out.endObject();
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
