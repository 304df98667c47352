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
/** "0000-00-", "0-00-00 ", "00:00:00" and ".000000Z", lowest byte first, and where their signs stand. */
const YEAR: u64 = 0x2d30302d30303030;
const YEAR_SIGNS: u64 = 0xff0000ff00000000;
const MONTH_DAY: u64 = 0x2030302d30302d30;
const MONTH_DAY_SIGNS: u64 = 0xff0000ff0000ff00;
const CLOCK: u64 = 0x30303a30303a3030;
const CLOCK_SIGNS: u64 = 0x0000ff0000ff0000;
const FRACTION: u64 = 0x5a3030303030302e;
const FRACTION_SIGNS: u64 = 0xff000000000000ff;
const BAD: u64 = u64.MAX_VALUE;
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
  const clock = inline.always(pairs(from + 11, CLOCK, CLOCK_SIGNS));
  const fraction = inline.always(pairs(from + 19, FRACTION, FRACTION_SIGNS));
  if (clock === BAD || fraction === BAD) return NO_TIME;
  const hour = inline.always(pair(clock, 0));
  const minute = inline.always(pair(clock, 3));
  const second = inline.always(pair(clock, 6));
  if (hour > 23 || minute > 59 || second > 59) return NO_TIME;
  // Most ids that are read one after the other are of one day.
  const year = load<u64>(from);
  const monthDay = load<u64>(from + 3);
  if (year !== lastYear || monthDay !== lastMonthDay) {
    lastDay = dayAt(from);
    lastYear = year;
    lastMonthDay = monthDay;
  }
  if (lastDay === NO_TIME) return NO_TIME;
  const seconds = (hour * 60 + minute) * 60 + second;
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
  const date = pairs(from, YEAR, YEAR_SIGNS);
  const rest = pairs(from + 3, MONTH_DAY, MONTH_DAY_SIGNS);
  if (date === BAD || rest === BAD) return NO_TIME;
  const year = pair(date, 0) * 100 + pair(date, 2);
  const month = pair(date, 5);
  const day = pair(rest, 5);
  if (year < 1 || month < 1 || month > 12 || day < 1 || day > daysIn(year, month)) return NO_TIME;
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

/** A time as it is written everywhere. */
export function timeText(time: Time): Slice {
  const to = alloc(LENGTH);
  const rest = time % DAY;
  const seconds = <i32>(rest / SECOND);
  store<u64>(to, YEAR);
  store<u64>(to + 3, MONTH_DAY);
  store<u64>(to + 11, CLOCK);
  store<u64>(to + 19, FRACTION);
  const clock = (seconds / 3600) * 10000 + ((seconds / 60) % 60) * 100 + (seconds % 60);
  putDigits(to, 10, dateOf(<i32>(time / DAY)));
  putDigits(to + 11, 8, clock);
  putDigits(to + 20, 6, <i32>(rest % SECOND));
  return sliceOf(to, LENGTH);
}

/** Writes the digits of a number over the zeros among so many bytes, from the last one on. */
function putDigits(from: usize, length: i32, number: i32): void {
  let rest = number;
  for (let at = from + <usize>length - 1; at >= from; at--) {
    if (load<u8>(at) !== 0x30) continue;
    store<u8>(at, 0x30 + (rest % 10));
    rest /= 10;
  }
}

/**
 * Eight bytes at once: `form` says what they must look like, with 0 for any digit, `signs` which of them are no digits. Each byte
 * of the result is ten times the digit in its place plus the next one; BAD if the form does not fit.
 */
function pairs(from: usize, form: u64, signs: u64): u64 {
  const digits = load<u64>(from) ^ form;
  // Adding 0x76 lifts all above nine to the highest bit.
  const strange =
    (((digits + 0x7676767676767676) | digits) & 0x8080808080808080) | (digits & signs);
  return strange !== 0 ? BAD : digits * 10 + (digits >> 8);
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
  const era = days / 146097;
  const inEra = days % 146097;
  const yearOfEra = (inEra - inEra / 1460 + inEra / 36524 - inEra / 146096) / 365;
  const inYear = inEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100);
  const m = (5 * inYear + 2) / 153;
  const day = inYear - (153 * m + 2) / 5 + 1;
  const month = m < 10 ? m + 3 : m - 9;
  const year = era * 400 + yearOfEra + (month <= 2 ? 1 : 0);
  return year * 10000 + month * 100 + day;
}
