import assert from "node:assert/strict";
import { test } from "node:test";
import { oldSerial, oldSimple } from "./old-algorithm.js";
import { type Algorithm, ours } from "./rolling-charm.js";
import type { Stage } from "./stage.js";
import * as story from "./stories.js";

const seeds = Array.from({ length: 10 }, (_, seed) => seed);

/** What must hold at the end of every story, whatever happened in it. */
function assertSound(stage: Stage, which: string): void {
  const { crowded, unheld, dropped, failures, unserved, waiting } = stage;
  const found = { crowded, unheld, dropped, failures, unserved, waiting };
  const nothing = Object.fromEntries(Object.keys(found).map((key) => [key, []]));
  assert.deepEqual(found, nothing, which);
  assert.ok(stage.mostAtOnce > 0, `${which}: nobody ever operated`);
}

for (const each of story.stories) {
  for (const juju of ["3.6", "4.0"] as const) {
    test(`Juju ${juju}: ${each.name}`, () => {
      for (const seed of seeds) {
        assertSound(story.play(each, { algorithm: ours, juju, seed }), `seed ${seed}`);
      }
    });
  }
}

/** In how many of the seeds the old library does wrong, in a story in which ours does not. */
function wrongs(each: story.Story, algorithm: Algorithm, isWrong: (stage: Stage) => boolean) {
  return seeds.filter((seed) => isWrong(story.play(each, { algorithm, juju: "3.6", seed }))).length;
}

const isCrowded = (stage: Stage) => stage.crowded.length > 0;
const isDropped = (stage: Stage) => stage.dropped.length > 0;

test("row 2: the old Serial leaves a unit waiting with no event due; one decision more would help", () => {
  const stalls = (stage: Stage) => stage.waiting.length > 0 && stage.unserved.length > 0;
  assert.ok(wrongs(story.leaderGivesBack, oldSerial, stalls) > 0);
  assert.equal(wrongs(story.leaderGivesBack, oldSimple, stalls), 0);
  assert.equal(wrongs(story.leaderGivesBack, ours, stalls), 0);
});

for (const old of [oldSerial, oldSimple]) {
  test(`row 10: with ${old.name} two units operate when leadership moves`, () => {
    assert.equal(wrongs(story.leadershipMoves, old, isCrowded), seeds.length);
  });

  test(`row 16: with ${old.name} a young leader takes the lock of a unit that operates`, () => {
    assert.equal(wrongs(story.youngLeader, old, isDropped), seeds.length);
    assert.ok(wrongs(story.youngLeader, old, isCrowded) > 0);
  });

  test(`row 17: with ${old.name} a holder that departs loses its lock inside its operation`, () => {
    assert.equal(wrongs(story.holderDeparts, old, isDropped), seeds.length);
    assert.ok(wrongs(story.holderDeparts, old, isCrowded) > 0);
  });
}
