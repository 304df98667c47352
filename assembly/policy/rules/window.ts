import { firstOf, NONE, Node, nextOf, textOf } from "../../json/document";
import { addressOf, lengthOf, Slice, tail } from "../../json/slice";
import { fill, Text } from "../../json/text";
import { DAY, NO_TIME, parseTime, SECOND, secondsAfter } from "../../json/time";
import { bytesOf, placeOf, t, Word, wordAt } from "../../json/word";
import { Facts } from "../facts";
import { Fields } from "../fields";
import { Rule, WINDOW } from "../rule";

const DAYS: Word = t("mon tue wed thu fri sat sun");
const MINUTE: u64 = 60 * SECOND;
const DAY_MINUTES: i32 = 1440;
const WEEK: i32 = 7 * DAY_MINUTES;
/** How long after a Monday's midnight time begins: 1 March of the year 0 was a Wednesday. */
const BEGINNING: i32 = 2 * DAY_MINUTES;
const BAD: i32 = i32.MIN_VALUE;

/**
 * Only from one time of day to another, on some days or on all; over midnight where the second is not later than the first, and
 * then the day is that on which the window opens. Holders keep what they have when it closes. All is reckoned in whole minutes, on
 * the circle of a week.
 */
export class Window extends Rule {
  /** A bit for each day, Monday's the lowest. */
  private days: i32 = 127;
  private from: Slice;
  private offset: Slice;
  /** Minutes: from midnight to the opening, how long it stays open, and how much local time is ahead of UTC. */
  private opening: i32;
  private length: i32;
  private ahead: i32;
  /** The day on which it opens next. */
  private next: i32 = 0;

  constructor(fields: Fields) {
    super(WINDOW, fields);
    const days = fields.strings(t("days"));
    this.from = fields.text(t("from"));
    this.opening = readClock(t("from"), this.from, fields);
    const to = readClock(t("to"), fields.text(t("to")), fields);
    this.offset = fields.text(t("offset"), bytesOf(t("+00:00")));
    this.ahead = offsetOf(this.offset);
    if (days !== NONE) this.days = daysIn(days);
    if (this.days === 0) fields.fail(t("days"), t("expected days such as mon"));
    if (this.ahead === BAD)
      fields.fail(t("offset"), t("expected an offset from UTC such as +02:00"));
    this.length = to - this.opening;
    if (this.length <= 0) this.length += DAY_MINUTES;
  }

  prepare(facts: Facts): void {
    const minutes = facts.now / MINUTE;
    const now = <i32>(minutes % WEEK) + BEGINNING + this.ahead;
    let wait = WEEK;
    for (let day = 0; day < 7; day++) {
      if ((this.days & (1 << day)) === 0) continue;
      // Now is less than two weeks behind a Monday's midnight, and may be before it.
      const since = (now - day * DAY_MINUTES - this.opening + 2 * WEEK) % WEEK;
      if (since < this.length) wait = 0;
      if (WEEK - since >= wait) continue;
      wait = WEEK - since;
      this.next = day;
    }
    this.until = wait === 0 ? NO_TIME : secondsAfter(minutes * MINUTE, wait * 60);
  }

  closes(lock: i32, facts: Facts): bool {
    return this.until !== NO_TIME;
  }

  /** `window opens Sat 02:00 +02:00`. */
  reason(unit: i32, lock: i32, facts: Facts): Slice {
    const day = wordAt(DAYS, this.next);
    const name = new Text().byte(<i32>load<u8>(addressOf(day)) & 0xdf).bytes(tail(day, 1));
    return fill(t("window opens {} {} {}"), name.slice(), this.from, this.offset);
  }
}

function readClock(name: Word, text: Slice, fields: Fields): i32 {
  const clock = clockOf(text);
  if (clock === BAD) fields.fail(name, t("expected a time of day such as 22:00"));
  return clock;
}

/** The bits of days that are named; 0 if one is no day. */
function daysIn(list: Node): i32 {
  let days = 0;
  const stop = nextOf(list);
  for (let item = firstOf(list); item < stop; item = nextOf(item)) {
    const day = placeOf(textOf(item), DAYS);
    if (day < 0) return 0;
    days |= 1 << day;
  }
  return days;
}

/** `22:00` in minutes; BAD if it is no time of day. */
function clockOf(text: Slice): i32 {
  const time = new Text().ascii(t("2000-01-01 ")).bytes(text).ascii(t(":00.000000Z"));
  const parsed = parseTime(time.slice());
  return parsed === NO_TIME ? BAD : <i32>((parsed % DAY) / MINUTE);
}

/** `+02:00` in minutes; BAD if it is no offset. */
function offsetOf(text: Slice): i32 {
  if (lengthOf(text) !== 6) return BAD;
  const sign = load<u8>(addressOf(text));
  const clock = clockOf(tail(text, 1));
  if (sign === 0x2b || clock === BAD) return clock;
  return sign === 0x2d ? -clock : BAD;
}
