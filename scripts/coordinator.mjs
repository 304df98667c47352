#!/usr/bin/env node
/**
 * The command `coordinator`: `coordinator run FILE` plays scenarios on the local Juju, `coordinator policy` is for those who write
 * policies.
 *
 * In a clone that was never built it builds first.
 *
 * @module
 */

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Failure, main, root } from "./project.mjs";

const USAGE = `usage: coordinator run [--json] [--quiet] FILE...
       coordinator policy VERB ...
       coordinator --help | --version

run        plays scenario files on the local Juju, prints each history and checks what must hold at the end; in a clone of the
           project also the histories that its model checker writes
  --json   one JSON object per file instead
  --quiet  only the end of the history, and only of a scenario that fails
policy     describes, checks, asks, tests and begins policies; coordinator policy --help says how

exit code: 0 all hold, 1 one does not, 2 a wrong option or a bad file
`;

/** The sources are there only in a clone; the published package has the build alone, and no model checker. */
const isClone = existsSync(join(root, "package-lock.json"));

async function prepare() {
  if (!isClone) return;
  const { setUp } = await import("./setup.mjs");
  const { build } = await import("./build.mjs");
  setUp();
  build();
}

async function run(args) {
  await prepare();
  const { playHistory } = isClone ? await import("../build/js/tests/model/history.js") : {};
  const { runCommand } = await import("../build/js/host/juju/scenario/command.js");
  return runCommand(args, playHistory);
}

async function policy(args) {
  await prepare();
  const { policyCommand } = await import("../build/js/host/policy/command.js");
  return policyCommand(args);
}

await main(async ([command, ...args]) => {
  if (command === "--version") {
    process.stdout.write(
      `${JSON.parse(readFileSync(join(root, "package.json"), "utf8")).version}\n`,
    );
  } else if (command === "--help" || (command === "run" && args.includes("--help"))) {
    process.stdout.write(USAGE);
  } else if (command === "run") {
    return await run(args);
  } else if (command === "policy") {
    return await policy(args);
  } else {
    const found = command === undefined ? "no command" : `unknown command "${command}"`;
    throw new Failure(`${found}: expected run, policy, --help or --version`, 2);
  }
});
