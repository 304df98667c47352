/** The flags (rule 10): `coordinator.requested.{lock}` while waiting, `coordinator.granted.{lock}` while held, never both. */
import { firstOf, kindOf, nextOf, Node, STRING, textOf } from "../json/document";
import { Names } from "../json/names";
import { Slice } from "../json/slice";
import { Text } from "../json/text";
import { startsWith, t, Word } from "../json/word";
import { Writer } from "../json/writer";

const GRANTED: Word = t("coordinator.granted.");
const REQUESTED: Word = t("coordinator.requested.");

export class Flags {
  private names: Names = new Names();
  private now: Array<bool> = new Array<bool>();
  private wanted: Array<bool> = new Array<bool>();

  /** Takes over the flags that are set when the hook begins; others than ours are left alone. */
  read(list: Node): void {
    const stop = nextOf(list);
    for (let item = firstOf(list); item < stop; item = nextOf(item)) {
      if (kindOf(item) !== STRING) continue;
      if (startsWith(textOf(item), GRANTED) || startsWith(textOf(item), REQUESTED))
        this.now[this.number(textOf(item))] = true;
    }
  }

  /** Begins a new picture: no flag is wanted until `want` says so. */
  reset(): void {
    for (let i = 0; i < this.wanted.length; i++) this.wanted[i] = false;
  }

  want(lock: Slice, granted: bool): void {
    const name = new Text()
      .ascii(granted ? GRANTED : REQUESTED)
      .bytes(lock)
      .slice();
    this.wanted[this.number(name)] = true;
  }

  /** Whether anything has to be set or cleared. */
  get hasChanges(): bool {
    for (let i = 0; i < this.now.length; i++) {
      if (this.now[i] !== this.wanted[i]) return true;
    }
    return false;
  }

  /** Writes the members `set` and `clear` and takes it as done. */
  writeChanges(out: Writer): void {
    this.writeList(true, out.key(t("set")));
    this.writeList(false, out.key(t("clear")));
    for (let i = 0; i < this.now.length; i++) this.now[i] = this.wanted[i];
  }

  private writeList(set: bool, out: Writer): void {
    out.list();
    for (let i = 0; i < this.now.length; i++) {
      if (this.wanted[i] === set && this.now[i] !== set) out.string(this.names.at(i));
    }
    out.endList();
  }

  private number(name: Slice): i32 {
    const number = this.names.add(name);
    if (number === this.now.length) {
      this.now.push(false);
      this.wanted.push(false);
    }
    return number;
  }
}
