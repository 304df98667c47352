/** Reading the fields of an operation; the first that is wrong becomes the fault that is answered. */
import {
  FALSE,
  firstOf,
  isObject,
  isString,
  keyOf,
  kindOf,
  memberFrom,
  NONE,
  Node,
  NULL,
  TRUE,
  textOf,
} from "../json/document";
import { floorOf, NOT_WHOLE } from "../json/number";
import { EMPTY, lengthOf, Slice } from "../json/slice";
import { areStrings, contains } from "../json/strings";
import { fill } from "../json/text";
import { NO_TIME, parseTime, Time } from "../json/time";
import { bytesOf, placeOf, t, Word } from "../json/word";

export class Input {
  /** What is wrong; EMPTY if nothing is. */
  fault: Slice = EMPTY;
  path: Word = 0;

  /** The key of the field that was found last: they are read in about the order in which hosts write them. */
  private last: Node;

  constructor(private root: Node) {
    this.last = firstOf(root);
  }

  get isValid(): bool {
    return this.fault === EMPTY;
  }

  text(name: Word): Slice {
    const node = this.node(name);
    if (isString(node) && lengthOf(textOf(node)) > 0) return textOf(node);
    this.fail(name, t("expected a string that is not empty"));
    return EMPTY;
  }

  /** A string, or EMPTY where it is null, empty or not there. */
  optionalText(name: Word): Slice {
    const node = this.node(name);
    if (isString(node)) return textOf(node);
    if (node !== NONE && kindOf(node) !== NULL) this.fail(name, t("expected a string or null"));
    return EMPTY;
  }

  bool(name: Word): bool {
    const node = this.node(name);
    if (kindOf(node) !== TRUE && kindOf(node) !== FALSE)
      this.fail(name, t("expected true or false"));
    return kindOf(node) === TRUE;
  }

  optionalBool(name: Word): bool {
    return this.node(name) === NONE ? false : this.bool(name);
  }

  time(name: Word): Time {
    const node = this.node(name);
    const time = isString(node) ? parseTime(textOf(node)) : NO_TIME;
    if (time === NO_TIME)
      this.fail(name, t("expected a UTC time such as 2026-11-22 09:52:56.123456Z"));
    return time;
  }

  /** Whole seconds, what is behind the point cut off; without end where it is not there, which is the safe side. */
  seconds(name: Word): i64 {
    const node = this.node(name);
    if (node === NONE || kindOf(node) === NULL) return i64.MAX_VALUE;
    const value = floorOf(node);
    if (value !== NOT_WHOLE) return value;
    this.fail(name, t("expected a number of seconds, 0 or more"));
    return i64.MAX_VALUE;
  }

  /** One of some words, divided by single spaces: its place among them. */
  word(name: Word, words: Word): i32 {
    const node = this.node(name);
    const place = isString(node) ? placeOf(textOf(node), words) : -1;
    if (place >= 0) return place;
    this.failAt(name, fill(t("expected one of: {}"), bytesOf(words)));
    return 0;
  }

  /** The same; the first of them where it is not there. */
  optionalWord(name: Word, words: Word): i32 {
    return this.node(name) === NONE ? 0 : this.word(name, words);
  }

  object(name: Word): Node {
    const node = this.node(name);
    if (!isObject(node)) this.fail(name, t("expected an object"));
    return node;
  }

  /** A list of strings that are not empty, or NONE where it is not there. */
  optionalList(name: Word): Node {
    return this.node(name) === NONE ? NONE : this.list(name);
  }

  list(name: Word): Node {
    const node = this.node(name);
    if (areStrings(node) && !contains(node, EMPTY)) return node;
    this.fail(name, t("expected a list of strings"));
    return NONE;
  }

  node(name: Word): Node {
    const node = memberFrom(this.root, this.last, bytesOf(name));
    if (node !== NONE) this.last = keyOf(node);
    return node;
  }

  /** Notes what is wrong with a field, if nothing was wrong before. */
  fail(name: Word, what: Word): void {
    this.failAt(name, bytesOf(what));
  }

  private failAt(name: Word, what: Slice): void {
    if (!this.isValid) return;
    this.fault = what;
    this.path = name;
  }
}
