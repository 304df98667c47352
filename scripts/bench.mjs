/**
 * `npm run bench`: installs and builds what is missing, then times decisions of the core beside JSON.parse.
 *
 * @module
 */

import { build } from "./build.mjs";
import { main } from "./project.mjs";
import { setUp } from "./setup.mjs";

await main(async (args) => {
  setUp();
  build();
  const bench = await import("../build/js/tests/bench/main.js");
  return bench.main(args);
});
