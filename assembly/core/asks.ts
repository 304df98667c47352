import { t, Word } from "../json/word";

/** What the core may ask its host for (host/abi.md), by number inside and by name outside. */
export const NOTHING: i32 = 0;
export const SAVED: i32 = 1;
export const UNITS: i32 = 2;
export const PLANNED: i32 = 3;
export const CONFIG: i32 = 4;
export const POLICY: i32 = 5;
export const PUBLISH: i32 = 6;
export const REREAD: i32 = 7;
export const LEADER: i32 = 8;

export function askName(what: i32): Word {
  if (what === SAVED) return t("saved");
  if (what === UNITS) return t("units");
  if (what === PLANNED) return t("planned");
  if (what === CONFIG) return t("config");
  if (what === POLICY) return t("policy");
  if (what === PUBLISH) return t("publish");
  return what === REREAD ? t("reread") : t("leader");
}
