/**
 * The fields of one rule. A rule declares them by reading them, each with its kind, in its constructor; what it has not read is
 * unknown. Where one is wrong that is noted among the faults, and the rule is not used.
 */
import {
  countOf,
  field,
  firstOf,
  isString,
  kindOf,
  NONE,
  Node,
  NUMBER,
  nextKey,
  nextOf,
  textOf,
} from "../json/document";
import { wholeText } from "../json/number";
import { EMPTY, lengthOf, Slice } from "../json/slice";
import { areStrings } from "../json/strings";
import { decimal, fill } from "../json/text";
import { bytesOf, isText, t, Word } from "../json/word";
import { Amount } from "./amount";
import { Faults } from "./faults";
import { Needs } from "./needs";

const MAX_NUMBER: i64 = 999999999;

export class Fields {
  /** What has been read. */
  private known: Array<Word> = new Array<Word>();

  /**
   * `object` holds the fields, NONE where the rule is a name; `argument` is what stood behind the name and a colon, EMPTY if
   * nothing did. What the rule needs to be told is added to `needs`.
   */
  constructor(
    private object: Node,
    private argument: Slice,
    public faults: Faults,
    public needs: Needs,
  ) {}

  /** A field as it was written; NONE if it is not there. */
  node(name: Word): Node {
    this.known.push(name);
    return field(this.object, name);
  }

  /** A text or a number, which may stand behind a colon instead; `otherwise` where there is none, and none must be missing without it. */
  main(name: Word, otherwise: Word = 0): Slice {
    const node = this.node(name);
    const text = node === NONE ? this.argument : textIn(node);
    this.argument = EMPTY;
    if (lengthOf(text) > 0) return text;
    if (node === NONE && otherwise !== 0) return bytesOf(otherwise);
    this.fail(name, t("the rule's argument is missing"));
    return EMPTY;
  }

  /** A text that is not empty; `otherwise` where it is not there. */
  text(name: Word, otherwise: Slice = 0): Slice {
    const node = this.node(name);
    if (node === NONE) return otherwise;
    if (!isString(node) || lengthOf(textOf(node)) === 0)
      this.fail(name, t("expected a string that is not empty"));
    return textIn(node);
  }

  /** The same as an amount of units. */
  amount(name: Word): Amount {
    const amount = new Amount(this.main(name));
    if (!amount.isValid()) this.fail(name, AMOUNT_RULE);
    return amount;
  }

  /** The same as a whole number of at least 1. */
  mainWhole(name: Word): u64 {
    return this.bounded(name, this.main(name), 1);
  }

  /** A whole number; `otherwise` where it is not there. */
  whole(name: Word, otherwise: u64): u64 {
    const node = this.node(name);
    return node === NONE ? otherwise : this.bounded(name, textIn(node), 0);
  }

  /** A list of texts that is not empty; NONE if it is not there. */
  strings(name: Word): Node {
    const node = this.node(name);
    if (node !== NONE && !(areStrings(node) && countOf(node) > 0))
      this.fail(name, t("expected a list of strings"));
    return node;
  }

  /** Notes what is wrong with a field. */
  fail(name: Word, what: Word): void {
    this.faults.failIn(bytesOf(name), bytesOf(what));
  }

  /** Refuses what nobody has read. */
  finish(): void {
    if (lengthOf(this.argument) > 0) this.faults.fail(t("this rule takes no argument"));
    const stop = nextOf(this.object);
    for (let key = firstOf(this.object); key < stop; key = nextKey(key)) {
      if (!this.isKnown(textOf(key)))
        this.faults.failIn(textOf(key), bytesOf(t("unknown field of this rule")));
    }
  }

  /** So many seconds can be added to any time. */
  private bounded(name: Word, text: Slice, least: i64): u64 {
    const value = wholeText(text);
    if (value < least || value > MAX_NUMBER)
      this.faults.failIn(
        bytesOf(name),
        fill(t("expected a whole number from {} to 999999999"), decimal(least)),
      );
    return value;
  }

  private isKnown(name: Slice): bool {
    for (let i = 0; i < this.known.length; i++) {
      if (isText(name, this.known[i])) return true;
    }
    return isText(name, t("rule"));
  }
}

export const AMOUNT_RULE: Word = t(
  'expected a whole number of at least 1, a percentage such as "25%", or arithmetic on N such as "N/2-1"',
);

function textIn(node: Node): Slice {
  return isString(node) || kindOf(node) === NUMBER ? textOf(node) : EMPTY;
}
