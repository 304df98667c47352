import { Slice } from "../json/slice";
import { decimal, fill } from "../json/text";
import { isText, t } from "../json/word";

/** The keys under which everything is written, in databags, leader settings and the application databag. */
export class Keys {
  /** `coordinator-v1`: what the old format cannot hold. */
  extra: Slice;
  /** `coordinator-generation`: written before grants are read again; see rule 8. */
  generation: Slice;
  /** `coordinator-r`: what the keys of reigns begin with. */
  reignPrefix: Slice;
  /** Whether they are those that everybody uses who does not say otherwise. */
  areUsual: bool;

  /** `coordinator`: the old library's key. */
  constructor(public plain: Slice) {
    this.areUsual = isText(plain, t("coordinator"));
    this.extra = fill(t("{}-v1"), plain);
    this.generation = fill(t("{}-generation"), plain);
    this.reignPrefix = fill(t("{}-r"), plain);
  }

  /** `coordinator-r7`: the grants of one reign. */
  reign(number: i64): Slice {
    return fill(t("{}{}"), this.reignPrefix, decimal(number));
  }
}
