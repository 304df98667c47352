/** The first thing that is wrong in what is being read, and where: `policy.rules[2].max`. */
import { EMPTY, Slice } from "../json/slice";
import { Text } from "../json/text";
import { bytesOf, Word } from "../json/word";

export class Faults {
  /** What is wrong, and at which path; both EMPTY if nothing is. */
  what: Slice = EMPTY;
  path: Slice = EMPTY;
  private here: Text = new Text();

  /** Begins with the name of the whole. */
  constructor(root: Word) {
    this.here.ascii(root);
  }

  get isNone(): bool {
    return this.what === EMPTY;
  }

  /** Goes on to a member; answers what to give to `leave`. */
  enter(name: Slice): i32 {
    const length = this.here.length;
    this.here.byte(0x2e).bytes(name);
    return length;
  }

  /** The same with an item of a list. */
  enterItem(place: i32): i32 {
    const length = this.here.length;
    this.here.byte(0x5b).number(place).byte(0x5d);
    return length;
  }

  leave(length: i32): void {
    this.here.cut(length);
  }

  /** Notes a fault, if it is the first, where reading is. */
  fail(what: Word): void {
    this.failWith(bytesOf(what));
  }

  failWith(what: Slice): void {
    if (!this.isNone) return;
    this.what = what;
    this.path = new Text().bytes(this.here.slice()).slice();
  }

  /** The same in a member. */
  failIn(name: Slice, what: Slice): void {
    const length = this.enter(name);
    this.failWith(what);
    this.leave(length);
  }
}
