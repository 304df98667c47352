/**
 * A policy as its author wrote it: a list of rules, at most one external policy (a module, or a function of the charm's own
 * language), and a hard limit of holders per lock.
 */
import {
  ARRAY,
  countOf,
  kindOf,
  member,
  NONE,
  Node,
  NUMBER,
  nextOf,
  OBJECT,
  STRING,
  textOf,
} from "../json/document";
import { wholeOf } from "../json/number";
import {
  addressOf,
  ascii,
  EMPTY,
  isText,
  lengthOf,
  Slice,
  sliceOf,
  startsWith,
  tail,
} from "../json/slice";
import { Text } from "../json/text";
import { Amount } from "./amount";
import { Rule } from "./rule";
import { Available } from "./rules/available";
import { Gate } from "./rules/gate";
import { Parallel } from "./rules/parallel";
import { Pause } from "./rules/pause";
import { Serial } from "./rules/serial";
import { Simple } from "./rules/simple";

export const RULES: string = '"simple", "serial", "parallel", "available", "gate", "pause"';

export class Policy {
  rules: Array<Rule> = [] as Rule[];
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
  writeName(out: Text): void {
    for (let i = 0; i < this.rules.length; i++) {
      if (i > 0) out.ascii(", ");
      out.ascii(this.rules[i].name());
    }
    if (lengthOf(this.external) === 0) return;
    if (this.rules.length > 0) out.ascii(", ");
    out.bytes(this.external);
  }

  /** Reads a policy in any of its forms; look at `isValid` afterwards. */
  static read(node: Node): Policy {
    const policy = new Policy();
    const path = new Text().ascii("policy");
    if (node === NONE) {
      policy.rules.push(new Simple());
    } else if (kindOf(node) === OBJECT && member(node, ascii("rule")) === NONE) {
      policy.readParts(node, path);
    } else {
      policy.readRules(node, path);
    }
    if (policy.isValid && policy.rules.length === 0 && lengthOf(policy.external) === 0) {
      policy.fail("no rule and no external policy", path);
    }
    return policy;
  }

  private fail(what: string, path: Text): void {
    if (!this.isValid) return;
    this.fault.ascii(what);
    this.faultPath.bytes(path.slice());
  }

  private readParts(node: Node, path: Text): void {
    const stop = nextOf(node);
    for (let key = node + 1; key < stop; key = nextOf(key + 1)) {
      const name = textOf(key);
      const at = new Text().bytes(path.slice()).ascii(".").bytes(name);
      if (isText(name, "rules")) this.readRules(key + 1, at);
      else if (isText(name, "external")) this.readExternal(key + 1, at);
      else if (isText(name, "limit")) this.readLimit(key + 1, at);
      else this.fail("unknown field; expected rules, external or limit", at);
    }
  }

  private readExternal(node: Node, path: Text): void {
    const name = member(node, ascii("name"));
    const sha256 = member(node, ascii("sha256"));
    if (kindOf(name) !== STRING || lengthOf(textOf(name)) === 0) {
      this.fail('expected an object with a "name"', path);
      return;
    }
    if (sha256 !== NONE && kindOf(sha256) !== STRING) this.fail("sha256: expected a string", path);
    else if (sha256 !== NONE) this.sha256 = textOf(sha256);
    this.external = textOf(name);
  }

  private readLimit(node: Node, path: Text): void {
    this.limit = node;
    if (kindOf(node) !== OBJECT) {
      if (wholeOf(node) < 1)
        this.fail("expected a whole number of at least 1, or an object of them by lock", path);
      return;
    }
    const stop = nextOf(node);
    for (let key = node + 1; key < stop; key = nextOf(key + 1)) {
      const at = new Text().bytes(path.slice()).ascii(".").bytes(textOf(key));
      if (wholeOf(key + 1) < 1) this.fail("expected a whole number of at least 1", at);
    }
  }

  private readRules(node: Node, path: Text): void {
    if (kindOf(node) !== ARRAY) {
      this.readRule(node, path);
      return;
    }
    const stop = nextOf(node);
    let index = 0;
    for (let item = node + 1; item < stop; item = nextOf(item)) {
      const at = new Text()
        .bytes(path.slice())
        .ascii("[")
        .number(<u64>index)
        .ascii("]");
      this.readRule(item, at);
      index += 1;
    }
    if (countOf(node) > 64) this.fail("more than 64 rules", path);
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
      const name = member(node, ascii("rule"));
      if (kindOf(name) !== STRING) this.fail('expected a rule\'s name under "rule"', path);
      else this.add(textOf(name), node, EMPTY, path);
    } else {
      this.fail(
        'expected a rule: a name such as "serial", "parallel:2", or an object with "rule"',
        path,
      );
    }
  }

  /** Makes a rule of its name and either its fields (an object) or its one argument (what stood behind the colon). */
  private add(name: Slice, fields: Node, argument: Slice, path: Text): void {
    let rule: Rule | null = null;
    let field = "";
    if (isText(name, "simple")) rule = new Simple();
    else if (isText(name, "serial")) rule = new Serial();
    else if (isText(name, "pause")) rule = new Pause();
    else if (isText(name, "parallel")) field = "max";
    else if (isText(name, "available")) field = "min";
    else if (isText(name, "gate")) field = "option";
    else {
      this.fail(
        "unknown rule; known are simple, serial, parallel, available, gate and pause",
        path,
      );
      return;
    }
    if (field !== "") rule = this.withArgument(field, fields, argument, path);
    else if (lengthOf(argument) > 0) this.fail("this rule takes no argument", path);
    if (rule === null || !this.isValid) return;
    if (fields !== NONE) this.readFields(rule, field, fields, path);
    this.rules.push(rule);
  }

  private withArgument(field: string, fields: Node, argument: Slice, path: Text): Rule | null {
    const node = fields === NONE ? NONE : member(fields, ascii(field));
    const text = kindOf(node) === STRING || kindOf(node) === NUMBER ? textOf(node) : argument;
    if (lengthOf(text) === 0) {
      this.fail(
        "the rule's argument is missing",
        new Text().bytes(path.slice()).ascii(".").ascii(field),
      );
      return null;
    }
    if (field === "option")
      return new Gate(text, fields === NONE ? NONE : member(fields, ascii("is")));
    const amount = new Amount(text);
    const first = field === "max" && isZero(text);
    if (!amount.isValid() || first) {
      this.fail(
        'expected a whole number of at least 1, a percentage such as "25%", or arithmetic on N such as "N/2-1"',
        new Text().bytes(path.slice()).ascii(".").ascii(field),
      );
      return null;
    }
    return field === "max" ? new Parallel(amount) : new Available(amount);
  }

  private readFields(rule: Rule, field: string, fields: Node, path: Text): void {
    const stop = nextOf(fields);
    for (let key = fields + 1; key < stop; key = nextOf(key + 1)) {
      const name = textOf(key);
      const at = new Text().bytes(path.slice()).ascii(".").bytes(name);
      if (isText(name, "locks")) this.readLocks(rule, key + 1, at);
      else if (
        !isText(name, "rule") &&
        !isText(name, field) &&
        !(isText(name, "is") && field === "option")
      ) {
        this.fail("unknown field of this rule", at);
      }
    }
  }

  private readLocks(rule: Rule, node: Node, path: Text): void {
    const stop = kindOf(node) === ARRAY ? nextOf(node) : node;
    for (let item = node + 1; item < stop; item = nextOf(item)) {
      if (kindOf(item) === STRING) rule.locks.push(textOf(item));
    }
    if (kindOf(node) !== ARRAY || rule.locks.length !== countOf(node) || rule.locks.length === 0) {
      this.fail("expected a list of locks' names", path);
    }
  }
}

function isZero(text: Slice): bool {
  return isText(text, "0") || startsWith(text, "0%");
}

function indexOf(text: Slice, byte: i32): i32 {
  const from = addressOf(text);
  for (let i = 0; i < lengthOf(text); i++) {
    if (<i32>load<u8>(from + <usize>i) === byte) return i;
  }
  return -1;
}
