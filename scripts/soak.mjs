/**
 * `npm run soak`: installs and builds what is missing, then lets everything go wrong for as long as it is told.
 *
 * @module
 */

import { build } from "./build.mjs";
import { buildGoCharms, noGo } from "./go.mjs";
import { main } from "./project.mjs";
import { noPython, setUpPython } from "./python.mjs";
import { setUp } from "./setup.mjs";

await main(async (args) => {
  setUp();
  build();
  if (!setUpPython()) process.stderr.write(`no unit is in Python: ${noPython}\n`);
  if (!buildGoCharms()) process.stderr.write(`no unit is in Go or bash: ${noGo}\n`);
  const soak = await import("../build/js/tests/soak/main.js");
  return await soak.main(args);
});
