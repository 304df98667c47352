/**
 * Assembles tests/conformance/guests/*.wat into build/guests: for bindings whose language has no assembler of its own.
 *
 * @module
 */

import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import wabt from "wabt";
import { filesUnder, main, root } from "./project.mjs";

await main(async () => {
  const { parseWat } = await wabt();
  const folder = join(root, "build/guests");
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  for (const file of filesUnder("tests/conformance/guests", (path) => path.endsWith(".wat"))) {
    const name = basename(file, ".wat");
    const { buffer } = parseWat(name, readFileSync(join(root, file), "utf8"), {
      threads: true,
    }).toBinary({});
    writeFileSync(join(folder, `${name}.wasm`), buffer);
  }
});
