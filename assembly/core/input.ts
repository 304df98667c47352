/** Reading the fields of an operation; the first that is wrong becomes the fault that is answered. */
import {
  ARRAY,
  FALSE,
  kindOf,
  member,
  NONE,
  Node,
  NULL,
  NUMBER,
  nextOf,
  OBJECT,
  STRING,
  TRUE,
  textOf,
} from "../json/document";
import { numberOf } from "../json/number";
import { ascii, EMPTY, isText, lengthOf, Slice } from "../json/slice";
import { Text } from "../json/text";
import { NO_TIME, parseTime, Time } from "./time";

export class Input {
  /** What is wrong; no text if nothing is. */
  fault: Text = new Text();
  path: string = "";

  constructor(private root: Node) {}

  get isValid(): bool {
    return this.fault.length === 0;
  }

  text(name: string): Slice {
    const node = this.node(name);
    if (kindOf(node) === STRING && lengthOf(textOf(node)) > 0) return textOf(node);
    this.fail(name, "expected a string that is not empty");
    return EMPTY;
  }

  /** A string, or EMPTY where it is null, empty or not there. */
  optionalText(name: string): Slice {
    const node = this.node(name);
    if (kindOf(node) === STRING) return textOf(node);
    if (node !== NONE && kindOf(node) !== NULL) this.fail(name, "expected a string or null");
    return EMPTY;
  }

  bool(name: string): bool {
    const node = this.node(name);
    if (kindOf(node) !== TRUE && kindOf(node) !== FALSE) this.fail(name, "expected true or false");
    return kindOf(node) === TRUE;
  }

  optionalBool(name: string): bool {
    return this.node(name) === NONE ? false : this.bool(name);
  }

  time(name: string): Time {
    const node = this.node(name);
    const time = kindOf(node) === STRING ? parseTime(textOf(node)) : NO_TIME;
    if (time === NO_TIME)
      this.fail(name, "expected a UTC time such as 2026-11-22 09:52:56.123456Z");
    return time;
  }

  /** Seconds; infinite where it is not there, which is the safe side. */
  seconds(name: string): f64 {
    const node = this.node(name);
    if (node === NONE || kindOf(node) === NULL) return Infinity;
    const value = numberOf(node);
    if (kindOf(node) === NUMBER && value >= 0) return value;
    this.fail(name, "expected a number of seconds, 0 or more");
    return Infinity;
  }

  /** One of some words, divided by spaces in `words`; the first of them where it is not there. */
  word(name: string, words: string, isOptional: bool): i32 {
    const node = this.node(name);
    const known = words.split(" ");
    if (node === NONE && isOptional) return 0;
    for (let i = 0; i < known.length; i++) {
      if (kindOf(node) === STRING && isText(textOf(node), known[i])) return i;
    }
    this.fail(name, "expected one of: ");
    if (this.path === name) this.fault.ascii(words);
    return 0;
  }

  object(name: string): Node {
    const node = this.node(name);
    if (kindOf(node) !== OBJECT) this.fail(name, "expected an object");
    return node;
  }

  optionalObject(name: string): Node {
    return this.node(name) === NONE ? NONE : this.object(name);
  }

  /** A list of strings that are not empty, or NONE where it is not there. */
  optionalList(name: string): Node {
    const node = this.node(name);
    if (node === NONE) return NONE;
    const stop = kindOf(node) === ARRAY ? nextOf(node) : node;
    let isValid = kindOf(node) === ARRAY;
    for (let item = node + 1; item < stop; item = nextOf(item)) {
      isValid = isValid && kindOf(item) === STRING && lengthOf(textOf(item)) > 0;
    }
    if (!isValid) this.fail(name, "expected a list of strings");
    return isValid ? node : NONE;
  }

  node(name: string): Node {
    return member(this.root, ascii(name));
  }

  private fail(name: string, what: string): void {
    if (!this.isValid) return;
    this.fault.ascii(what);
    this.path = name;
  }
}
