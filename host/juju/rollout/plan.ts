/**
 * What is left to decide when the options are read: which languages this machine can run, and which unit leads.
 *
 * @module
 */

import { type Language, languageOf, languages, type SetUps } from "./languages.js";
import { OptionError, type RolloutOptions } from "./options.js";

/** A rollout with all of it decided. */
export interface Plan extends RolloutOptions {
  /** What units take in turn, the first by `app/0`. */
  languages: readonly Language[];
  /** A unit; null: as it comes. */
  leader: string | null;
}

/**
 * Makes ready the languages that get a unit.
 *
 * @param tell called with why a language is left out, which one that was asked for never is.
 * @throws OptionError if a language was asked for that cannot run here, or that no unit has.
 */
export function planOf(
  options: RolloutOptions,
  setUps: SetUps,
  tell: (line: string) => void,
): Plan {
  const among: Language[] = [];
  for (const language of options.languages ?? languages) {
    if (among.length === options.units) break;
    const why = setUps[language.name]?.() ?? null;
    if (why === null) among.push(language);
    else if (options.languages === null) tell(`no unit is in ${language.name}: ${why}`);
    else throw new OptionError(`--languages ${language.name}: ${why}`);
  }
  return { ...options, languages: among, leader: leaderOf(options, among) };
}

function leaderOf({ leader, units }: RolloutOptions, among: readonly Language[]): string | null {
  if (leader === null || leader.includes("/")) return leader;
  const names = Array.from({ length: units }, (_, unit) => `app/${unit}`);
  const first = names.find((unit) => languageOf(unit, among).name === leader);
  if (first !== undefined) return first;
  throw new OptionError(`--leader ${leader}: no unit is in ${leader}`);
}
