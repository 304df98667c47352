import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { pick, seeded } from "../../host/juju/model/random.js";
import { type Bound, bound } from "./bound.js";
import { ours } from "./library.js";
import { System } from "./system.js";
import { Twin } from "./twin.js";

const core = readFileSync(new URL("../../../coordinator.wasm", import.meta.url));

const everything: Partial<Bound> = {
  ...{ acquires: [2, 2, 2], moves: 4, fails: 3, crashes: 2, departures: 1, deaths: 1, skips: 1 },
  ...{ waits: 1, execs: 2, actions: 2, withdraws: 2, spoils: 2, restarts: 2 },
};

function walk(one: Bound, seed: number): string[] {
  const system = new System(one, ours({ core }));
  const twin = new Twin(system);
  const random = seeded(seed);
  const s = system.initial();
  for (let step = 0; step < 400 && twin.differences.length === 0; step++) {
    const enabled: number[] = [];
    system.enabled(s, enabled);
    if (enabled.length === 0) break;
    twin.step(s, pick(random, enabled));
  }
  return twin.differences;
}

for (const store of ["settings", "application"] as const) {
  test(`${store}: the checker's Juju and the local Juju do the same in random histories`, () => {
    for (let seed = 0; seed < 150; seed++) {
      const young = seed % 5 === 0 ? [2] : [];
      const reigns = store === "application" && seed % 3 === 0;
      const old = store === "settings" && seed % 7 === 1 ? [1] : [];
      const options = { ...everything, store, young, reigns, old, fine: seed % 2 === 0 };
      assert.deepEqual(walk(bound("walk", options), seed), [], `seed ${seed}`);
    }
  });
}
