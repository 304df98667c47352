#!/usr/bin/env node
/**
 * The command `coordinator`: `coordinator run FILE` plays scenarios on the local Juju.
 *
 * In a clone that was never built it builds first.
 *
 * @module
 */

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Failure, main, root } from "./project.mjs";

const USAGE = `usage: coordinator run [--json] [--quiet] FILE...
       coordinator --help | --version

run        plays scenario files on the local Juju, prints each history and checks what must hold at the end; in a clone of the
           project also the histories that its model checker writes
  --json   one JSON object per file instead
  --quiet  only the end of the history, and only of a scenario that fails

exit code: 0 all hold, 1 one does not, 2 a wrong option or a bad file
`;

async function commandOf(args) {
  let playHistory = null;
  // The sources are there only in a clone; the published package has the build alone, and no model checker.
  if (existsSync(join(root, "package-lock.json"))) {
    const { setUp } = await import("./setup.mjs");
    const { build } = await import("./build.mjs");
    setUp();
    build();
    ({ playHistory } = await import("../build/js/tests/model/history.js"));
  }
  const { runCommand } = await import("../build/js/host/juju/scenario/command.js");
  return runCommand(args, playHistory);
}

await main(async ([command, ...args]) => {
  if (command === "--version") {
    process.stdout.write(
      `${JSON.parse(readFileSync(join(root, "package.json"), "utf8")).version}\n`,
    );
  } else if (command === "--help" || (command === "run" && args.includes("--help"))) {
    process.stdout.write(USAGE);
  } else if (command === "run") {
    return await commandOf(args);
  } else {
    const found = command === undefined ? "no command" : `unknown command "${command}"`;
    throw new Failure(`${found}: expected run, --help or --version`, 2);
  }
});
