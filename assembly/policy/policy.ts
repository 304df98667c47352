/**
 * A policy as its author wrote it: a list of rules, at most one external policy (a module, or a function of the charm's own
 * language), and a hard limit of holders per lock.
 */
import {
  ARRAY,
  countOf,
  firstOf,
  isObject,
  isString,
  kindOf,
  member,
  NONE,
  Node,
  NUMBER,
  nextKey,
  nextOf,
  OBJECT,
  STRING,
  textOf,
  valueOf,
} from "../json/document";
import { wholeOf } from "../json/number";
import { addressOf, EMPTY, lengthOf, Slice, sliceOf, tail } from "../json/slice";
import { areStrings } from "../json/strings";
import { Text } from "../json/text";
import { bytesOf, isText, placeOf, t, Word } from "../json/word";
import { Amount } from "./amount";
import { AVAILABLE, GATE, PARALLEL, RULES, Rule, SERIAL, SIMPLE } from "./rule";
import { Available } from "./rules/available";
import { Gate } from "./rules/gate";
import { Parallel } from "./rules/parallel";
import { Pause } from "./rules/pause";
import { Serial } from "./rules/serial";
import { Simple } from "./rules/simple";

const MAX_RULES: i32 = 64;

export class Policy {
  rules: Array<Rule> = new Array<Rule>();
  /** Name of the external policy; EMPTY if there is none. */
  external: Slice = EMPTY;
  sha256: Slice = EMPTY;
  /** What is wrong with it, and at which path; 0 and EMPTY if nothing is. */
  fault: Word = 0;
  faultPath: Slice = EMPTY;
  /** Whether a rule looks at a config option. */
  hasOptions: bool = false;

  private limit: Node = NONE;
  /** The path of what is being read. */
  private path: Text = new Text();

  /** Reads a policy in any of its forms; look at `isValid` afterwards. */
  constructor(node: Node) {
    this.path.ascii(t("policy"));
    if (node === NONE) {
      this.rules.push(new Simple());
    } else if (isObject(node) && member(node, bytesOf(t("rule"))) === NONE) {
      this.readParts(node);
    } else {
      this.readRules(node);
    }
    if (this.rules.length === 0 && lengthOf(this.external) === 0) {
      this.fail(t("no rule and no external policy"));
    }
  }

  get isValid(): bool {
    return this.fault === 0;
  }

  /** Greatest number of holders of a lock, whatever rules and modules say. */
  limitOf(lock: Slice): i64 {
    if (kindOf(this.limit) === NUMBER) return wholeOf(this.limit);
    const own = member(this.limit, lock);
    return own === NONE ? i64.MAX_VALUE : wholeOf(own);
  }

  /** `serial`, or `serial, gate, half`. */
  name(): Slice {
    const out = new Text();
    for (let i = 0; i < this.rules.length; i++) writePart(this.rules[i].name, out);
    if (lengthOf(this.external) > 0) writePart(this.external, out);
    return out.slice();
  }

  /** Notes the first fault, where reading is. */
  private fail(what: Word): void {
    if (!this.isValid) return;
    this.fault = what;
    this.faultPath = new Text().bytes(this.path.slice()).slice();
  }

  /** Goes on to a member; answers how long the path was, to cut it to afterwards. */
  private enter(name: Slice): i32 {
    const length = this.path.length;
    this.path.byte(0x2e).bytes(name);
    return length;
  }

  private readParts(node: Node): void {
    const stop = nextOf(node);
    for (let key = firstOf(node); key < stop; key = nextKey(key)) {
      const length = this.enter(textOf(key));
      const part = placeOf(textOf(key), t("rules external limit"));
      if (part === 0) this.readRules(valueOf(key));
      else if (part === 1) this.readExternal(valueOf(key));
      else if (part === 2) this.readLimit(valueOf(key));
      else this.fail(t("unknown field; expected rules, external or limit"));
      this.path.cut(length);
    }
  }

  private readExternal(node: Node): void {
    const name = member(node, bytesOf(t("name")));
    const sha256 = member(node, bytesOf(t("sha256")));
    if (!isString(name) || lengthOf(textOf(name)) === 0)
      return this.fail(t('expected an object with a "name"'));
    if (isString(sha256)) this.sha256 = textOf(sha256);
    else if (sha256 !== NONE) this.fail(t("sha256: expected a string"));
    this.external = textOf(name);
  }

  private readLimit(node: Node): void {
    this.limit = node;
    if (!isObject(node)) {
      if (wholeOf(node) < 1)
        this.fail(t("expected a whole number of at least 1, or an object of them by lock"));
      return;
    }
    const stop = nextOf(node);
    for (let key = firstOf(node); key < stop; key = nextKey(key)) {
      const length = this.enter(textOf(key));
      if (wholeOf(valueOf(key)) < 1) this.fail(t("expected a whole number of at least 1"));
      this.path.cut(length);
    }
  }

  private readRules(node: Node): void {
    if (kindOf(node) !== ARRAY) return this.readRule(node);
    const length = this.path.length;
    const stop = nextOf(node);
    let index = 0;
    for (let item = firstOf(node); item < stop; item = nextOf(item)) {
      this.path.byte(0x5b).number(index).byte(0x5d);
      this.readRule(item);
      this.path.cut(length);
      index += 1;
    }
    if (index > MAX_RULES) this.fail(t("more than 64 rules"));
  }

  private readRule(node: Node): void {
    const kind = kindOf(node);
    if (kind === STRING) {
      const text = textOf(node);
      const colon = indexOf(text, 0x3a);
      const argument = colon < lengthOf(text) ? tail(text, colon + 1) : EMPTY;
      this.add(sliceOf(addressOf(text), colon), NONE, argument);
    } else if (kind === OBJECT) {
      const name = member(node, bytesOf(t("rule")));
      if (!isString(name)) this.fail(t('expected a rule\'s name under "rule"'));
      else this.add(textOf(name), node, EMPTY);
    } else {
      this.fail(
        t('expected a rule: a name such as "serial", "parallel:2", or an object with "rule"'),
      );
    }
  }

  /** Adds a rule of this name, with either its fields (an object) or its one argument (what stood behind the colon). */
  private add(name: Slice, fields: Node, argument: Slice): void {
    const kind = placeOf(name, RULES);
    if (kind < 0)
      return this.fail(
        t("unknown rule; known are simple, serial, parallel, available, gate and pause"),
      );
    const field = argumentOf(kind);
    let rule: Rule | null = null;
    if (field !== 0) {
      const node = member(fields, bytesOf(field));
      const isText = isString(node) || kindOf(node) === NUMBER;
      const length = this.enter(bytesOf(field));
      rule = this.ruleWith(kind, isText ? textOf(node) : argument, fields);
      this.path.cut(length);
    } else if (lengthOf(argument) > 0) {
      this.fail(t("this rule takes no argument"));
    } else {
      rule = ruleWithout(kind);
    }
    if (rule === null) return;
    this.readFields(rule, kind, fields);
    this.rules.push(rule);
  }

  /** A rule with an argument; null if that is wrong. */
  private ruleWith(kind: i32, argument: Slice, fields: Node): Rule | null {
    if (lengthOf(argument) === 0) {
      this.fail(t("the rule's argument is missing"));
      return null;
    }
    if (kind === GATE) {
      this.hasOptions = true;
      return new Gate(argument, member(fields, bytesOf(t("is"))));
    }
    const amount = new Amount(argument);
    if (amount.isValid() && !(kind === PARALLEL && amount.isNeverOne()))
      return kind === PARALLEL ? new Parallel(amount) : new Available(amount);
    this.fail(
      t(
        'expected a whole number of at least 1, a percentage such as "25%", or arithmetic on N such as "N/2-1"',
      ),
    );
    return null;
  }

  private readFields(rule: Rule, kind: i32, fields: Node): void {
    const stop = nextOf(fields);
    for (let key = firstOf(fields); key < stop; key = nextKey(key)) {
      const name = textOf(key);
      const length = this.enter(name);
      if (isText(name, t("locks"))) this.readLocks(rule, valueOf(key));
      else if (!isField(name, kind)) this.fail(t("unknown field of this rule"));
      this.path.cut(length);
    }
  }

  private readLocks(rule: Rule, node: Node): void {
    if (areStrings(node) && countOf(node) > 0) rule.locks = node;
    else this.fail(t("expected a list of locks' names"));
  }
}

/** The field that holds a rule's main argument; 0 for a rule without one. */
function argumentOf(kind: i32): Word {
  if (kind === PARALLEL) return t("max");
  if (kind === AVAILABLE) return t("min");
  return kind === GATE ? t("option") : 0;
}

function isField(name: Slice, kind: i32): bool {
  return (
    isText(name, t("rule")) ||
    isText(name, argumentOf(kind)) ||
    (kind === GATE && isText(name, t("is")))
  );
}

function ruleWithout(kind: i32): Rule {
  if (kind === SIMPLE) return new Simple();
  return kind === SERIAL ? new Serial() : new Pause();
}

/** One more name in a list that people read. */
function writePart(name: Slice, out: Text): void {
  if (out.length > 0) out.ascii(t(", "));
  out.bytes(name);
}

/** Where a byte first stands in a text; the text's length if nowhere. */
function indexOf(text: Slice, byte: i32): i32 {
  const length = lengthOf(text);
  let i = 0;
  while (i < length && <i32>load<u8>(addressOf(text) + <usize>i) !== byte) i += 1;
  return i;
}
