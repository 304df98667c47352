/**
 * A policy as its author wrote it: a list of rules, at most one external policy (a module, or a function of the charm's own
 * language), and a hard limit of holders per lock.
 */
import { ARRAY, countOf, firstOf, kindOf, member, nextOf, Node, NONE, NUMBER, OBJECT, STRING, textOf, valueOf } from "../json/document";
import { wholeOf } from "../json/number";
import { addressOf, EMPTY, lengthOf, Slice, sliceOf, tail } from "../json/slice";
import { Text } from "../json/text";
import { bytesOf, isText, t, Word } from "../json/word";
import { Amount } from "./amount";
import { Rule } from "./rule";
import { Available } from "./rules/available";
import { Gate } from "./rules/gate";
import { Parallel } from "./rules/parallel";
import { Pause } from "./rules/pause";
import { Serial } from "./rules/serial";
import { Simple } from "./rules/simple";

export const RULES: Word = t('"simple", "serial", "parallel", "available", "gate", "pause"');

export class Policy {
  rules: Array<Rule> = new Array<Rule>();
  /** Name of the external policy; EMPTY if there is none. */
  external: Slice = EMPTY;
  sha256: Slice = EMPTY;
  /** What is wrong with it, and at which path; no text if nothing is. */
  fault: Text = new Text();
  faultPath: Text = new Text();

  private limit: Node = NONE;

  get isValid(): bool {
    return this.fault.length === 0;
  }

  /** Greatest number of holders of a lock, whatever rules and modules say. */
  limitOf(lock: Slice): i64 {
    if (kindOf(this.limit) === NUMBER) return wholeOf(this.limit);
    const own = member(this.limit, lock);
    return own === NONE ? i64.MAX_VALUE : wholeOf(own);
  }

  /** Names of the config options that its rules look at. */
  options(): Array<Slice> {
    const options: Slice[] = [];
    for (let i = 0; i < this.rules.length; i++) {
      const rule = this.rules[i];
      if (rule instanceof Gate) options.push((<Gate>rule).option);
    }
    return options;
  }

  /** `serial`, or `serial, gate, half`. */
  name(): Slice {
    const out = new Text();
    for (let i = 0; i < this.rules.length; i++)
      out.ascii(i > 0 ? t(", ") : 0).ascii(this.rules[i].name());
    if (lengthOf(this.external) > 0) out.ascii(out.length > 0 ? t(", ") : 0).bytes(this.external);
    return out.slice();
  }

  /** Reads a policy in any of its forms; look at `isValid` afterwards. */
  static read(node: Node): Policy {
    const policy = new Policy();
    const path = new Text().ascii(t("policy"));
    if (node === NONE) {
      policy.rules.push(new Simple());
    } else if (kindOf(node) === OBJECT && member(node, bytesOf(t("rule"))) === NONE) {
      policy.readParts(node, path);
    } else {
      policy.readRules(node, path);
    }
    if (policy.isValid && policy.rules.length === 0 && lengthOf(policy.external) === 0) {
      policy.fail(t("no rule and no external policy"), path);
    }
    return policy;
  }

  private fail(what: Word, path: Text): void {
    if (!this.isValid) return;
    this.fault.ascii(what);
    this.faultPath.bytes(path.slice());
  }

  private readParts(node: Node, path: Text): void {
    const stop = nextOf(node);
    for (let key = firstOf(node); key < stop; key = nextOf(valueOf(key))) {
      const name = textOf(key);
      const at = new Text().bytes(path.slice()).ascii(t(".")).bytes(name);
      if (isText(name, t("rules"))) this.readRules(valueOf(key), at);
      else if (isText(name, t("external"))) this.readExternal(valueOf(key), at);
      else if (isText(name, t("limit"))) this.readLimit(valueOf(key), at);
      else this.fail(t("unknown field; expected rules, external or limit"), at);
    }
  }

  private readExternal(node: Node, path: Text): void {
    const name = member(node, bytesOf(t("name")));
    const sha256 = member(node, bytesOf(t("sha256")));
    if (kindOf(name) !== STRING || lengthOf(textOf(name)) === 0) {
      this.fail(t('expected an object with a "name"'), path);
      return;
    }
    if (sha256 !== NONE && kindOf(sha256) !== STRING)
      this.fail(t("sha256: expected a string"), path);
    else if (sha256 !== NONE) this.sha256 = textOf(sha256);
    this.external = textOf(name);
  }

  private readLimit(node: Node, path: Text): void {
    this.limit = node;
    if (kindOf(node) !== OBJECT) {
      if (wholeOf(node) < 1)
        this.fail(t("expected a whole number of at least 1, or an object of them by lock"), path);
      return;
    }
    const stop = nextOf(node);
    for (let key = firstOf(node); key < stop; key = nextOf(valueOf(key))) {
      const at = new Text().bytes(path.slice()).ascii(t(".")).bytes(textOf(key));
      if (wholeOf(valueOf(key)) < 1) this.fail(t("expected a whole number of at least 1"), at);
    }
  }

  private readRules(node: Node, path: Text): void {
    if (kindOf(node) !== ARRAY) {
      this.readRule(node, path);
      return;
    }
    const stop = nextOf(node);
    let index = 0;
    for (let item = firstOf(node); item < stop; item = nextOf(item)) {
      const at = new Text()
        .bytes(path.slice())
        .ascii(t("["))
        .number(<u64>index)
        .ascii(t("]"));
      this.readRule(item, at);
      index += 1;
    }
    if (countOf(node) > 64) this.fail(t("more than 64 rules"), path);
  }

  private readRule(node: Node, path: Text): void {
    const kind = kindOf(node);
    if (kind === STRING) {
      const text = textOf(node);
      const colon = indexOf(text, 0x3a);
      const name = colon < 0 ? text : sliceOf(addressOf(text), colon);
      const argument = colon < 0 ? EMPTY : tail(text, colon + 1);
      this.add(name, NONE, argument, path);
    } else if (kind === OBJECT) {
      const name = member(node, bytesOf(t("rule")));
      if (kindOf(name) !== STRING) this.fail(t('expected a rule\'s name under "rule"'), path);
      else this.add(textOf(name), node, EMPTY, path);
    } else {
      this.fail(
        t('expected a rule: a name such as "serial", "parallel:2", or an object with "rule"'),
        path,
      );
    }
  }

  /** Makes a rule of its name and either its fields (an object) or its one argument (what stood behind the colon). */
  private add(name: Slice, fields: Node, argument: Slice, path: Text): void {
    const isGate = isText(name, t("gate"));
    const isParallel = isText(name, t("parallel"));
    const isAvailable = isText(name, t("available"));
    let field: Word = 0;
    let rule: Rule | null = null;
    if (isGate) field = t("option");
    else if (isParallel) field = t("max");
    else if (isAvailable) field = t("min");
    else if (isText(name, t("simple"))) rule = new Simple();
    else if (isText(name, t("serial"))) rule = new Serial();
    else if (isText(name, t("pause"))) rule = new Pause();
    else
      return this.fail(
        t("unknown rule; known are simple, serial, parallel, available, gate and pause"),
        path,
      );
    if (field === 0 && lengthOf(argument) > 0)
      return this.fail(t("this rule takes no argument"), path);
    if (field !== 0) {
      const node = fields === NONE ? NONE : member(fields, bytesOf(field));
      const text = kindOf(node) === STRING || kindOf(node) === NUMBER ? textOf(node) : argument;
      const at = new Text().bytes(path.slice()).ascii(t(".")).ascii(field);
      if (lengthOf(text) === 0) return this.fail(t("the rule's argument is missing"), at);
      if (isGate) rule = new Gate(text, fields === NONE ? NONE : member(fields, bytesOf(t("is"))));
      else rule = this.counting(text, isParallel, at);
    }
    if (rule === null) return;
    if (fields !== NONE) this.readFields(rule, field, isGate, fields, path);
    this.rules.push(rule);
  }

  private counting(text: Slice, isParallel: bool, path: Text): Rule | null {
    const amount = new Amount(text);
    if (amount.isValid() && !(isParallel && amount.isNeverOne()))
      return isParallel ? new Parallel(amount) : new Available(amount);
    this.fail(
      t(
        'expected a whole number of at least 1, a percentage such as "25%", or arithmetic on N such as "N/2-1"',
      ),
      path,
    );
    return null;
  }

  private readFields(rule: Rule, field: Word, isGate: bool, fields: Node, path: Text): void {
    const stop = nextOf(fields);
    for (let key = firstOf(fields); key < stop; key = nextOf(valueOf(key))) {
      const name = textOf(key);
      const at = new Text().bytes(path.slice()).ascii(t(".")).bytes(name);
      if (isText(name, t("locks"))) this.readLocks(rule, valueOf(key), at);
      else if (
        !isText(name, t("rule")) &&
        !isText(name, field) &&
        !(isGate && isText(name, t("is")))
      ) {
        this.fail(t("unknown field of this rule"), at);
      }
    }
  }

  private readLocks(rule: Rule, node: Node, path: Text): void {
    const stop = kindOf(node) === ARRAY ? nextOf(node) : node;
    for (let item = firstOf(node); item < stop; item = nextOf(item)) {
      if (kindOf(item) === STRING) rule.locks.push(textOf(item));
    }
    if (kindOf(node) !== ARRAY || rule.locks.length !== countOf(node) || rule.locks.length === 0) {
      this.fail(t("expected a list of locks' names"), path);
    }
  }
}

function indexOf(text: Slice, byte: i32): i32 {
  const from = addressOf(text);
  for (let i = 0; i < lengthOf(text); i++) {
    if (<i32>load<u8>(from + <usize>i) === byte) return i;
  }
  return -1;
}
