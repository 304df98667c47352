import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { rollAll } from "./main.js";
import { matrix } from "./matrix.js";
import { roll } from "./rollout.js";
import { Zygote } from "./zygote.js";

const python = fileURLToPath(new URL("../../../../.venv/bin/python", import.meta.url));
const skip = existsSync(python) ? false : "no Python 3.10 or newer here";
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

test("so they do in every cell of the matrix, with leaders that move and through an upgrade", {
  skip,
}, async () => {
  const { figures, wrong } = await rollAll([...matrix(1)]);
  assert.deepEqual(wrong, []);
  assert.deepEqual(figures.steady.oldFaults, {});
  assert.equal(figures.steady.runs, 8);
  assert.equal(figures.upgrade.runs, 4);
});
