import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { needsGo } from "../../../tests/go.js";
import { needsPython } from "../../../tests/python.js";
import type { SetUps } from "./languages.js";
import { readOptions } from "./options.js";
import { type Plan, planOf } from "./plan.js";
import { Rollout } from "./rollout.js";
import { drawTimeline } from "./timeline.js";

/** The plan for a command line, where every language can run but those with a reason. */
function plan(args: string, setUps: SetUps = {}, lines: string[] = []): Plan {
  return planOf(readOptions(args.split(" "))!, setUps, (line) => lines.push(line));
}

const named = ({ languages }: Plan): string[] => languages.map(({ name }) => name);

describe("the main job", () => {
  test("rolls a configuration through real servers, one at a time", async () => {
    const lines: string[] = [];
    const rollout = new Rollout(plan("--units 2 --languages typescript --leader app/1"), (line) =>
      lines.push(line),
    );
    try {
      const { summary, violations } = await rollout.run();
      const { units, rolled, maxHolders, maxDown } = summary;
      assert.deepEqual(violations, []);
      assert.deepEqual({ units, rolled, maxHolders }, { units: 2, rolled: 2, maxHolders: 1 });
      assert.ok(maxDown <= 1);
      assert.ok(lines.some((line) => line.endsWith("all 2 active; app/1 (typescript) leads")));
      assert.ok(lines.some((line) => line.endsWith("2 of 2 rolled")));
    } finally {
      await rollout.stop();
    }
  });

  test("rolls units of two languages in one application", needsPython, async () => {
    for (const leader of ["typescript", "python"]) {
      const lines: string[] = [];
      const rollout = new Rollout(
        plan(`--units 3 --languages typescript,python --leader ${leader}`),
        (line) => lines.push(line),
      );
      try {
        const { summary, violations } = await rollout.run();
        assert.deepEqual(violations, []);
        const { rolled, maxHolders, languages } = summary;
        assert.deepEqual(
          { rolled, maxHolders, languages },
          { rolled: 3, maxHolders: 1, languages: ["typescript", "python"] },
        );
        assert.ok(
          lines.some((line) => line.endsWith(`(${leader}) leads`)),
          lines.join("\n"),
        );
      } finally {
        await rollout.stop();
      }
    }
  });

  test("rolls units in Go and bash beside others", needsGo, async () => {
    for (const leader of ["go", "bash"]) {
      const rollout = new Rollout(
        plan(`--units 3 --languages typescript,go,bash --leader ${leader}`),
        () => {},
      );
      try {
        const { summary, violations } = await rollout.run();
        assert.deepEqual(violations, []);
        assert.deepEqual([summary.rolled, summary.maxHolders], [3, 1]);
      } finally {
        await rollout.stop();
      }
    }
  });

  test("units take the languages in turn that can run here, and it says which cannot", () => {
    const none = { python: () => "no Python here" };
    const lines: string[] = [];
    assert.deepEqual(named(plan("--units 5")), ["typescript", "python", "go", "bash"]);
    assert.deepEqual(named(plan("--units 5", none, lines)), ["typescript", "go", "bash"]);
    assert.deepEqual(lines, ["no unit is in python: no Python here"]);
    assert.deepEqual(named(plan("--units 1", none, lines)), ["typescript"]);
    assert.equal(lines.length, 1);
    assert.equal(plan("--units 3 --leader python").leader, "app/1");
  });

  test("a language that was asked for is never left out", () => {
    const none = { python: () => "no Python here" };
    const wrong: [string, RegExp][] = [
      ["--languages python", /^--languages python: no Python here$/],
      ["--leader python", /^--leader python: no unit is in python$/],
    ];
    for (const [args, message] of wrong) {
      assert.throws(() => plan(args, none), { code: "bad_option", message });
    }
    assert.throws(() => plan("--units 1 --leader python"), { code: "bad_option" });
  });

  test("draws what each unit did", () => {
    const [first, second] = drawTimeline({
      units: ["app/9", "app/10"],
      languageOf: (unit) => (unit === "app/9" ? "typescript" : "python"),
      from: 0,
      to: 60,
      waiting: [{ unit: "app/10", from: 0, to: 9 }],
      operating: [{ unit: "app/9", from: 2, to: 5 }],
      down: [{ unit: "app/9", from: 3, to: 4 }],
    });
    assert.equal(first, `app/9  typescript  ··#!!#${"·".repeat(54)}`);
    assert.equal(second, `app/10 python      ${"-".repeat(10)}${"·".repeat(50)}`);
  });

  test("reads its options", () => {
    const args =
      "--units 7 --languages python,typescript --policy parallel:2 --juju 4.0 --seed 3 --leader app/6 --json --keep-going";
    const { languages, ...others } = readOptions(args.split(" "))!;
    assert.deepEqual(
      languages?.map(({ name }) => name),
      ["python", "typescript"],
    );
    assert.deepEqual(others, {
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
      [
        ["--leader", "app/5"],
        /^--leader app\/5: expected one of app\/0 to app\/4, or of typescript, python/,
      ],
      [["--leader", "cobol"], /^--leader cobol: /],
      [
        ["--languages", "typescript,cobol"],
        /^--languages typescript,cobol: expected some of typescript, python/,
      ],
      [["--languages", ""], /^--languages : /],
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
