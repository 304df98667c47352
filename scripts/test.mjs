/**
 * `npm test`: everything that must hold, in stages, on a fresh clone with nothing but Node.
 *
 * Every stage runs even if one before it failed, so that one run tells all; only without a build there is nothing to go on with.
 *
 * @module
 */

import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { build } from "./build.mjs";
import { buildGoCharms, buildGoProgram, findGo, noGo, testGo } from "./go.mjs";
import { checkPolicies } from "./policies.mjs";
import { Failure, filesUnder, main, root, runTool } from "./project.mjs";
import { noPython, pythonProgram, setUpPython } from "./python.mjs";
import { setUp } from "./setup.mjs";

const say = (line) => process.stdout.write(`${line}\n`);

/** Runs a program of this project with its output shown as it comes. */
function show(args) {
  const { status } = spawnSync(process.execPath, args, {
    cwd: root,
    stdio: ["ignore", "inherit", "inherit"],
  });
  if (status !== 0) throw new Failure(`exit code ${status ?? "none: ended by a signal"}`);
}

/** Runs a program of node_modules with its output shown only if it failed. */
function check(program, args) {
  const { status, output } = runTool(program, args);
  if (status !== 0) throw new Failure(output.trim());
}

/** The files of a stage: without any there would be nothing tested, and nobody would notice. */
function expectSome(files, where) {
  if (files.length === 0) throw new Failure(`nothing to run: expected ${where}`);
  return files;
}

function unitTests() {
  const files = filesUnder("build/js", (path) => path.endsWith(".test.js"));
  show(["--test", "--test-reporter=spec", ...expectSome(files, "build/js/**/*.test.js")]);
}

function scenarios() {
  const folder = "tests/e2e";
  const hasPython = process.env.CI === "true" || setUpPython(say);
  const hasGo = process.env.CI === "true" || buildGoCharms(say);
  const canRun = (path) =>
    (hasPython || !path.startsWith(`${folder}/python/`)) &&
    (hasGo || !path.startsWith(`${folder}/go/`));
  const files = existsSync(join(root, folder))
    ? filesUnder(folder, (path) => path.endsWith(".yaml") && canRun(path))
    : [];
  show(["scripts/coordinator.mjs", "run", "--quiet", ...expectSome(files, `${folder}/*.yaml`)]);
}

/** The Python binding; where there is no Python it is left out, but never by those who integrate. */
function python() {
  if (!setUpPython(say)) {
    const without = `${noPython}: the Python binding is not tested`;
    if (process.env.CI === "true") throw new Failure(without);
    say(without);
    return;
  }
  const folder = join(root, "bindings/python");
  const inFolder = (program, args) => {
    const { status, error } = spawnSync(program, args, {
      cwd: folder,
      stdio: ["ignore", "inherit", "inherit"],
    });
    const ended = error?.message ?? `exit code ${status ?? "none: ended by a signal"}`;
    return status === 0 ? [] : [`${program}: ${ended}`];
  };
  const failures = [
    ...inFolder(pythonProgram("ruff"), ["check", "--quiet", "."]),
    ...inFolder(pythonProgram("ruff"), ["format", "--quiet", "--check", "."]),
    ...inFolder(process.execPath, [
      join(root, "node_modules/pyright/index.js"),
      "--pythonpath",
      pythonProgram("python"),
    ]),
    ...inFolder(pythonProgram("python"), ["-m", "pytest", "-q"]),
  ];
  if (failures.length > 0) throw new Failure(failures.join("\n"));
}

/** The Go binding; where there is no Go it is left out, but never by those who integrate. */
function go() {
  if (findGo() === null) {
    const without = `${noGo}: the Go binding is not tested`;
    if (process.env.CI === "true") throw new Failure(without);
    say(without);
    return;
  }
  const failures = testGo(say);
  if (failures.length > 0) throw new Failure(failures.join("\n"));
}

/** The sample policies of which the compiler is here. */
function policies() {
  const wrong = checkPolicies(say);
  if (wrong.length > 0) throw new Failure(wrong.join("\n"));
}

const stages = [
  { name: "set-up", run: () => setUp(say), needed: true },
  { name: "build", run: () => build(say), needed: true },
  // Before the tests of other languages, some of which run Python units beside their own.
  { name: "set-up of Python", run: () => setUpPython(say) },
  {
    name: "programs in Go",
    run: () =>
      buildGoCharms(say) && ["runner", "decision"].every((name) => buildGoProgram(name, say)),
  },
  {
    name: "format and lint",
    run: () => check("@biomejs/biome/bin/biome", ["ci", "--colors=off", "."]),
  },
  {
    name: "types of assembly",
    run: () => check("typescript/bin/tsc", ["--noEmit", "-p", "assembly"]),
  },
  { name: "as-pect", run: () => show(["scripts/test-assembly.mjs"]) },
  { name: "node --test", run: unitTests },
  { name: "sample policies", run: policies },
  { name: "scenarios", run: scenarios },
  { name: "python", run: python },
  { name: "go", run: go },
];

await main(() => {
  const results = [];
  for (const stage of stages) {
    say(`\n== ${stage.name}`);
    const begun = performance.now();
    let failed = false;
    try {
      stage.run();
    } catch (error) {
      failed = true;
      say(error instanceof Failure ? error.message : error.stack);
    }
    const seconds = ((performance.now() - begun) / 1000).toFixed(1);
    results.push({ name: stage.name, seconds, failed });
    if (failed && stage.needed) break;
  }
  say("\n== summary");
  for (const { name, seconds, failed } of results) {
    say(`${failed ? "FAILED" : "passed"}  ${name.padEnd(20)} ${seconds.padStart(6)} s`);
  }
  for (const { name } of stages.slice(results.length)) say(`not run ${name}`);
  return results.some(({ failed }) => failed) ? 1 : 0;
});
