import { Slice } from "../../json/slice";
import { NO_TIME, parseTime } from "../../json/time";

/** From 1 March of the year 0, from where the core counts, to 1970. */
const SECONDS_TO_1970: f64 = 719468 * 86400;

/** A time in seconds since 1970, UTC, with microseconds behind the point; NaN for what is no time. */
export function secondsOf(text: Slice): f64 {
  const time = parseTime(text);
  return time === NO_TIME ? NaN : <f64>time / 1000000 - SECONDS_TO_1970;
}
