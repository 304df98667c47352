import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { needsPython } from "../python.js";
import { rollAll } from "./main.js";
import { matrix } from "./matrix.js";
import { roll } from "./rollout.js";
import { Zygote } from "./zygote.js";

const { skip } = needsPython;
let zygote: Zygote;

before(async () => {
  if (skip === false) zygote = await Zygote.start();
});

after(async () => {
  if (skip === false) await zygote.stop();
});

test("units of the old library and of this one serve one another", { skip }, async () => {
  const setting = { leader: "old", units: 3, policy: "serial", seed: 1 } as const;
  const { libraries, wrong, oldFaults } = await roll(zygote, setting);
  assert.deepEqual(wrong, []);
  assert.deepEqual(oldFaults, {});
  assert.ok(libraries.includes("original"));
  assert.ok(libraries.some((library) => library !== "original"));
});

test("so they do whoever leads, with leaders that move and through an upgrade", {
  skip,
}, async () => {
  const { figures, wrong } = await rollAll(
    [...matrix(1)].filter((cell) => cell.setting.units === 3),
  );
  assert.deepEqual(wrong, []);
  assert.deepEqual(figures.steady.oldFaults, {});
  assert.deepEqual([figures.steady.runs, figures.moving.runs, figures.upgrade.runs], [4, 4, 2]);
});
