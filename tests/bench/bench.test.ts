import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { parseAnswer } from "../../bindings/typescript/contract.js";
import { loadModule } from "../../bindings/typescript/index.js";
import { needsPython } from "../python.js";
import { decide, decisionOf } from "./decision.js";
import { benchHooks } from "./hooks.js";
import { bench } from "./main.js";
import { compare, spreadOf } from "./measure.js";

const core = loadModule(readFileSync(new URL("../../../coordinator.wasm", import.meta.url)), {
  kind: "core",
});

test("what is timed is a decision: of all units that wait, one is granted the lock and written", () => {
  for (const store of ["settings", "application"] as const) {
    const answer = parseAnswer(decide(core.instantiate(), decisionOf(100, store)));
    assert.ok("ok" in answer, JSON.stringify(answer));
    const { effects } = answer.ok as { effects: { do: string; values: Record<string, string> }[] };
    const write = effects.find((effect) => effect.do === store);
    const granted = Object.values(write?.values ?? {})
      .map((value) => JSON.parse(value))
      .map((value) => value.grants ?? value)
      .flatMap((value) => Object.keys(value).filter((name) => name.startsWith("app/")));
    assert.equal(granted.length, 1, `${store}: ${JSON.stringify(answer)}`.slice(0, 600));
  }
});

test("a spread is the middle and the quarters", () => {
  assert.deepEqual(spreadOf([5, 1, 4, 2, 3]), { median: 3, low: 2, high: 4 });
  assert.deepEqual(spreadOf([7]), { median: 7, low: 7, high: 7 });
});

test("both are run in turns, equally often", () => {
  let runs = "";
  const { samples } = compare(
    () => () => {
      runs += "a";
    },
    () => () => {
      runs += "b";
    },
    { warmUp: 0, time: 0, least: 4 },
  );
  assert.equal(samples, 4);
  assert.equal(runs, "ababbaabba");
});

test("each number of units is measured on each store", () => {
  const results = bench([2, 3], { warmUp: 0, time: 0, least: 1 });
  assert.deepEqual(
    results.map(({ units, store }) => `${units} ${store}`),
    ["2 settings", "2 application", "3 settings", "3 application"],
  );
  assert.ok(results.every(({ ratio, samples }) => ratio.median > 0 && samples === 1));
});

test(
  "a hook in Python costs the hook tools that the README says, and the old library more",
  needsPython,
  () => {
    const units = 5;
    const results = benchHooks([units], 1);
    const toolsOf = (program: "ours" | "original") =>
      Object.fromEntries(results.map(({ role, programs }) => [role, programs[program].tools]));
    // A bystander writes nothing; the others write once.
    assert.deepEqual(toolsOf("ours"), { bystander: 4, requester: 4 + 1, leader: units + 4 + 1 });
    for (const [role, tools] of Object.entries(toolsOf("original"))) {
      assert.ok(tools > toolsOf("ours")[role]!, `${role}: ${tools}`);
    }
    assert.ok(results.every(({ programs }) => programs.bare.time.median > 0));
  },
);

test("a wrong option is one line and exit code 2", () => {
  const main = fileURLToPath(new URL("./main.js", import.meta.url));
  const run = (option: string) =>
    spawnSync(
      process.execPath,
      [
        "--input-type=module",
        "-e",
        `import { main } from ${JSON.stringify(main)}; process.exitCode = main(process.argv.slice(1));`,
        "--",
        option,
      ],
      { encoding: "utf8" },
    );
  const wrong = run("--fast");
  assert.equal(wrong.status, 2);
  assert.match(wrong.stderr, /^Unknown option '--fast'; see npm run bench -- --help\n$/);
  assert.match(run("--help").stdout, /^usage: npm run bench/);
});
