/**
 * `npm run bench`: installs and builds what is missing, Python's side too where there is Python, then measures.
 *
 * @module
 */

import { rmSync } from "node:fs";
import { join } from "node:path";
import { build } from "./build.mjs";
import { buildGoProgram } from "./go.mjs";
import { main, root } from "./project.mjs";
import { setUpEnvironment, setUpPython } from "./python.mjs";
import { setUp } from "./setup.mjs";

/** What is only beside: without it the bench says so. */
function setUpRollingOps() {
  const folder = "build/rollingops";
  try {
    setUpEnvironment(folder, ["tests/bench/requirements.txt"]);
  } catch (error) {
    rmSync(join(root, folder), { recursive: true, force: true });
    process.stderr.write(`${error.message}\n`);
  }
}

await main(async (args) => {
  setUp();
  build();
  setUpPython();
  setUpRollingOps();
  for (const name of ["decision", "hookcost"]) buildGoProgram(name);
  const bench = await import("../build/js/tests/bench/main.js");
  return bench.main(args);
});
