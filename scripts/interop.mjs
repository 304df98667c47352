/**
 * `npm run interop`: installs and builds what is missing, then mixes old and new units.
 *
 * @module
 */

import { build } from "./build.mjs";
import { Failure, main } from "./project.mjs";
import { noPython, setUpPython } from "./python.mjs";
import { setUp } from "./setup.mjs";

await main(async (args) => {
  setUp();
  build();
  if (!setUpPython()) throw new Failure(noPython);
  const interop = await import("../build/js/tests/interop/main.js");
  return await interop.main(args);
});
