/**
 * `npm run model`: installs and builds what is missing, then explores what a few units can do.
 *
 * @module
 */

import { build } from "./build.mjs";
import { main } from "./project.mjs";
import { setUp } from "./setup.mjs";

await main(async (args) => {
  setUp();
  build();
  const model = await import("../build/js/tests/model/main.js");
  return model.main(args);
});
