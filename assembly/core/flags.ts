/** The flags (rule 10): `coordinator.requested.{lock}` while waiting, `coordinator.granted.{lock}` while held, never both. */
import { firstOf, Node, nextOf, textOf } from "../json/document";
import { Names } from "../json/names";
import { Slice } from "../json/slice";
import { Text } from "../json/text";
import { startsWith, t, Word } from "../json/word";
import { Writer } from "../json/writer";

const GRANTED: Word = t("coordinator.granted.");
const REQUESTED: Word = t("coordinator.requested.");

/** What is known of a flag: whether it is set now, and whether it should be. */
const NOW: i32 = 1;
const WANTED: i32 = 2;

export class Flags {
  private names: Names = new Names();
  private states: Array<i32> = new Array<i32>();

  /** Takes over the flags that are set when the hook begins; others than ours are left alone. */
  read(list: Node): void {
    const stop = nextOf(list);
    for (let item = firstOf(list); item < stop; item = nextOf(item)) {
      const name = textOf(item);
      if (startsWith(name, GRANTED) || startsWith(name, REQUESTED)) this.mark(name, NOW);
    }
  }

  /** Begins a new picture: no flag is wanted until `want` says so. */
  reset(): void {
    for (let i = 0; i < this.states.length; i++) this.states[i] &= NOW;
  }

  want(lock: Slice, granted: bool): void {
    const name = new Text().ascii(granted ? GRANTED : REQUESTED).bytes(lock);
    this.mark(name.slice(), WANTED);
  }

  /** Whether anything has to be set or cleared. */
  get hasChanges(): bool {
    for (let i = 0; i < this.states.length; i++) {
      if (this.states[i] === NOW || this.states[i] === WANTED) return true;
    }
    return false;
  }

  /** Writes the members `set` and `clear` and takes it as done. */
  writeChanges(out: Writer): void {
    this.writeList(WANTED, out.key(t("set")));
    this.writeList(NOW, out.key(t("clear")));
    for (let i = 0; i < this.states.length; i++) this.states[i] = this.states[i] & WANTED ? NOW : 0;
  }

  private writeList(state: i32, out: Writer): void {
    out.list();
    for (let i = 0; i < this.states.length; i++) {
      if (this.states[i] === state) out.string(this.names.at(i));
    }
    out.endList();
  }

  private mark(name: Slice, state: i32): void {
    const number = this.names.add(name);
    if (number === this.states.length) this.states.push(0);
    this.states[number] |= state;
  }
}
