/**
 * Request ids. An id is the UTC time of its request, `2026-11-22 09:52:56.123456Z`, as the old library writes it. Inside the core
 * it is the number of microseconds since the year 0: the text and the number stand for each other exactly, so comparing
 * numbers is comparing texts bytewise.
 */
import { addressOf, lengthOf, Slice } from "../json/slice";
import { Text } from "../json/text";

export type Time = u64;

/** Not a time: what is not written exactly so, or names a day or an hour that does not exist. */
export const NO_TIME: Time = 0;

const LENGTH: i32 = 27;
const MICROSECONDS_A_DAY: u64 = 86400000000;
/** 9999-12-31 23:59:59.999999Z. */
const LAST: u64 = 315564335999999999;

export function parseTime(text: Slice): Time {
  if (lengthOf(text) !== LENGTH) return NO_TIME;
  const from = addressOf(text);
  if (!marks(from)) return NO_TIME;
  const year = field(from, 0, 4);
  const month = field(from, 5, 2);
  const day = field(from, 8, 2);
  const hour = field(from, 11, 2);
  const minute = field(from, 14, 2);
  const second = field(from, 17, 2);
  const microsecond = field(from, 20, 6);
  if (year < 1 || month < 1 || month > 12 || day < 1 || day > daysIn(year, month)) return NO_TIME;
  if (
    hour < 0 ||
    hour > 23 ||
    minute < 0 ||
    minute > 59 ||
    second < 0 ||
    second > 59 ||
    microsecond < 0
  )
    return NO_TIME;
  const seconds = (hour * 60 + minute) * 60 + second;
  return (
    <u64>dayNumber(year, month, day) * MICROSECONDS_A_DAY +
    <u64>seconds * 1000000 +
    <u64>microsecond
  );
}

/** The next time that can be written, or NO_TIME after the year 9999. */
export function timeAfter(time: Time): Time {
  return time >= LAST ? NO_TIME : time + 1;
}

/** A time as it is written everywhere. */
export function timeText(time: Time): Slice {
  const out = new Text(LENGTH);
  const date = dateOf(<i32>(time / MICROSECONDS_A_DAY));
  const rest = time % MICROSECONDS_A_DAY;
  out.digits(<u64>(date / 10000), 4).byte(0x2d);
  out.digits(<u64>((date / 100) % 100), 2).byte(0x2d);
  out.digits(<u64>(date % 100), 2).byte(0x20);
  out.digits(rest / 3600000000, 2).byte(0x3a);
  out.digits((rest / 60000000) % 60, 2).byte(0x3a);
  out.digits((rest / 1000000) % 60, 2).byte(0x2e);
  return out
    .digits(rest % 1000000, 6)
    .byte(0x5a)
    .slice();
}

function marks(from: usize): bool {
  return (
    load<u8>(from, 4) === 0x2d &&
    load<u8>(from, 7) === 0x2d &&
    load<u8>(from, 10) === 0x20 &&
    load<u8>(from, 13) === 0x3a &&
    load<u8>(from, 16) === 0x3a &&
    load<u8>(from, 19) === 0x2e &&
    load<u8>(from, 26) === 0x5a
  );
}

/** The number written in some digits, or -1. */
function field(from: usize, offset: i32, count: i32): i32 {
  let result = 0;
  for (let i = offset; i < offset + count; i++) {
    const digit = <i32>load<u8>(from + <usize>i) - 0x30;
    if (digit < 0 || digit > 9) return -1;
    result = result * 10 + digit;
  }
  return result;
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
