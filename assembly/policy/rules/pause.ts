import { Text } from "../../json/text";
import { t, Word } from "../../json/word";
import { Rule } from "../rule";
import { Tally } from "../tally";

/** Nothing new is granted; what is held stays held. */
export class Pause extends Rule {
  name(): Word {
    return t("pause");
  }

  permits(unit: i32, lock: i32, tally: Tally): bool {
    return false;
  }

  reason(unit: i32, lock: i32, tally: Tally, out: Text): void {
    out.ascii(t("paused"));
  }
}
