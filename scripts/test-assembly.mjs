/**
 * Runs as-pect so that nothing passes by accident: no specs, a killed child, an endless loop and a missing import all fail.
 *
 * Arguments are passed on, so `node scripts/test-assembly.mjs tests/assembly/queue.spec.ts` runs one spec.
 *
 * @module
 */

import { runTool } from "./project.mjs";

const TIME_LIMIT_MS = 120_000;

// Not as-pect's own command: it starts a child and exits with 0 when a signal ends that child.
const { status, output } = runTool(
  "@as-pect/cli/lib/test.js",
  ["--summary", ...process.argv.slice(2)],
  { timeout: TIME_LIMIT_MS, node: ["--enable-source-maps"], env: { FORCE_COLOR: "0" } },
);

const escapeCode = String.fromCharCode(27);
const text = output.replaceAll(new RegExp(`${escapeCode}\\[[0-9;]*m`, "g"), "");
process.stdout.write(text);

const counts = /\[Tests\]: (\d+) \/ (\d+)/.exec(text);
if (counts === null || Number(counts[2]) === 0) {
  process.stdout.write("no spec was run: expected tests/assembly/**/*.spec.ts\n");
  process.exitCode = 1;
} else if (status !== 0 || counts[1] !== counts[2]) {
  process.exitCode = 1;
}
