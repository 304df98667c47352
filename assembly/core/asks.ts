import { Slice } from "../json/slice";
import { t, Word, wordAt } from "../json/word";

/** What the core may ask its host for (host/abi.md), by number inside and by name outside. */
export const ASKS: Word = t("saved units planned config policy publish reread leader");

export const NOTHING: i32 = -1;
export const SAVED: i32 = 0;
export const UNITS: i32 = 1;
export const PLANNED: i32 = 2;
export const CONFIG: i32 = 3;
export const POLICY: i32 = 4;
export const PUBLISH: i32 = 5;
export const REREAD: i32 = 6;
export const LEADER: i32 = 7;

export function askName(what: i32): Slice {
  return wordAt(ASKS, what);
}
