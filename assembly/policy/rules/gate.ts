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
import { fill, Text } from "../../json/text";
import { placeOf, t } from "../../json/word";
import { Facts } from "../facts";
import { Fields } from "../fields";
import { GATE, Rule } from "../rule";

/**
 * Only while a config option is set: true, a number but 0, or a text other than `false`, `no`, `off`, `closed` and `0` in
 * any case. With `is`, only while it equals that.
 */
export class Gate extends Rule {
  private option: Slice;
  private is: Node;
  private open: bool = false;

  constructor(fields: Fields) {
    super(GATE, fields);
    this.option = fields.main(t("option"));
    this.is = fields.node(t("is"));
    fields.needs.options.add(this.option);
  }

  prepare(facts: Facts): void {
    const value = member(facts.config, this.option);
    this.open = this.is === NONE ? isSet(value) : isSame(value, this.is);
  }

  closes(lock: i32, facts: Facts): bool {
    return !this.open;
  }

  reason(unit: i32, lock: i32, facts: Facts): Slice {
    return fill(t("the config option {} keeps the gate closed"), this.option);
  }
}

function isSet(value: Node): bool {
  const kind = kindOf(value);
  if (kind === TRUE) return true;
  if (kind === NUMBER) return !isZero(value);
  if (kind !== STRING || lengthOf(textOf(value)) === 0) return false;
  return placeOf(lowerCase(textOf(value)), t("false no off closed 0")) < 0;
}

/** The same text with the letters from A to Z as small ones. */
function lowerCase(text: Slice): Slice {
  const out = new Text();
  for (let i = 0; i < lengthOf(text); i++) {
    const c = <i32>load<u8>(addressOf(text) + <usize>i);
    out.byte(c >= 0x41 && c <= 0x5a ? c | 0x20 : c);
  }
  return out.slice();
}

function isSame(a: Node, b: Node): bool {
  const kind = kindOf(a);
  if (kind !== kindOf(b)) return false;
  if (kind === STRING || kind === NUMBER) return equal(textOf(a), textOf(b));
  return kind === TRUE || kind === FALSE;
}
