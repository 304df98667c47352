/**
 * Reads a policy's config strictly: what is of the wrong kind, and each member that was never asked for, is a fault that names the
 * member. The first counts.
 */
import {
  FALSE,
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
  TRUE,
  textOf,
} from "../../json/document";
import { NOT_WHOLE, wholeOf } from "../../json/number";
import { equal, Slice } from "../../json/slice";
import { areStrings } from "../../json/strings";
import { Text } from "../../json/text";
import { bytesOf, t, Word } from "../../json/word";
import { Faults } from "../faults";
import { sliceOfString, stringOf } from "./string";
import { Value } from "./value";

export class Config {
  /** What is wrong, and with which member, such as `config.max`. */
  faults: Faults = new Faults(t("config"));

  /** The members that were asked for. */
  private known: Array<Slice> = new Array<Slice>();

  /** @param node an object; NONE is an empty one. */
  constructor(readonly node: Node) {
    if (node !== NONE && !isObject(node)) this.faults.fail(t("expected an object"));
  }

  /** Whether the member is there. */
  has(name: string): bool {
    return this.find(sliceOfString(name)) !== NONE;
  }

  text(name: string, otherwise: string): string {
    const node = this.find(sliceOfString(name));
    if (isString(node)) return stringOf(textOf(node));
    this.expect(node, name, t("expected a text"));
    return otherwise;
  }

  /** A whole number, 0 or more. */
  whole(name: string, otherwise: i32): i32 {
    const node = this.find(sliceOfString(name));
    const value = wholeOf(node);
    if (value !== NOT_WHOLE && value <= i32.MAX_VALUE) return <i32>value;
    this.expect(node, name, t("expected a whole number from 0 to 2147483647"));
    return otherwise;
  }

  number(name: string, otherwise: f64): f64 {
    const node = this.find(sliceOfString(name));
    if (kindOf(node) === NUMBER) return new Value(node).number();
    this.expect(node, name, t("expected a number"));
    return otherwise;
  }

  flag(name: string, otherwise: bool): bool {
    const node = this.find(sliceOfString(name));
    const kind = kindOf(node);
    if (kind === TRUE || kind === FALSE) return kind === TRUE;
    this.expect(node, name, t("expected true or false"));
    return otherwise;
  }

  /** A list of texts; empty where it is not there. */
  texts(name: string): Array<string> {
    const texts = new Array<string>();
    const node = this.find(sliceOfString(name));
    if (!areStrings(node)) this.expect(node, name, t("expected a list of texts"));
    else
      for (let item = firstOf(node); item < nextOf(node); item = nextOf(item))
        texts.push(stringOf(textOf(item)));
    return texts;
  }

  /** A member of any kind; what is wrong with it is the policy's own to `refuse`. */
  get(name: string): Value {
    return new Value(this.find(sliceOfString(name)));
  }

  /** Says what is wrong with a member. */
  refuse(name: string, what: string): void {
    this.failIn(sliceOfString(name), sliceOfString(what));
  }

  /** Refuses the first member that nobody has read. */
  finish(): void {
    if (!isObject(this.node)) return;
    const stop = nextOf(this.node);
    for (let key = firstOf(this.node); key < stop; key = nextKey(key)) {
      if (!this.isKnown(textOf(key))) this.failIn(textOf(key), this.unknown());
    }
  }

  private find(name: Slice): Node {
    this.known.push(name);
    return member(this.node, name);
  }

  private isKnown(name: Slice): bool {
    for (let i = 0; i < this.known.length; i++) {
      if (equal(this.known[i], name)) return true;
    }
    return false;
  }

  private unknown(): Slice {
    if (this.known.length === 0) return bytesOf(t("unknown member; this policy has no config"));
    const out = new Text().ascii(t("unknown member; expected "));
    for (let i = 0; i < this.known.length; i++) {
      if (i > 0) out.ascii(t(", "));
      out.bytes(this.known[i]);
    }
    return out.slice();
  }

  /** A member that is there is of the wrong kind. */
  private expect(node: Node, name: string, what: Word): void {
    if (node !== NONE) this.failIn(sliceOfString(name), bytesOf(what));
  }

  private failIn(name: Slice, what: Slice): void {
    const length = this.faults.enter(name);
    this.faults.failWith(what);
    this.faults.leave(length);
  }
}
