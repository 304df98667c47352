import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { freshCore } from "../../bindings/typescript/core.js";
import { needsPython } from "../python.js";
import { decideAsLeader } from "../reference/hook.js";
import { decide, decisionOf, grantedBy } from "./decision/input.js";
import { benchHooks } from "./hook/processes.js";
import { bench } from "./main.js";
import { replaceSection, sectionsOf } from "./page.js";
import { target, unmeasured } from "./part.js";
import { parts } from "./parts.js";
import { plot } from "./plot.js";
import { leastHooks, leastHooksHeard } from "./rollout/bound.js";
import { figure, spreadOf, withSpread } from "./spread.js";

const root = new URL("../../../../", import.meta.url);

test("what is timed is a decision: of all units that wait, the one that asked first is granted the lock", () => {
  for (const store of ["settings", "application"] as const) {
    const decision = decisionOf(100, store);
    assert.deepEqual(grantedBy(decide(freshCore(), decision)), ["app/60"]);
    assert.deepEqual(grantedBy(decideAsLeader(decision.inputs)), ["app/60"]);
  }
});

test("a decision of 100,000 units fits into the memory that the core declares", () => {
  const decision = decisionOf(100_000, "settings");
  assert.equal(grantedBy(decide(freshCore(), decision)).length, 1);
});

test("each part can be measured, and says which of its targets are met", async () => {
  const run = await bench(
    parts.map(({ name }) => name),
    "quick",
  );
  for (const { name } of parts) assert.ok(run[name]!.targets.length + run[name]!.tables.length > 0);
  const { results } = run.decision!.data as {
    results: { contender: string; ratio: { median: number } }[];
  };
  assert.ok(results.some(({ contender }) => contender === "core, V8"));
  for (const { contender, ratio } of results) {
    assert.ok(contender === "JSON.parse" ? ratio.median === 1 : ratio.median > 0, contender);
  }
});

test(
  "a hook costs the hook tools that the README says, and the old library more",
  needsPython,
  () => {
    const units = 5;
    const results = benchHooks([units], 1);
    const toolsOf = (program: "ours" | "original" | "typescript") =>
      Object.fromEntries(results.map(({ role, programs }) => [role, programs[program]!.tools]));
    // A bystander writes nothing; the others write once.
    const expected = { bystander: 4, requester: 4 + 1, holder: 4 + 1, leader: units + 4 + 1 };
    assert.deepEqual(toolsOf("ours"), expected);
    assert.deepEqual(toolsOf("typescript"), expected);
    for (const [role, tools] of Object.entries(toolsOf("original"))) {
      assert.ok(tools > toolsOf("ours")[role]!, `${role}: ${tools}`);
    }
    assert.ok(results.every(({ programs }) => programs.bare!.time.median > 0));
  },
);

test("a spread is the middle and the quarters, in figures that people read", () => {
  assert.deepEqual(spreadOf([5, 1, 4, 2, 3]), { median: 3, low: 2, high: 4 });
  assert.equal(withSpread(spreadOf([5, 1, 4, 2, 3])), "3.00 (2.00 to 4.00)");
  assert.equal(withSpread(spreadOf([7])), "7.00");
  assert.deepEqual([0.01234, 0.5, 12.34, 123.4, 12_345].map(figure), [
    ...["0.0123", "0.500", "12.3", "123", "12,300"],
  ]);
});

test("the fewest hooks of three units: counted by hand", () => {
  // config-changed in 3, a grant heard in 2, and 2 others hear of each of 3 releases.
  assert.equal(leastHooks(3), 3 + 2 + 6);
  // 2 requests heard by 2, 3 grants heard by 2, 3 releases heard by 2.
  assert.equal(leastHooksHeard(3, "3.6"), 3 + 4 + 6 + 6);
  // There the leader, too, has asked in an earlier hook, and hears of its own grants.
  assert.equal(leastHooksHeard(3, "4.0"), 3 + 6 + 9 + 6);
});

const findings = {
  tables: [{ title: "A table", head: ["units"], rows: [["10"]] }],
  targets: [target("size", "≤ 1", "2", false), unmeasured("hook", "≤ 4", "no Python")],
  missing: ["hooks: no Python"],
  data: null,
};

test("what was found goes between the markers of a page, and nothing else is touched", () => {
  const page = "Before\n<!-- bench:targets -->\nold\n<!-- /bench -->\nAfter\n";
  const written = replaceSection(page, "targets", sectionsOf({ part: findings }).targets!);
  assert.equal(
    written,
    "Before\n<!-- bench:targets -->\n\n| what | target | found | state |\n| --- | --- | --- | --- |\n" +
      "| size | ≤ 1 | 2 | not met |\n| hook | ≤ 4 | no Python | not measured |\n\n<!-- /bench -->\nAfter\n",
  );
  assert.equal(
    replaceSection(written, "targets", sectionsOf({ part: findings }).targets!),
    written,
  );
  assert.throws(() => replaceSection(page, "size", ""), /no <!-- bench:size -->/);
});

test("the pages have a place for every section", () => {
  const page = readFileSync(new URL("docs/bench.md", root), "utf8");
  const run = Object.fromEntries(parts.map(({ name }) => [name, findings]));
  for (const section of Object.keys(sectionsOf(run))) replaceSection(page, section, "");
  replaceSection(readFileSync(new URL("README.md", root), "utf8"), "readme", "");
});

test("a plot names its axes and its curves, and draws more units further to the right", () => {
  const points = [
    { units: 10, milliseconds: 0.05 },
    { units: 1000, milliseconds: 5 },
  ];
  const svg = plot("Title & text", [{ name: "core <V8>", points }]);
  for (const text of ["Title &amp; text", "core &lt;V8>", "units (log", "milliseconds (log"]) {
    assert.ok(svg.includes(text), text);
  }
  const [, x1, y1, x2, y2] = /class="curve c0" d="M([\d.]+) ([\d.]+)L([\d.]+) ([\d.]+)"/.exec(svg)!;
  assert.ok(Number(x2) > Number(x1) && Number(y2) < Number(y1));
  assert.match(svg, /prefers-color-scheme: dark/);
});

test("a wrong option or part is one line and exit code 2", () => {
  const main = fileURLToPath(new URL("./main.js", import.meta.url));
  const program = `import { main } from ${JSON.stringify(main)}; process.exitCode = await main(process.argv.slice(1));`;
  const run = (...options: string[]) =>
    spawnSync(process.execPath, ["--input-type=module", "-e", program, "--", ...options], {
      encoding: "utf8",
    });
  const wrong = run("--fast");
  assert.equal(wrong.status, 2);
  assert.match(wrong.stderr, /^Unknown option '--fast'; see npm run bench -- --help\n$/);
  assert.match(
    run("hooks").stderr,
    /^no part 'hooks': decision, hook, rollout, meter, size; see .*\n$/,
  );
  assert.match(run("--write", "size").stderr, /^--write takes a full run of all parts; see .*\n$/);
  assert.match(run("--help").stdout, /^usage: npm run bench/);
});
