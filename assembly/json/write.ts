import {
  ARRAY,
  FALSE,
  kindOf,
  Node,
  NULL,
  NUMBER,
  nextOf,
  OBJECT,
  STRING,
  TRUE,
  textOf,
} from "./document";
import { compare } from "./slice";
import { Text } from "./text";
import { t } from "./word";

/** Writes a value as Python's `json.dumps(value, sort_keys=True)` does; numbers keep the digits they came with. */
export function writeValue(node: Node, out: Text): void {
  const kind = kindOf(node);
  if (kind === OBJECT) writeObject(node, out);
  else if (kind === ARRAY) writeArray(node, out);
  else if (kind === STRING) out.string(textOf(node));
  else if (kind === NUMBER) out.bytes(textOf(node));
  else if (kind === TRUE) out.ascii(t("true"));
  else if (kind === FALSE) out.ascii(t("false"));
  else if (kind === NULL) out.ascii(t("null"));
}

function writeArray(node: Node, out: Text): void {
  const stop = nextOf(node);
  out.byte(0x5b);
  for (let item = node + 1; item < stop; item = nextOf(item)) {
    if (item !== node + 1) out.ascii(t(", "));
    writeValue(item, out);
  }
  out.byte(0x5d);
}

function writeObject(node: Node, out: Text): void {
  const keys: Node[] = [];
  const stop = nextOf(node);
  for (let key = node + 1; key < stop; key = nextOf(key + 1)) keys.push(key);
  keys.sort((a: Node, b: Node): i32 => compare(textOf(a), textOf(b)));
  out.byte(0x7b);
  for (let i = 0; i < keys.length; i++) {
    if (i > 0) out.ascii(t(", "));
    out.string(textOf(keys[i])).ascii(t(": "));
    writeValue(keys[i] + 1, out);
  }
  out.byte(0x7d);
}
