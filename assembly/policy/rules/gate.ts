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
import { isZero } from "../../json/number";
import { addressOf, equal, lengthOf, Slice } from "../../json/slice";
import { Text } from "../../json/text";
import { bytesOf, t, Word } from "../../json/word";
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

  name(): Word {
    return t("gate");
  }

  prepare(tally: Tally): void {
    const value = member(tally.config, this.option);
    this.open = this.is === NONE ? isSet(value) : isSame(value, this.is);
  }

  permits(unit: i32, lock: i32, tally: Tally): bool {
    return this.open;
  }

  reason(unit: i32, lock: i32, tally: Tally, out: Text): void {
    out.ascii(t("the config option ")).bytes(this.option).ascii(t(" keeps the gate closed"));
  }
}

function isSet(value: Node): bool {
  const kind = kindOf(value);
  if (kind === TRUE) return true;
  if (kind === NUMBER) return !isZero(value);
  if (kind !== STRING) return false;
  const text = textOf(value);
  return (
    lengthOf(text) > 0 &&
    !isWord(text, t("false")) &&
    !isWord(text, t("no")) &&
    !isWord(text, t("off")) &&
    !isWord(text, t("closed")) &&
    !isWord(text, t("0"))
  );
}

/** Whether the text is this lower-case word, in any case. */
function isWord(text: Slice, word: Word): bool {
  if (lengthOf(text) !== lengthOf(bytesOf(word))) return false;
  const from = addressOf(text);
  const expected = addressOf(bytesOf(word));
  for (let i = 0; i < lengthOf(text); i++) {
    const c = <i32>load<u8>(from + <usize>i);
    if ((c >= 0x41 && c <= 0x5a ? c | 0x20 : c) !== <i32>load<u8>(expected + <usize>i))
      return false;
  }
  return true;
}

function isSame(a: Node, b: Node): bool {
  const kind = kindOf(a);
  if (kind !== kindOf(b)) return false;
  if (kind === STRING || kind === NUMBER) return equal(textOf(a), textOf(b));
  return kind === TRUE || kind === FALSE;
}
