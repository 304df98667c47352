/**
 * A policy as its author wrote it: a list of rules, at most one external policy (a module, or a function of the charm's own
 * language), and a hard limit of holders per lock.
 */
import {
  ARRAY,
  field,
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
import { fill, Text } from "../json/text";
import { bytesOf, placeOf, t } from "../json/word";
import { Faults } from "./faults";
import { Fields } from "./fields";
import { Needs } from "./needs";
import { RULES, Rule, SIMPLE } from "./rule";
import { ruleOf } from "./rules";

const MAX_RULES: i32 = 64;
/** It stands beside the grants, where there is little room. */
const MAX_NAME: i32 = 256;

export class Policy {
  rules: Array<Rule> = new Array<Rule>();
  /** Name of the external policy; EMPTY if there is none. */
  external: Slice = EMPTY;
  sha256: Slice = EMPTY;
  /** What the external policy wants to be told. */
  externalNeeds: Needs = new Needs();
  faults: Faults = new Faults(t("policy"));
  /** What the rules and the external policy want to be told, together. */
  needs: Needs = new Needs();

  private limit: Node = NONE;

  /** Reads a policy in any of its forms; look at `isValid` afterwards. */
  constructor(node: Node) {
    if (node === NONE) {
      this.add(SIMPLE, NONE, EMPTY);
    } else if (isObject(node) && field(node, t("rule")) === NONE) {
      this.readParts(node);
    } else {
      this.readRules(node);
    }
    if (this.rules.length === 0 && lengthOf(this.external) === 0)
      this.faults.fail(t("no rule and no external policy"));
  }

  get isValid(): bool {
    return this.faults.isNone;
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

  private readParts(node: Node): void {
    const stop = nextOf(node);
    for (let key = firstOf(node); key < stop; key = nextKey(key)) {
      const length = this.faults.enter(textOf(key));
      const part = placeOf(textOf(key), t("rules external limit"));
      if (part === 0) this.readRules(valueOf(key));
      else if (part === 1) this.readExternal(valueOf(key));
      else if (part === 2) this.readLimit(valueOf(key));
      else this.faults.fail(t("unknown field; expected rules, external or limit"));
      this.faults.leave(length);
    }
  }

  private readExternal(node: Node): void {
    const name = field(node, t("name"));
    const sha256 = field(node, t("sha256"));
    if (!isString(name) || lengthOf(textOf(name)) === 0)
      return this.faults.fail(t('expected an object with a "name"'));
    this.external = textOf(name);
    if (lengthOf(this.external) > MAX_NAME) this.faults.fail(t("name: more than 256 bytes"));
    if (isString(sha256)) this.sha256 = textOf(sha256);
    else if (sha256 !== NONE) this.faults.fail(t("sha256: expected a string"));
    const needs = field(node, t("needs"));
    if (needs === NONE) return;
    const length = this.faults.enter(bytesOf(t("needs")));
    this.externalNeeds.read(needs, this.faults);
    this.needs.read(needs, this.faults);
    this.faults.leave(length);
  }

  private readLimit(node: Node): void {
    this.limit = node;
    if (!isObject(node)) {
      if (wholeOf(node) < 1)
        this.faults.fail(t("expected a whole number of at least 1, or an object of them by lock"));
      return;
    }
    const stop = nextOf(node);
    for (let key = firstOf(node); key < stop; key = nextKey(key)) {
      if (wholeOf(valueOf(key)) < 1)
        this.faults.failIn(textOf(key), bytesOf(t("expected a whole number of at least 1")));
    }
  }

  private readRules(node: Node): void {
    if (kindOf(node) !== ARRAY) return this.readRule(node);
    const stop = nextOf(node);
    let index = 0;
    for (let item = firstOf(node); item < stop; item = nextOf(item)) {
      const length = this.faults.enterItem(index);
      this.readRule(item);
      this.faults.leave(length);
      index += 1;
    }
    if (index > MAX_RULES) this.faults.fail(t("more than 64 rules"));
  }

  private readRule(node: Node): void {
    const kind = kindOf(node);
    if (kind === STRING) {
      const text = textOf(node);
      const colon = indexOf(text, 0x3a);
      const argument = colon < lengthOf(text) ? tail(text, colon + 1) : EMPTY;
      this.addNamed(sliceOf(addressOf(text), colon), NONE, argument);
    } else if (kind === OBJECT) {
      const name = field(node, t("rule"));
      if (!isString(name)) this.faults.fail(t('expected a rule\'s name under "rule"'));
      else this.addNamed(textOf(name), node, EMPTY);
    } else {
      this.faults.fail(
        t('expected a rule: a name such as "serial", "parallel:2", or an object with "rule"'),
      );
    }
  }

  private addNamed(name: Slice, object: Node, argument: Slice): void {
    const kind = placeOf(name, RULES);
    if (kind >= 0) this.add(kind, object, argument);
    else this.faults.failWith(fill(t("unknown rule; known are: {}"), bytesOf(RULES)));
  }

  /** Adds a rule, with either its fields (an object) or its one argument (what stood behind the colon). */
  private add(kind: i32, object: Node, argument: Slice): void {
    const fields = new Fields(object, argument, this.faults, this.needs);
    const rule = ruleOf(kind, fields);
    fields.finish();
    if (this.isValid) this.rules.push(rule);
  }
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
