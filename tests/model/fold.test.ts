import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { type Bound, bound, locks } from "./bound.js";
import { check } from "./check.js";
import { Fold, Renamer, renamingsOf } from "./fold.js";
import type { Words } from "./layout.js";
import { ours } from "./library.js";
import { Seen } from "./seen.js";
import { System } from "./system.js";

const library = ours({ core: readFileSync(new URL("../../../coordinator.wasm", import.meta.url)) });

const alike: readonly Bound[] = [
  bound("3 units", {}),
  bound("3 units, parallel:2", { policy: "parallel:2" }),
  bound("3 units, Juju 4.0, agents restart", {
    ...{ store: "application", acquires: [0, 1, 1], restarts: 1 },
  }),
  bound("3 units, leadership moves and a hook fails", { acquires: [0, 1, 1], moves: 1, fails: 1 }),
  bound("3 units, two locks", { locks: [...locks], policy: "simple", acquires: [0, 1, 1] }),
  bound("4 units", { acquires: [0, 1, 1, 1] }),
  bound("3 units, data becomes unreadable", { acquires: [0, 1, 1], spoils: 1, ticks: 1 }),
  bound("3 units, two of the old library", { old: [1, 2], withdraws: 1, actions: 1, ticks: 1 }),
  bound("3 units, a gate turns", { policy: "serial,gate:go", acquires: [0, 1, 1], turns: 2 }),
];

/** Told of every state, none of them folded, until so many are known. */
function visit(system: System, most: number, tell: (s: Words, steps: number[]) => void): void {
  const seen = new Seen();
  const states = [system.initial()];
  seen.add(states[0]!, -1, 0);
  for (const s of states) {
    const steps: number[] = [];
    system.enabled(s, steps);
    tell(s, steps);
    for (const step of steps) {
      const next = s.slice();
      system.apply(next, step);
      if (seen.size < most && seen.add(next, 0, 0) >= 0) states.push(next);
    }
  }
}

const sorted = (steps: readonly number[]) => [...steps].sort((a, b) => a - b);

for (const one of alike) {
  test(`a unit may do under another name what it may do under its own: ${one.name}`, () => {
    const system = new System(one, library);
    const renamers = renamingsOf(one).map((renaming) => new Renamer(system, renaming));
    assert.ok(renamers.length > 1);
    const renamed = system.initial();
    const after = system.initial();
    visit(system, 4000, (s, steps) => {
      for (const renamer of renamers) {
        renamer.state(s, renamed);
        const enabled: number[] = [];
        system.enabled(renamed, enabled);
        assert.deepEqual(sorted(enabled), sorted(steps.map((step) => renamer.step(step))));
        for (const step of steps) {
          const next = s.slice();
          system.apply(next, step);
          renamer.state(next, after);
          const direct = renamed.slice();
          system.apply(direct, renamer.step(step));
          assert.deepEqual(direct, after);
        }
      }
    });
  });
}

for (const one of alike.slice(0, 2)) {
  test(`folded, as many states are met as there are different ones: ${one.name}`, (t) => {
    const system = new System(one, library);
    const fold = new Fold(system);
    const different = new Seen();
    let states = 0;
    visit(system, Number.POSITIVE_INFINITY, (s) => {
      states++;
      const copy = s.slice();
      fold.fold(copy);
      different.add(copy, -1, 0);
    });
    const folded = check(one, library);
    assert.equal(folded.states, different.size);
    assert.equal(check(one, library, { folds: false }).states, states);
    t.diagnostic(`${states} states, ${folded.states} folded`);
  });
}

test("where names decide, nothing is folded", () => {
  const names = (options: Partial<Bound>) => {
    const system = new System(bound("names", options), library);
    return new Fold(system).names;
  };
  assert.equal(names({}), 2);
  assert.equal(names({ acquires: [0, 1, 2] }), 1);
  assert.equal(names({ clock: "still" }), 1);
  assert.equal(names({ policy: "parallel:2", departures: 1 }), 1);
});
