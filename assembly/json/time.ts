/**
 * Times, as JSON carries them: `2026-11-22 09:52:56.123456Z`, UTC, as the old library writes it. A request's id is the time of the request. Inside
 * the core it is the number of microseconds since the year 0: the text and the number stand for each other exactly, so
 * comparing numbers is comparing texts bytewise.
 */
import { addressOf, alloc, lengthOf, Slice, sliceOf } from "./slice";

export type Time = u64;

/** Not a time: what is not written exactly so, or names a day or an hour that does not exist. */
export const NO_TIME: Time = 0;

const LENGTH: i32 = 27;
/**
 * "0000-00-", "0-00-00 ", "00:00:00" and ".000000Z", lowest byte first; and what reaches the highest bit of a byte when it is added to a
 * digit over nine, or to what is not the sign that stands there.
 */
const YEAR: u64 = 0x2d30302d30303030;
const YEAR_LIMITS: u64 = 0x7f76767f76767676;
const MONTH_DAY: u64 = 0x2030302d30302d30;
const MONTH_DAY_LIMITS: u64 = 0x7f76767f76767f76;
const CLOCK: u64 = 0x30303a30303a3030;
const CLOCK_LIMITS: u64 = 0x76767f76767f7676;
const FRACTION: u64 = 0x5a3030303030302e;
const FRACTION_LIMITS: u64 = 0x7f7676767676767f;
/** The same for an hour from 24 on, and for a minute and a second from 60 on. */
const PAIR_LIMITS: u64 = 0x0044000044000068;
const PAIR_HIGHEST: u64 = 0x0080000080000080;
/** In microseconds. */
export const SECOND: u64 = 1000000;
export const DAY: u64 = 86400000000;
/** 9999-12-31 23:59:59.999999Z. */
const LAST: u64 = 315564335999999999;

export function parseTime(text: Slice): Time {
  return lengthOf(text) === LENGTH ? timeAt(addressOf(text)) : NO_TIME;
}

/** The time that is written in the 27 bytes from here on, or NO_TIME. */
export function timeAt(from: usize): Time {
  strange = 0;
  const clock = pairsAt(from + 11, CLOCK, CLOCK_LIMITS);
  const fraction = pairsAt(from + 19, FRACTION, FRACTION_LIMITS);
  if ((strange | ((clock + PAIR_LIMITS) & PAIR_HIGHEST)) !== 0) return NO_TIME;
  // Most ids that are read one after the other are of one day.
  const year = load<u64>(from);
  const monthDay = load<u64>(from + 3);
  if (year !== lastYear || monthDay !== lastMonthDay) {
    lastDay = dayAt(from);
    lastYear = year;
    lastMonthDay = monthDay;
  }
  if (lastDay === NO_TIME) return NO_TIME;
  const seconds =
    (inline.always(pair(clock, 0)) * 60 + inline.always(pair(clock, 3))) * 60 +
    inline.always(pair(clock, 6));
  const microsecond =
    (inline.always(pair(fraction, 1)) * 100 + inline.always(pair(fraction, 3))) * 100 +
    inline.always(pair(fraction, 5));
  return lastDay + <u64>seconds * SECOND + <u64>microsecond;
}

let lastYear: u64 = 0;
let lastMonthDay: u64 = 0;
let lastDay: Time = NO_TIME;

/** The beginning of the day that is written in the 11 bytes from here on, or NO_TIME. */
function dayAt(from: usize): Time {
  const date = pairsAt(from, YEAR, YEAR_LIMITS);
  const day = pair(pairsAt(from + 3, MONTH_DAY, MONTH_DAY_LIMITS), 5);
  const year = pair(date, 0) * 100 + pair(date, 2);
  const month = pair(date, 5);
  const isDay = strange === 0 && year > 0 && month > 0 && month < 13 && day > 0;
  if (!isDay || day > daysIn(year, month)) return NO_TIME;
  return <u64>dayNumber(year, month, day) * DAY;
}

/** The next time that can be written, or NO_TIME after the year 9999. */
export function timeAfter(time: Time): Time {
  return time >= LAST ? NO_TIME : time + 1;
}

/** So many seconds later, if that can be written; else the last time that can. */
export function secondsAfter(time: Time, seconds: u64): Time {
  return min(time + seconds * SECOND, LAST);
}

/** Where times are written, and the day that stands there. */
const written: usize = alloc(LENGTH);
let writtenDay: Time = 0;

/** A time as it is written everywhere. The text is good until the next one is made. */
export function timeText(time: Time): Slice {
  // Unsigned: a time before that day is not within it either.
  if (time - writtenDay >= DAY) {
    const day = <u32>(time / DAY);
    const date = dateOf(day);
    writtenDay = <u64>day * DAY;
    store<u64>(written + 3, MONTH_DAY | digits(date % 100, 40));
    const month = digits((date / 100) % 100, 40);
    store<u64>(
      written,
      YEAR | digits(date / 1000000, 0) | digits((date / 10000) % 100, 16) | month,
    );
  }
  const rest = time - writtenDay;
  // A million is 64 times 15,625: so the division is one of 32 bits.
  const seconds = <u32>(rest >> 6) / 15625;
  const microsecond = <u32>rest - seconds * 1000000;
  const clock = digits((seconds / 60) % 60, 24) | digits(seconds % 60, 48);
  store<u64>(written + 11, CLOCK | digits(seconds / 3600, 0) | clock);
  const fraction = digits((microsecond / 100) % 100, 24) | digits(microsecond % 100, 40);
  store<u64>(written + 19, FRACTION | digits(microsecond / 10000, 8) | fraction);
  return sliceOf(written, LENGTH);
}

/** The two digits of a number, as two bytes of eight that have a zero there. */
function digits(number: u32, shift: u64): u64 {
  return (<u64>(number / 10 + ((number % 10) << 8))) << shift;
}

/** What was no digit, or not the sign that must stand there, where `pairsAt` has looked; 0 if all was as it must be. */
let strange: u64 = 0;

/** Eight bytes, each digit made ten times itself and the next one. `form` has zeros for the digits. */
function pairsAt(from: usize, form: u64, limits: u64): u64 {
  const digits = load<u64>(from) ^ form;
  strange |= ((digits + limits) | digits) & 0x8080808080808080;
  return digits * 10 + (digits >> 8);
}

function pair(pairs: u64, at: u64): i32 {
  return <i32>(pairs >> (at << 3)) & 255;
}

function isLeap(year: i32): bool {
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
}

function daysIn(year: i32, month: i32): i32 {
  if (month === 2) return isLeap(year) ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}

/** Days since 1 March of the year 0 (the year is taken to begin in March, so that the leap day is its last). */
function dayNumber(year: i32, month: i32, day: i32): i32 {
  const y = month <= 2 ? year - 1 : year;
  const m = month <= 2 ? month + 9 : month - 3;
  return 365 * y + y / 4 - y / 100 + y / 400 + (153 * m + 2) / 5 + day - 1;
}

/** The date of a day number, as the decimal number YYYYMMDD. */
function dateOf(days: i32): i32 {
  let year = days / 365 + 1;
  while (dayNumber(year, 1, 1) > days) year -= 1;
  let month = 12;
  while (dayNumber(year, month, 1) > days) month -= 1;
  return year * 10000 + month * 100 + days - dayNumber(year, month, 1) + 1;
}
