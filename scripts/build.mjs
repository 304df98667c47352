/**
 * Builds build/coordinator.wasm, build/meter.wasm and build/policies (AssemblyScript), build/js (TypeScript), of it the binding in one file, and build/guests; does nothing when
 * their inputs did not change. The packages of other languages are given their copies of the two modules.
 *
 * @module
 */

import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { pathToFileURL } from "node:url";
import { digestOf, Failure, filesUnder, main, root, runTool } from "./project.mjs";
import { setUp } from "./setup.mjs";

const isTypeScript = (path) => path.endsWith(".ts") && !path.endsWith(".d.ts");

const core = {
  name: "core",
  output: "build/coordinator.wasm",
  inputs: () => assemblyInputs((path) => !path.startsWith("assembly/meter/")),
  run: () => runTool("../scripts/asc.mjs", ["release"]),
};

const meter = {
  name: "meter",
  output: "build/meter.wasm",
  inputs: () => assemblyInputs((path) => /^assembly\/(meter|runtime)\//.test(path)),
  run: () => runTool("../scripts/asc.mjs", ["meter"]),
};

const policies = {
  name: "policies",
  output: "build/policies",
  inputs: () => assemblyInputs((path) => !/^assembly\/(core|meter)\//.test(path)),
  run: () => {
    rmSync(join(root, "build/policies"), { recursive: true, force: true });
    return runTool("../scripts/asc.mjs", ["policies"]);
  },
};

function assemblyInputs(accept) {
  return [
    "asconfig.json",
    "scripts/asc.mjs",
    "scripts/shrink.mjs",
    "scripts/words.mjs",
    "node_modules/assemblyscript/package.json",
    "node_modules/binaryen/package.json",
    ...filesUnder("assembly", (path) => path.endsWith(".ts") && accept(path)),
  ];
}

const sources = () =>
  ["bindings/typescript", "host", "tests"]
    .flatMap((folder) => filesUnder(folder, isTypeScript))
    .filter((path) => !path.startsWith("tests/assembly/"));

const javascript = {
  name: "javascript",
  output: "build/js",
  inputs: () => ["tsconfig.json", "node_modules/typescript/package.json", ...sources()],
  run: () => {
    removeOrphans();
    // With its record but without its output tsc would believe that nothing is left to do.
    if (!existsSync(join(root, "build/js")))
      rmSync(join(root, "build/tsconfig.tsbuildinfo"), { force: true });
    return runTool("typescript/bin/tsc", ["-p", "tsconfig.json"]);
  },
};

const bundle = {
  name: "bundle",
  output: "build/charm-coordinator.js",
  inputs: () => [
    "scripts/bundle.mjs",
    "node_modules/esbuild/package.json",
    ...filesUnder("build/js/bindings/typescript", (path) => /(?<!\.test)\.js$/.test(path)),
  ],
  run: () => runTool("../scripts/bundle.mjs", []),
};

const guests = {
  name: "guests",
  output: "build/guests",
  inputs: () => [
    "scripts/guests.mjs",
    "node_modules/wabt/package.json",
    ...filesUnder("tests/conformance/guests", (path) => path.endsWith(".wat")),
  ],
  run: () => runTool("../scripts/guests.mjs", []),
};

/** Removes compiled files whose source is gone: a deleted test must not run for ever. */
function removeOrphans() {
  if (!existsSync(join(root, "build/js"))) return;
  const wanted = new Set(sources().map((path) => path.replace(/\.ts$/, "")));
  for (const path of filesUnder("build/js", () => true)) {
    const source = path.slice("build/js/".length).replace(/(\.d\.ts|\.js|\.js\.map)$/, "");
    if (!wanted.has(source)) rmSync(join(root, path));
  }
}

/** Builds one part if its inputs differ from those of the last build that succeeded. */
function buildPart(part, say) {
  const stamp = join(root, "build", `${part.name}.stamp`);
  const digest = digestOf(part.inputs());
  const upToDate =
    existsSync(join(root, part.output)) &&
    existsSync(stamp) &&
    readFileSync(stamp, "utf8") === digest;
  if (upToDate) return;
  say(`building ${part.output} ...`);
  mkdirSync(join(root, "build"), { recursive: true });
  rmSync(stamp, { force: true });
  const { status, output } = part.run();
  if (status !== 0) throw new Failure(`cannot build ${part.output}:\n${output.trim()}`);
  writeFileSync(stamp, digest);
}

/** Packages that carry the core and the meter: each of these is the same file, byte for byte. */
const packages = ["bindings/python/charm_coordinator", "bindings/go"];

function copyModules() {
  for (const { output } of [core, meter]) {
    const bytes = readFileSync(join(root, output));
    for (const folder of packages) {
      const copy = join(root, folder, basename(output));
      if (existsSync(copy) && bytes.equals(readFileSync(copy))) continue;
      copyFileSync(join(root, output), copy);
    }
  }
}

/** Builds what is out of date. @param say called with a line for each part that is built. */
export function build(say = (line) => process.stderr.write(`${line}\n`)) {
  buildPart(core, say);
  buildPart(meter, say);
  buildPart(policies, say);
  copyModules();
  buildPart(javascript, say);
  buildPart(bundle, say);
  buildPart(guests, say);
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  await main(() => {
    setUp();
    build();
  });
}
