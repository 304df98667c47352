/**
 * JSON that came with a state, such as a request's data. Whoever wrote it may have written anything, so each reading says what it is
 * otherwise, where nothing of its kind is there.
 */
import {
  ARRAY,
  FALSE,
  firstOf,
  isString,
  kindOf,
  member,
  NONE,
  Node,
  NUMBER,
  nextKey,
  nextOf,
  OBJECT,
  TRUE,
  textOf,
} from "../../json/document";
import { doubleOf } from "../../json/number";
import { sliceOfString, stringOf } from "./string";

export class Value {
  constructor(readonly node: Node) {}

  /** Whether anything is there, `null` included. */
  get isThere(): bool {
    return this.node !== NONE;
  }

  /** A member of an object; one that is not there is a value, too. */
  get(name: string): Value {
    return new Value(member(this.node, sliceOfString(name)));
  }

  text(otherwise: string = ""): string {
    return isString(this.node) ? stringOf(textOf(this.node)) : otherwise;
  }

  number(otherwise: f64 = 0): f64 {
    return kindOf(this.node) === NUMBER ? doubleOf(this.node) : otherwise;
  }

  flag(otherwise: bool = false): bool {
    const kind = kindOf(this.node);
    return kind === TRUE || (kind !== FALSE && otherwise);
  }

  /** The items of a list; none of what is no list. */
  items(): Array<Value> {
    const items = new Array<Value>();
    if (kindOf(this.node) !== ARRAY) return items;
    const stop = nextOf(this.node);
    for (let item = firstOf(this.node); item < stop; item = nextOf(item))
      items.push(new Value(item));
    return items;
  }

  /** The names of an object's members; none of what is no object. */
  names(): Array<string> {
    const names = new Array<string>();
    if (kindOf(this.node) !== OBJECT) return names;
    const stop = nextOf(this.node);
    for (let key = firstOf(this.node); key < stop; key = nextKey(key))
      names.push(stringOf(textOf(key)));
    return names;
  }
}
