import { firstOf, NONE, Node, nextOf, textOf } from "../../json/document";
import { Slice } from "../../json/slice";
import { decimal, fill } from "../../json/text";
import { NO_TIME, SECOND, secondsAfter, Time } from "../../json/time";
import { t } from "../../json/word";
import { Facts } from "../facts";
import { Fields } from "../fields";
import { CANARY, mustPass, Rule } from "../rule";

const NOBODY: i32 = -1;

/** How far the named units are with a lock. */
class Progress {
  /** One that waits for it or holds it. */
  busy: i32 = NOBODY;
  /** The one that released it first, and when; NO_TIME if it never did. */
  slowest: i32 = NOBODY;
  first: Time = NO_TIME;
  /** The latest release. */
  last: Time = NO_TIME;
}

/**
 * First the units named; all others once these have had the lock and given it back, which must be some time ago. That they have done
 * so for an earlier rollout does not count: it must be `within` so many seconds before the request, or later. Named units that
 * are no members are passed over.
 */
export class Canary extends Rule {
  private units: Node;
  private seconds: u64;
  private within: u64;
  /** By unit: whether it is named. */
  private named: Array<i32> = new Array<i32>();
  /** By lock, once it has been looked at. */
  private progress: Array<Progress | null> = new Array<Progress | null>();

  constructor(fields: Fields) {
    super(CANARY, fields);
    this.units = fields.strings(t("units"));
    this.seconds = fields.whole(t("seconds"), 0);
    this.within = fields.whole(t("within"), 3600);
    if (this.units === NONE) fields.fail(t("units"), t("expected a list of units"));
    fields.needs.addReleases(this.units);
  }

  prepare(facts: Facts): void {
    this.named = facts.placesIn(this.units);
    this.progress = new Array<Progress | null>(facts.lockCount);
  }

  permits(unit: i32, lock: i32, facts: Facts): bool {
    if (this.named[unit] !== 0) return true;
    return this.laggard(unit, lock, facts) === NOBODY && this.opens(lock, facts) <= facts.now;
  }

  reason(unit: i32, lock: i32, facts: Facts): Slice {
    const progress = this.progressOf(lock, facts);
    const laggard = this.laggard(unit, lock, facts);
    this.until = laggard === NOBODY ? this.opens(lock, facts) : NO_TIME;
    if (laggard === NOBODY) return mustPass(lock, progress.last, this.seconds, facts);
    const name = facts.unitName(laggard);
    if (progress.busy !== NOBODY)
      return fill(t("{} goes first, and is not done with {}"), name, facts.lockName(lock));
    const message = t(
      "{} goes first, and has not released {} since {} seconds before this request",
    );
    return fill(message, name, facts.lockName(lock), decimal(this.within));
  }

  /** A named unit that is not done with a lock, or was so too long before this request; NOBODY if there is none. */
  private laggard(unit: i32, lock: i32, facts: Facts): i32 {
    const progress = this.progressOf(lock, facts);
    if (progress.busy !== NOBODY || progress.slowest === NOBODY) return progress.busy;
    const isDone = progress.first + this.within * SECOND >= facts.idOf(unit, lock);
    return isDone && progress.first !== NO_TIME ? NOBODY : progress.slowest;
  }

  private opens(lock: i32, facts: Facts): Time {
    return secondsAfter(this.progressOf(lock, facts).last, this.seconds);
  }

  /** Whoever waits or holds does either until the decision's end: to look once is enough. */
  private progressOf(lock: i32, facts: Facts): Progress {
    const known = this.progress[lock];
    if (known !== null) return known;
    const progress = new Progress();
    this.progress[lock] = progress;
    const stop = nextOf(this.units);
    for (let item = firstOf(this.units); item < stop; item = nextOf(item)) {
      const unit = facts.unitNamed(textOf(item));
      if (unit < 0 || !facts.isMember(unit)) continue;
      const released = facts.releaseOf(unit, lock);
      if (facts.wants(unit, lock)) progress.busy = unit;
      if (progress.slowest === NOBODY || released < progress.first) {
        progress.slowest = unit;
        progress.first = released;
      }
      progress.last = max(progress.last, released);
    }
    return progress;
  }
}
