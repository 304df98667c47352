/**
 * The languages of a rollout's units: one application, and each unit in the next of them.
 *
 * @module
 */

import { fileURLToPath } from "node:url";

export interface Language {
  readonly name: string;
  /** The charm directory. */
  readonly charm: string;
}

/** Charms are no TypeScript alone: their directories stay beside the sources, or are built beside this. */
const charms = new URL("../../../../../host/charms/", import.meta.url);
const builtCharms = new URL("../../../../charms/", import.meta.url);

const language = (name: string, folder: string, among = charms): Language => ({
  name,
  charm: fileURLToPath(new URL(`${folder}/`, among)),
});

/** A line each, in the order in which units take them. */
export const languages: readonly Language[] = [
  language("typescript", "typescript"),
  language("python", "ops"),
  language("go", "go", builtCharms),
  language("bash", "bash", builtCharms),
];

/** Makes ready what a language needs on this machine. @returns null, or why its charms cannot run, in one line. */
export type SetUp = () => string | null;

/** By the name of the language; one that is missing needs nothing that is not there. */
export type SetUps = Readonly<Record<string, SetUp>>;

/** The language of `app/K`. */
export function languageOf(unit: string, among: readonly Language[]): Language {
  return among[Number(unit.slice(unit.lastIndexOf("/") + 1)) % among.length]!;
}
