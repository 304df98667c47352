/**
 * A history as a scenario file, for `npx coordinator run FILE`: the bound, and the steps one after the other, each with what it is
 * for a person. It is played on the checker's own Juju and on the local Juju side by side. A step that is not possible, because what was found is
 * mended, is left out; what is due after the last one is run to its end, so that it can be seen whether something is found still.
 *
 * @module
 */

import { readFileSync } from "node:fs";
import { parse, stringify } from "yaml";
import type { Played } from "../../host/juju/scenario/command.js";
import { action, decode, describe } from "./actions.js";
import { type Bound, bound } from "./bound.js";
import { event, isCommand } from "./calls.js";
import type { Checked } from "./check.js";
import type { Library } from "./conversations.js";
import type { Words } from "./layout.js";
import { ours } from "./library.js";
import { oldLibrary } from "./old.js";
import { rules } from "./oracle.js";
import { System } from "./system.js";
import { Twin } from "./twin.js";

/** More steps than any history takes to come to rest. */
const mostSteps = 5000;

interface File {
  readonly name: string;
  readonly history: {
    readonly library?: string;
    readonly bound: Partial<Bound>;
    readonly steps: readonly number[];
  };
}

/** The file's text. Of the bound only what is not as in every other is written. */
export function historyOf(
  { bound: one, violation, history: steps, story }: Checked,
  library: Library,
): string {
  const usual = Object.entries(bound(one.name, { acquires: one.acquires, locks: one.locks }));
  const unusual = Object.entries(one).filter(([key, value]) => {
    const [, other] = usual.find(([name]) => name === key) ?? [];
    return JSON.stringify(value) !== JSON.stringify(other) && key !== "name";
  });
  const { acquires, locks } = one;
  const written = { acquires, locks, ...Object.fromEntries(unusual) };
  const lines = steps.map((step, index) => `    - ${step} # ${story[index] ?? ""}\n`).join("");
  const what = violation === null ? "" : `# ${violation.rule}: ${violation.text}\n`;
  const head = { name: one.name, history: { library: library.name, bound: written } };
  return `${what}${stringify(head)}  steps:\n${lines}`;
}

function libraryOf(name: string | undefined): Library {
  const core = () => readFileSync(new URL("../../../coordinator.wasm", import.meta.url));
  return name === oldLibrary.name ? oldLibrary : ours({ core: core() });
}

/** Plays such a file. @param library in place of the one that it names. */
export function playHistory(text: string, library?: Library): Played {
  const { name, history } = parse(text) as File;
  const { steps } = history;
  const system = new System(bound(name, history.bound), library ?? libraryOf(history.library));
  return new Player(system).play(name, steps);
}

class Player {
  readonly #system: System;
  readonly #twin: Twin;
  readonly #state: Words;
  readonly #lines: string[] = [];

  constructor(system: System) {
    this.#system = system;
    this.#twin = new Twin(system);
    this.#state = system.initial();
  }

  play(name: string, steps: readonly number[]): Played {
    const failures: string[] = [];
    const { oracle } = this.#system;
    for (const step of steps) {
      if (oracle.found !== null) break;
      if (this.#steps().includes(step)) this.#step(step);
      else this.#lines.push(`${describe(step, null)}: left out, it is not possible (any more)`);
    }
    this.#rest();
    if (oracle.found !== null) {
      failures.push(`${oracle.found.rule} (${rules[oracle.found.rule]}): ${oracle.found.text}`);
    }
    return { name, lines: this.#lines, failures: [...failures, ...this.#twin.differences] };
  }

  #steps(): number[] {
    const steps: number[] = [];
    this.#system.enabled(this.#state, steps);
    if (this.#system.isQuiet(this.#state)) {
      const help = this.#system.settle(this.#state);
      if (help >= 0) steps.push(help);
    }
    return steps;
  }

  #step(step: number): void {
    const { unit, kind } = decode(step);
    const { layout, conversations } = this.#system;
    const before = this.#state[layout.place(unit)]!;
    const place = before === 0 ? null : conversations.places[before]!;
    this.#twin.step(this.#state, step);
    const isOver = place !== null && this.#state[layout.place(unit)] === 0 && kind === action.go;
    this.#lines.push(describe(step, place) + (isOver ? ": its hook is over" : ""));
  }

  /** Nothing more goes wrong: whatever is due is run until nothing is. */
  #rest(): void {
    for (let steps = 0; steps < mostSteps && this.#system.oracle.found === null; steps++) {
      const next = this.#steps().find((step) => isDue(step)) ?? this.#steps().find(isHelp);
      if (next === undefined) return;
      this.#step(next);
    }
  }
}

function isDue(step: number): boolean {
  const { kind, parameter } = decode(step);
  if (kind === action.begin) return !isCommand(parameter) && parameter !== event.withdraw;
  return kind === action.go || kind === action.read;
}

function isHelp(step: number): boolean {
  const { kind } = decode(step);
  return kind === action.mend || kind === action.tick;
}
