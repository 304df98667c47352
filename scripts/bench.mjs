/**
 * `npm run bench`: installs and builds what is missing, Python's side too where there is Python, then measures.
 *
 * @module
 */

import { build } from "./build.mjs";
import { buildGoProgram } from "./go.mjs";
import { main } from "./project.mjs";
import { setUpPython } from "./python.mjs";
import { setUp } from "./setup.mjs";

await main(async (args) => {
  setUp();
  build();
  setUpPython();
  for (const name of ["decision", "hookcost"]) buildGoProgram(name);
  const bench = await import("../build/js/tests/bench/main.js");
  return bench.main(args);
});
