/**
 * Stories of an application, told to the real core: each file of `scripts/` is a row of blocks. A block is commands, a line
 * `----`, everything that comes of them, and an empty line; a line that begins with `#` is for the reader.
 *
 * With REWRITE=1 the files are given what comes of them now. Commit that only if you understand what changed it.
 *
 * @module
 */

import assert from "node:assert/strict";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { test } from "node:test";
import { Application } from "./application.js";

// The compiled test lies in build/js/tests/conformance; the scripts are where its source is.
const SCRIPTS = new URL("../../../../tests/conformance/scripts/", import.meta.url);

/** `hook app/1 config-changed acquire=restart`: a command, its arguments, and options; a value may stand in single quotes. */
function run(application: Application, line: string): string[] {
  const words = line.match(/(?:[^\s']|'[^']*')+/g) ?? [];
  const [command = "", ...rest] = words;
  const options = rest.flatMap((word) => {
    const match = /^([\w-]+)=(.*)$/s.exec(word);
    return match === null ? [] : [[match[1]!, match[2]!.replace(/^'(.*)'$/s, "$1")] as const];
  });
  const args = rest.filter((word) => !/^[\w-]+=/.test(word));
  return application.run(command, args, Object.fromEntries(options));
}

function play(script: string): string {
  const application = new Application();
  const blocks = script.trimEnd().split(/\n\n+/);
  const played = blocks.map((block) => {
    const told = block.split("\n----")[0]!;
    const commands = told.split("\n").filter((line) => !line.startsWith("#"));
    if (commands.length === 0) return told;
    const output = commands.flatMap((command) => run(application, command));
    return [told, "----", ...output].join("\n");
  });
  return `${played.join("\n\n")}\n`;
}

for (const file of readdirSync(SCRIPTS).filter((name) => name.endsWith(".txt"))) {
  test(`script ${file}`, () => {
    const script = readFileSync(new URL(file, SCRIPTS), "utf8");
    const played = play(script);
    if (process.env.REWRITE === "1") writeFileSync(new URL(file, SCRIPTS), played);
    else assert.equal(played, script);
  });
}
