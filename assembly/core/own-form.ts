/**
 * The form in which this library writes nearly every databag, read as it stands in the input:
 * `{"coordinator":"{\"restart\": \"2026-…Z\"}","coordinator-v1":"{\"done\": {…}, \"v\": 1}"}`, or without the second key, as the old library
 * does. Nothing is unescaped or looked at twice, since a leader reads thousands. Whatever is written otherwise is for the reader of
 * all JSON, which alone finds faults.
 */
import {
  countOf,
  keyOf,
  NONE,
  Node,
  NUMBER,
  nextString,
  OLD,
  OWN,
  putNode,
  Shortcut,
  STRING,
  textOf,
} from "../json/document";
import { plainEnd } from "../json/lexer";
import { addressOf, areSame, compare, EMPTY, lengthOf, Slice, sliceOf } from "../json/slice";
import { NO_TIME, timeAt } from "../json/time";
import { bytesOf, t } from "../json/word";
import { isLockName } from "./databag";

const REQUESTS: Slice = bytesOf(t('{"coordinator":"'));
const DONE: Slice = bytesOf(t('","coordinator-v1":"{\\"done\\": '));
const END: Slice = bytesOf(t(', \\"v\\": 1}"}'));

/**
 * Makes of such a databag a node of the kind OWN or OLD, whose count is the length of its text. It holds for each id the name of its
 * lock, a string for a request and a number for what is done, and then the time in place of a node. There is room for sixty, so that no
 * text is too long.
 */
export class OwnForm extends Shortcut {
  /** Where the next node goes, and where there is no more room. */
  private node: Node = NONE;
  private stop: Node = NONE;

  read(brace: usize, node: Node, stop: Node): usize {
    // Only so is its text found again.
    if (braceOf(node) !== brace) return 0;
    this.node = putNode(node, EMPTY, OWN);
    this.stop = stop;
    const at = this.readIds(behind(brace, REQUESTS), STRING);
    // A quote and a brace: the second key is not there.
    const isOld = load<u16>(at) === 0x7d22;
    const end = isOld ? at + 2 : behind(this.readIds(behind(at, DONE), NUMBER), END);
    if (end === 0) return 0;
    putNode(node, sliceOf(this.node - node, <i32>(end - brace)), isOld ? OLD : OWN);
    return end;
  }

  /** Reads `{"restart": "2026-…Z"}` within a string, locks in ascending order. Answers the address behind it, or 0. */
  private readIds(brace: usize, kind: i32): usize {
    if (load<u16>(brace) === 0x7d7b) return brace + 2;
    if (load<u8>(brace) !== 0x7b) return 0;
    let at = brace;
    let node = this.node;
    let last: Slice = EMPTY;
    while (true) {
      // A brace, or a space behind a comma; a backslash, a quote.
      if (load<u16>(at, 1) !== 0x225c) return 0;
      const end = plainEnd(at + 3);
      const name = sliceOf(at + 3, <i32>(end - at - 3));
      // A backslash, a quote, a colon, a space, a backslash, a quote; an id; a backslash, a quote.
      if (load<u64>(end) << 16 !== 0x225c203a225c0000 || load<u16>(end, 33) !== 0x225c) return 0;
      const id = timeAt(end + 6);
      if (id === NO_TIME || !isLockName(name) || nextString(node) >= this.stop) return 0;
      if (last !== EMPTY && compare(last, name) >= 0) return 0;
      node = inline.always(putNode(node, name, kind));
      node = inline.always(putNode(node, id, 0));
      this.node = node;
      if (load<u8>(end, 35) === 0x7d) return end + 36;
      if (load<u16>(end, 35) !== 0x202c) return 0;
      last = name;
      at = end + 36;
    }
  }
}

/** The text of a databag of which nodes were made: JSON as it stands in the input. */
export function textOfOwn(databag: Node): Slice {
  return sliceOf(braceOf(databag), countOf(databag));
}

/** Where a value begins, right behind its key, a quote and a colon. */
function braceOf(databag: Node): usize {
  const key = textOf(keyOf(databag));
  return addressOf(key) + <usize>lengthOf(key) + 2;
}

/** The address behind a text, if that stands here; else 0, where none stands. */
function behind(at: usize, text: Slice): usize {
  const length = lengthOf(text);
  return areSame(at, addressOf(text), length) ? at + <usize>length : 0;
}
