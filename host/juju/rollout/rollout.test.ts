import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { readOptions } from "./options.js";
import { Rollout } from "./rollout.js";
import { drawTimeline } from "./timeline.js";

describe("the main job", () => {
  test("rolls a configuration through real servers, one at a time", async () => {
    const lines: string[] = [];
    const rollout = new Rollout(readOptions(["--units", "2", "--leader", "app/1"])!, (line) =>
      lines.push(line),
    );
    try {
      const { summary, violations } = await rollout.run();
      const { units, rolled, maxHolders, maxDown } = summary;
      assert.deepEqual(violations, []);
      assert.deepEqual({ units, rolled, maxHolders }, { units: 2, rolled: 2, maxHolders: 1 });
      assert.ok(maxDown <= 1);
      assert.ok(lines.some((line) => line.endsWith("all 2 active; app/1 leads")));
      assert.ok(lines.some((line) => line.endsWith("2 of 2 rolled")));
    } finally {
      await rollout.stop();
    }
  });

  test("draws what each unit did", () => {
    const [first, second] = drawTimeline({
      units: ["app/9", "app/10"],
      from: 0,
      to: 60,
      waiting: [{ unit: "app/10", from: 0, to: 9 }],
      operating: [{ unit: "app/9", from: 2, to: 5 }],
      down: [{ unit: "app/9", from: 3, to: 4 }],
    });
    assert.equal(first, `app/9   ··#!!#${"·".repeat(54)}`);
    assert.equal(second, `app/10  ${"-".repeat(10)}${"·".repeat(50)}`);
  });

  test("reads its options", () => {
    const args =
      "--units 7 --policy parallel:2 --juju 4.0 --seed 3 --leader app/6 --json --keep-going";
    assert.deepEqual(readOptions(args.split(" ")), {
      units: 7,
      policy: "parallel:2",
      juju: "4.0",
      seed: 3,
      leader: "app/6",
      json: true,
      keepGoing: true,
    });
    assert.equal(readOptions(["--help"]), null);
  });

  test("says in one line what is wrong with an option", () => {
    const wrong: [string[], RegExp][] = [
      [["--units", "0"], /^--units 0: expected a whole number from 1 to 100$/],
      [["--units", "five"], /^--units five: expected a whole number/],
      [["--juju", "2.9"], /^--juju 2\.9: expected 3\.6 or 4\.0$/],
      [["--seed", "-1"], /seed/],
      [["--leader", "app/5"], /^--leader app\/5: expected one of app\/0 to app\/4$/],
      [["--policy", "anarchy"], /^--policy anarchy: /],
      [["--polcy", "serial"], /--polcy/],
      [["more"], /more/],
    ];
    for (const [args, expected] of wrong) {
      assert.throws(() => readOptions(args), { code: "bad_option", message: expected });
      assert.throws(
        () => readOptions(args),
        (error: Error) => !error.message.includes("\n"),
      );
    }
  });
});
