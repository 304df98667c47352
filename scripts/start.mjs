/**
 * `npm start`: installs and builds what is missing, then rolls a changed configuration through the units of a local Juju.
 *
 * @module
 */

import { build } from "./build.mjs";
import { buildGoCharm, noGo } from "./go.mjs";
import { Failure, main } from "./project.mjs";
import { noPython, setUpPython } from "./python.mjs";
import { setUp } from "./setup.mjs";

/** What the languages of charms need, and why it cannot be had. */
const setUps = {
  python: () => orWhy(() => (setUpPython() ? null : noPython)),
  go: () => orWhy(() => (buildGoCharm("go") ? null : noGo)),
  bash: () => orWhy(() => (buildGoCharm("bash") ? null : noGo)),
};

function orWhy(setUpOne) {
  try {
    return setUpOne();
  } catch (error) {
    if (error instanceof Failure) return error.message.trim().split("\n").at(-1);
    throw error;
  }
}

await main(async (args) => {
  setUp();
  build();
  const rollout = await import("../build/js/host/juju/rollout/main.js");
  return await rollout.main(args, setUps);
});
