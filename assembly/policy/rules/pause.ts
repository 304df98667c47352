import { Slice } from "../../json/slice";
import { bytesOf, t } from "../../json/word";
import { PAUSE, Rule } from "../rule";
import { Tally } from "../tally";

/** Nothing new is granted; what is held stays held. */
export class Pause extends Rule {
  constructor() {
    super(PAUSE);
  }

  closes(lock: i32, tally: Tally): bool {
    return true;
  }

  reason(unit: i32, lock: i32, tally: Tally): Slice {
    return bytesOf(t("paused"));
  }
}
