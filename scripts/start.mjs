/**
 * `npm start`: installs and builds what is missing, then rolls a changed configuration through the units of a local Juju.
 *
 * @module
 */

import { build } from "./build.mjs";
import { main } from "./project.mjs";
import { setUp } from "./setup.mjs";

await main(async (args) => {
  setUp();
  build();
  const rollout = await import("../build/js/host/juju/rollout/main.js");
  return await rollout.main(args);
});
