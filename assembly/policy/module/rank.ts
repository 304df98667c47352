import { Order, sort } from "../../json/sort";
import { Request } from "./request";

const SIGN: u64 = 0x8000000000000000;

/** Sorts requests by their ranks; those of one rank stay as they came. */
export function sortByRank(requests: Array<Request>): void {
  sort(changetype<Array<i32>>(requests), new ByRank());
}

class ByRank extends Order {
  keyOf(item: i32): u64 {
    return keyOf(changetype<Request>(<usize>item).rank);
  }
}

/** A whole number that sorts as the rank does; the greatest for NaN. */
function keyOf(rank: f64): u64 {
  if (F64.isNaN(rank)) return u64.MAX_VALUE;
  // -0 and 0 are one rank.
  const bits = reinterpret<u64>(rank + 0);
  return (bits & SIGN) !== 0 ? ~bits : bits | SIGN;
}
