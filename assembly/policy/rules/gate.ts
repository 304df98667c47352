import {
  FALSE,
  kindOf,
  member,
  NONE,
  Node,
  NUMBER,
  STRING,
  TRUE,
  textOf,
} from "../../json/document";
import { numberOf } from "../../json/number";
import { addressOf, equal, lengthOf, Slice } from "../../json/slice";
import { Text } from "../../json/text";
import { Rule } from "../rule";
import { Tally } from "../tally";

/**
 * Only while a config option is set: true, a number but 0, or a text other than `false`, `no`, `off`, `closed` and `0` in
 * any case. With `is`, only while it equals that.
 */
export class Gate extends Rule {
  private open: bool = false;

  constructor(
    public option: Slice,
    private is: Node,
  ) {
    super();
  }

  name(): string {
    return "gate";
  }

  prepare(tally: Tally): void {
    const value = member(tally.config, this.option);
    this.open = this.is === NONE ? isSet(value) : isSame(value, this.is);
  }

  permits(unit: i32, lock: i32, tally: Tally): bool {
    return this.open;
  }

  reason(unit: i32, lock: i32, tally: Tally, out: Text): void {
    out.ascii("the config option ").bytes(this.option).ascii(" keeps the gate closed");
  }
}

function isSet(value: Node): bool {
  const kind = kindOf(value);
  if (kind === TRUE) return true;
  if (kind === NUMBER) return numberOf(value) !== 0;
  if (kind !== STRING) return false;
  const text = textOf(value);
  return (
    lengthOf(text) > 0 &&
    !isWord(text, "false") &&
    !isWord(text, "no") &&
    !isWord(text, "off") &&
    !isWord(text, "closed") &&
    !isWord(text, "0")
  );
}

/** Whether the text is this lower-case word, in any case. */
function isWord(text: Slice, word: string): bool {
  if (lengthOf(text) !== word.length) return false;
  const from = addressOf(text);
  for (let i = 0; i < word.length; i++) {
    const c = <i32>load<u8>(from + <usize>i);
    if ((c >= 0x41 && c <= 0x5a ? c | 0x20 : c) !== word.charCodeAt(i)) return false;
  }
  return true;
}

function isSame(a: Node, b: Node): bool {
  const kind = kindOf(a);
  if (kind !== kindOf(b)) return false;
  if (kind === STRING) return equal(textOf(a), textOf(b));
  if (kind === NUMBER) return numberOf(a) === numberOf(b);
  return kind === TRUE || kind === FALSE;
}
