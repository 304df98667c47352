/**
 * The policy is swapped in the middle of a rollout: good, bad in every way, and good again.
 *
 * @module
 */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { holdingUnits } from "../../host/juju/measure/wire.js";
import { below, seeded } from "../../host/juju/model/random.js";
import type { JujuVersion } from "../../host/juju/model/state.js";
import { Stopped } from "./stage.js";
import { fileOf, HALF, NOTHING_WRONG, SERIAL, Swapping } from "./swapping.js";

/** Runs a story of swapping units, in which nothing may go wrong. */
function story(
  juju: JujuVersion,
  name: string,
  units: number,
  tell: (swapping: Swapping) => void,
): void {
  test(`Juju ${juju}: ${name}`, () => {
    const swapping = new Swapping(juju, units, 1);
    try {
      tell(swapping);
      assert.deepEqual(swapping.wrongs, NOTHING_WRONG);
    } finally {
      swapping.remove();
    }
  });
}

/** The policy by which the leader decided last. */
function deciding({ stage }: Swapping): string {
  const { settings, applicationBag } = stage.juju.state;
  const documents = { ...settings.values, ...applicationBag.values };
  const last = Object.keys(documents)
    .filter((key) => /-(v1|r\d+)$/.test(key))
    .at(-1)!;
  return JSON.parse(documents[last]!).policy.name;
}

for (const juju of ["3.6", "4.0"] as const) {
  story(juju, "a module comes in mid-rollout, and goes again", 6, (swapping) => {
    const { stage } = swapping;
    stage.configure();
    stage.reach(() => stage.inside.length === 1);
    assert.equal(deciding(swapping), "serial");
    swapping.attach(HALF);
    stage.reach(() => holdingUnits(stage.juju).length === 2);
    assert.equal(deciding(swapping), "half");
    swapping.attach(swapping.emptyFile());
    stage.run();
    assert.deepEqual([stage.unserved, stage.waiting], [[], []]);
    assert.equal(deciding(swapping), "serial");
  });
}

interface Guest {
  readonly guest: string;
  readonly as?: string;
  readonly at: string;
  readonly config?: unknown;
  readonly error?: string;
}

const guests = JSON.parse(readFileSync(fileOf("tests/conformance/guests.json"), "utf8")) as Guest[];
const bad = guests.filter(
  ({ as, error, config }) => as === "policy" && error !== undefined && config === undefined,
);

bad.forEach(({ guest, at, error }, number) => {
  const juju = number % 2 === 0 ? "3.6" : "4.0";
  story(juju, `${guest} in mid-rollout: ${error}, and a good one ends it`, 4, (swapping) => {
    const { stage } = swapping;
    swapping.attach(HALF);
    stage.run();
    stage.configure();
    stage.reach(() => stage.inside.length === 1);

    swapping.attach(fileOf(`build/guests/${guest}.wasm`));
    stage.run();
    for (const unit of stage.juju.units) {
      const { name, refused } = swapping.kept(unit)!;
      if (at === "decide") assert.equal(refused, null);
      else assert.deepEqual([name, refused?.from, refused?.code], ["half", "resource", error]);
    }
    // One that is refused changes nothing; one that fails where it decides grants nothing more.
    assert.equal(stage.unserved.length > 0, at === "decide");
    assert.deepEqual(swapping.wrongs, NOTHING_WRONG);

    swapping.attach(SERIAL);
    stage.run();
    assert.deepEqual([stage.unserved, stage.waiting], [[], []]);
    for (const unit of stage.juju.units) assert.equal(swapping.kept(unit)!.refused, null);
  });
});

test("leaders with different policies take turns, since some cannot fetch the new one", () => {
  for (let seed = 1; seed <= 8; seed++) {
    const swapping = new Swapping(seed % 2 === 0 ? "3.6" : "4.0", 6, seed);
    const { stage } = swapping;
    try {
      for (const unit of ["app/1", "app/3", "app/5"]) swapping.cutOff.add(unit);
      const random = seeded(seed);
      stage.configure();
      swapping.attach(HALF);
      for (let turn = 0; turn < 6; turn++) {
        const calls = stage.calls + below(random, 150);
        stage.run({ until: () => stage.calls >= calls });
        stage.lead(`app/${turn}`);
      }
      stage.run();
      assert.deepEqual(swapping.wrongs, NOTHING_WRONG, `seed ${seed}`);
      assert.deepEqual([stage.unserved, stage.waiting], [[], []], `seed ${seed}`);
      assert.equal(swapping.kept("app/1")!.refused!.code, "resource_failed");
      assert.equal(swapping.kept("app/2")!.name, "half");
    } finally {
      swapping.remove();
    }
  }
});

for (const juju of ["3.6", "4.0"] as const) {
  test(`Juju ${juju}: a leader is killed at any moment of its hooks after a swap, and another leads`, () => {
    // These are more than the hooks that look for the new one; the rest of a rollout is in kills.test.ts.
    for (let moment = 0; moment < 30; moment++) assert.ok(killedAt(juju, moment));
  });
}

/** The leader's hook is killed before its call `moment` after the swap. False if there is no such moment. */
function killedAt(juju: JujuVersion, moment: number): boolean {
  const swapping = new Swapping(juju, 4, 4);
  const { stage } = swapping;
  try {
    stage.configure();
    stage.reach(() => stage.inside.length === 1);
    swapping.attach(HALF);
    const leader = stage.juju.leader!;
    let calls = 0;
    let struck = false;
    swapping.watch((unit, _call, when) => {
      if (unit !== leader || when !== "before" || struck || calls++ !== moment) return;
      struck = true;
      stage.lead(stage.juju.units.find((other) => other !== leader)!);
      throw new Stopped({ signal: "SIGKILL" });
    });
    stage.run();
    assert.deepEqual(swapping.wrongs, NOTHING_WRONG, `killed before call ${moment}`);
    assert.deepEqual([stage.unserved, stage.waiting], [[], []], `killed before call ${moment}`);
    return struck;
  } finally {
    swapping.remove();
  }
}
