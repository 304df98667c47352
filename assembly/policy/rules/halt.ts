import {
  firstOf,
  isString,
  NONE,
  Node,
  nextKey,
  nextOf,
  textOf,
  valueOf,
} from "../../json/document";
import { Slice } from "../../json/slice";
import { contains } from "../../json/strings";
import { decimal, fill } from "../../json/text";
import { bytesOf, isText, t } from "../../json/word";
import { Facts } from "../facts";
import { Fields } from "../fields";
import { HALT, Rule } from "../rule";

/** Nothing new once so many units have failed: goal-state shows them with one of these statuses. Nothing, too, where it shows none at all. */
export class Halt extends Rule {
  private most: u64;
  private statuses: Node;
  private failed: u64 = 0;
  /** The key of one that has failed. */
  private one: Node = NONE;

  constructor(fields: Fields) {
    super(HALT, fields);
    this.most = fields.mainWhole(t("failed"));
    this.statuses = fields.strings(t("status"));
    fields.needs.units = true;
  }

  prepare(facts: Facts): void {
    this.failed = 0;
    const stop = nextOf(facts.statuses);
    for (let key = firstOf(facts.statuses); key < stop; key = nextKey(key)) {
      if (!this.isFailure(valueOf(key))) continue;
      this.failed += 1;
      this.one = key;
    }
  }

  closes(lock: i32, facts: Facts): bool {
    return facts.statuses === NONE || this.failed >= this.most;
  }

  /** `2 failed, app/3 (error) among them`. */
  reason(unit: i32, lock: i32, facts: Facts): Slice {
    if (facts.statuses === NONE) return bytesOf(t("what goal-state says is not known"));
    const message = t("{} failed, {} ({}) among them");
    return fill(message, decimal(this.failed), textOf(this.one), textOf(valueOf(this.one)));
  }

  private isFailure(status: Node): bool {
    if (!isString(status)) return false;
    return this.statuses === NONE
      ? isText(textOf(status), t("error"))
      : contains(this.statuses, textOf(status));
  }
}
