/**
 * `npm run equivalence`: installs and builds what is missing, then gives every engine the same inputs.
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
  buildGoProgram("runner");
  const equivalence = await import("../build/js/tests/equivalence/main.js");
  return await equivalence.main(args);
});
