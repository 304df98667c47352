import { Slice } from "../../json/slice";
import { bytesOf, t } from "../../json/word";
import { Facts } from "../facts";
import { Fields } from "../fields";
import { PAUSE, Rule } from "../rule";

/** Nothing new is granted; what is held stays held. */
export class Pause extends Rule {
  constructor(fields: Fields) {
    super(PAUSE, fields);
  }

  closes(lock: i32, facts: Facts): bool {
    return true;
  }

  reason(unit: i32, lock: i32, facts: Facts): Slice {
    return bytesOf(t("paused"));
  }
}
