import {
  ARRAY,
  firstOf,
  kindOf,
  Node,
  nextOf,
  OBJECT,
  STRING,
  sortedKeys,
  textOf,
  valueOf,
} from "./document";
import { EMPTY, Slice } from "./slice";
import { Text } from "./text";
import { Time, timeText } from "./time";
import { bytesOf, t, Word, wordAt } from "./word";

/**
 * Writes JSON as Python's `json.dumps` does: `", "` and `": "` between, ASCII only. The one JSON writer: units of the old
 * library compare and read these very bytes. Commas come by themselves; keys must be given in order.
 */
export class Writer {
  private text: Text = new Text();
  private isFirst: bool = true;

  /** Bytes so far; in a document within a document without what is escaped for that reason alone. */
  get length(): i32 {
    return this.text.plainLength;
  }

  slice(): Slice {
    return this.text.slice();
  }

  object(): Writer {
    return this.open(0x7b);
  }

  endObject(): Writer {
    return this.close(0x7d);
  }

  list(): Writer {
    return this.open(0x5b);
  }

  endList(): Writer {
    return this.close(0x5d);
  }

  /** A key of the core's own. */
  key(word: Word): Writer {
    this.item().plain(bytesOf(word));
    return this.colon();
  }

  /** A key that is data: a unit, a lock. */
  name(slice: Slice): Writer {
    this.item().quoted(slice);
    return this.colon();
  }

  /** A key of the core's own, and a text as its value. */
  field(word: Word, value: Slice): Writer {
    return this.key(word).string(value);
  }

  /** The same of a key that is data. */
  entry(name: Slice, value: Slice): Writer {
    return this.name(name).string(value);
  }

  string(slice: Slice): Writer {
    this.item().quoted(slice);
    return this;
  }

  /** A time as a string; its text needs no escapes. */
  time(time: Time): Writer {
    this.item().plain(timeText(time));
    return this;
  }

  word(word: Word): Writer {
    return this.string(bytesOf(word));
  }

  /** Begins a string which is a document itself, up to `endText`. It holds no other such. */
  beginText(): Writer {
    this.item().inner(true);
    this.isFirst = true;
    return this;
  }

  endText(): Writer {
    this.text.inner(false);
    this.isFirst = false;
    return this;
  }

  /** A list of words divided by single spaces. */
  words(words: Word): Writer {
    this.list();
    let place = 0;
    while (true) {
      const word = wordAt(words, place);
      if (word === EMPTY) return this.endList();
      this.string(word);
      place += 1;
    }
  }

  whole(value: u64): Writer {
    this.item().number(value);
    return this;
  }

  bool(value: bool): Writer {
    this.item().ascii(value ? t("true") : t("false"));
    return this;
  }

  /** JSON that is written already, without brackets or commas around it. */
  raw(slice: Slice): Writer {
    this.item().bytes(slice);
    return this;
  }

  /** A value that was read: keys sorted, numbers with the digits they came with. */
  value(node: Node): Writer {
    const kind = kindOf(node);
    if (kind === STRING) return this.string(textOf(node));
    if (kind !== ARRAY && kind !== OBJECT) return this.raw(textOf(node));
    const stop = nextOf(node);
    if (kind === ARRAY) {
      this.list();
      for (let item = firstOf(node); item < stop; item = nextOf(item)) this.value(item);
      return this.endList();
    }
    const keys = sortedKeys(firstOf(node), stop);
    this.object();
    for (let i = 0; i < keys.length; i++) this.name(textOf(keys[i])).value(valueOf(keys[i]));
    return this.endObject();
  }

  private colon(): Writer {
    // A colon and a space.
    this.text.two(0x203a);
    this.isFirst = true;
    return this;
  }

  private item(): Text {
    // A comma and a space.
    if (!this.isFirst) this.text.two(0x202c);
    this.isFirst = false;
    return this.text;
  }

  private open(bracket: i32): Writer {
    this.item().byte(bracket);
    this.isFirst = true;
    return this;
  }

  private close(bracket: i32): Writer {
    this.text.byte(bracket);
    this.isFirst = false;
    return this;
  }
}
