import { NONE } from "../../json/document";
import { Slice } from "../../json/slice";
import { NO_TIME, secondsAfter, Time } from "../../json/time";
import { t } from "../../json/word";
import { Facts } from "../facts";
import { Fields } from "../fields";
import { COOLDOWN, mustPass, Rule } from "../rule";

/** So many seconds after the last release of a lock, nobody; for each lock by itself. */
export class Cooldown extends Rule {
  private seconds: u64;

  constructor(fields: Fields) {
    super(COOLDOWN, fields);
    this.seconds = fields.mainWhole(t("seconds"));
    fields.needs.addReleases(NONE);
  }

  closes(lock: i32, facts: Facts): bool {
    return this.opens(lock, facts) > facts.now;
  }

  reason(unit: i32, lock: i32, facts: Facts): Slice {
    this.until = this.opens(lock, facts);
    return mustPass(lock, facts.lastRelease(lock), this.seconds, facts);
  }

  private opens(lock: i32, facts: Facts): Time {
    const released = facts.lastRelease(lock);
    return released === NO_TIME ? NO_TIME : secondsAfter(released, this.seconds);
  }
}
