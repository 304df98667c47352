/**
 * Builds build/coordinator.wasm (AssemblyScript) and build/js (TypeScript); does nothing when their inputs did not change. The
 * packages of other languages are given their copy of the core.
 *
 * @module
 */

import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { digestOf, Failure, filesUnder, main, root, runTool } from "./project.mjs";
import { setUp } from "./setup.mjs";

const isTypeScript = (path) => path.endsWith(".ts") && !path.endsWith(".d.ts");

const core = {
  name: "core",
  output: "build/coordinator.wasm",
  inputs: () => [
    "asconfig.json",
    "scripts/asc.mjs",
    "scripts/shrink.mjs",
    "scripts/words.mjs",
    "node_modules/assemblyscript/package.json",
    "node_modules/binaryen/package.json",
    ...filesUnder("assembly", (path) => path.endsWith(".ts")),
  ],
  run: () => runTool("../scripts/asc.mjs", ["release"]),
};

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

/** Packages that carry the core: each of these is the same file, byte for byte. */
const copies = ["bindings/python/charm_coordinator/coordinator.wasm"];

function copyCore() {
  const bytes = readFileSync(join(root, core.output));
  for (const copy of copies.map((path) => join(root, path))) {
    if (existsSync(copy) && bytes.equals(readFileSync(copy))) continue;
    copyFileSync(join(root, core.output), copy);
  }
}

/** Builds what is out of date. @param say called with a line for each part that is built. */
export function build(say = (line) => process.stderr.write(`${line}\n`)) {
  buildPart(core, say);
  copyCore();
  buildPart(javascript, say);
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  await main(() => {
    setUp();
    build();
  });
}
