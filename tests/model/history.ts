/**
 * A history as a file: the bound, and the steps one after the other, each with what it is for a person. It can be played again, on
 * the checker's own Juju and on the local Juju side by side.
 *
 * @module
 */

import { parse, stringify } from "yaml";
import type { Bound } from "./bound.js";
import { type Checked, tell } from "./check.js";
import type { Library } from "./conversations.js";
import { System } from "./system.js";
import { Twin } from "./twin.js";

/** The file's text. */
export function history({ bound, violation, history: steps, story }: Checked): string {
  const lines = steps.map((step, index) => `  - ${step} # ${story[index] ?? ""}\n`).join("");
  const rule = violation === null ? "" : `# ${violation.rule}: ${violation.text}\n`;
  return `${rule}${stringify({ bound })}steps:\n${lines}`;
}

/** Plays such a file. @returns what happened, what rule it broke, and where the local Juju did something else. */
export function replay(text: string, library: Library): string[] {
  const { bound, steps } = parse(text) as { bound: Bound; steps: number[] };
  const system = new System(bound, library);
  const twin = new Twin(system);
  const s = system.initial();
  for (const step of steps) twin.step(s, step);
  return [...tell(new System(bound, library), steps), ...twin.differences];
}
