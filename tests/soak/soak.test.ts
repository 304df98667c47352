import assert from "node:assert/strict";
import { availableParallelism } from "node:os";
import { describe, test } from "node:test";
import { oldSerial } from "../e2e/old-algorithm.js";
import { work } from "./crew.js";
import { add, missing, noFigures } from "./figures.js";
import { OptionError, readOptions } from "./options.js";
import { rollProcesses } from "./processes.js";
import { rollOut } from "./rollout.js";
import type { Job } from "./thread.js";

const rollouts = 2000;
const processRollouts = 10;

test("a rollout in which everything goes wrong serves every unit, one beside no other, and tells the same story again", () => {
  const { wrong, figures, history } = rollOut(7);
  assert.deepEqual(wrong, []);
  assert.ok(figures.hooks > 0);
  assert.deepEqual(rollOut(7).history(), history());
});

test(`so do ${rollouts} of them`, async (t) => {
  const figures = noFigures();
  const wrong: string[] = [];
  let seed = 0;
  await work(
    Math.min(4, availableParallelism()),
    (): Job | null => (seed < rollouts ? { kind: "rollout", seed: seed++ } : null),
    (done) => {
      add(figures, done.figures);
      if (done.wrong.length > 0) wrong.push(`rollout:${done.seed}: ${done.wrong.join("; ")}`);
    },
  );
  t.diagnostic(JSON.stringify(figures));
  assert.deepEqual(wrong, []);
  assert.deepEqual(missing(figures), []);
  assert.equal(figures.rollouts, rollouts);
});

test("the same troubles, all data readable, find what the old library does wrong", () => {
  const left = new Set(["operated at once", "operated without a grant", "lost its grant"]);
  for (let seed = 0; left.size > 0 && seed < rollouts; seed += 2) {
    const { wrong } = rollOut(seed, { algorithm: oldSerial, spoils: false });
    for (const line of wrong) {
      for (const what of left) if (line.includes(what)) left.delete(what);
    }
  }
  assert.deepEqual([...left], []);
});

const ofProcesses = noFigures();

describe("so do rollouts on real processes", { concurrency: 2 }, () => {
  for (let seed = 0; seed < processRollouts; seed++) {
    test(`processes:${seed}`, async (t) => {
      const { wrong, figures, history } = await rollProcesses(seed);
      t.diagnostic(JSON.stringify(figures));
      add(ofProcesses, figures);
      assert.deepEqual(wrong, [], history().join("\n"));
    });
  }
});

test("between them these rollouts had faults of each kind", (t) => {
  t.diagnostic(JSON.stringify(ofProcesses));
  assert.equal(ofProcesses.processRollouts, processRollouts);
  // How a hook that is killed ends, and whether a commit is refused, is up to chance, and to which charms this machine can run.
  const rare = ["signals", "exits", "refusals", "unitsRemoved"];
  assert.deepEqual(
    missing(ofProcesses).filter((fault) => !rare.includes(fault)),
    [],
  );
});

test("reads its options", () => {
  assert.deepEqual(readOptions(["--minutes", "20", "--seed", "7", "--json"]), {
    minutes: 20,
    seed: 7,
    only: null,
    json: true,
  });
  assert.deepEqual(readOptions(["--seed", "wire:9"]), {
    minutes: Number.POSITIVE_INFINITY,
    seed: 9,
    only: "wire",
    json: false,
  });
  assert.equal(readOptions(["--help"]), null);
  for (const wrong of [
    ["--minutes", "0"],
    ["--minutes", "x"],
    ["--seed", "-1"],
    ["--seed", "fire:1"],
    ["now"],
  ]) {
    assert.throws(() => readOptions(wrong), OptionError, wrong.join(" "));
  }
});
