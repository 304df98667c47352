import { Slice } from "../json/slice";
import { Text } from "../json/text";
import { t } from "../json/word";

/** The keys under which everything is written, in databags, leader settings and the application databag. */
export class Keys {
  /** `coordinator-v1`: what the old format cannot hold. */
  extra: Slice;
  /** `coordinator-generation`: written before grants are read again; see rule 8. */
  generation: Slice;

  /** `coordinator`: the old library's key. */
  constructor(public plain: Slice) {
    this.extra = new Text().bytes(plain).ascii(t("-v1")).slice();
    this.generation = new Text().bytes(plain).ascii(t("-generation")).slice();
  }

  /** `coordinator-r7`: the grants of one reign. */
  reign(number: i64): Slice {
    return new Text()
      .bytes(this.reignPrefix())
      .number(<u64>number)
      .slice();
  }

  reignPrefix(): Slice {
    return new Text().bytes(this.plain).ascii(t("-r")).slice();
  }
}
