/**
 * Builds build/seeded.wasm: the core with every fault of tests/model/faults.json in it, each switched off until
 * `coordinator_fault(n)` is called with its place in the list, counted from 1.
 *
 * @module
 */

import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { compile } from "./asc.mjs";
import { digestOf, Failure, filesUnder, main, root } from "./project.mjs";

const list = "tests/model/faults.json";
const output = "build/seeded.wasm";
const stamp = "build/seeded.stamp";

const switches = `
export let seeded: i32 = 0;
export function seed(fault: i32): void { seeded = fault; }
`;

/** Makes the edit for asc; throws where a source does not have the text of a fault exactly once. */
function seedingOf(faults) {
  return (file, source) => {
    if (file === "assembly/core/seeded.ts") return switches;
    if (source === null) return null;
    let edited = source;
    faults.forEach((fault, index) => {
      if (fault.file !== file) return;
      const parts = edited.split(fault.find);
      if (parts.length !== 2) {
        throw new Failure(
          `${list}: "${fault.name}": expected its text once in ${file}, found it ${parts.length - 1} times: ${fault.find}`,
        );
      }
      edited = parts.join(fault.replace.replaceAll("FAULT", `(seeded === ${index + 1})`));
    });
    const from = `${"../".repeat(file.split("/").length - 2)}core/seeded`;
    if (edited !== source) edited += `\nimport { seeded } from "${from}";\n`;
    if (file === "assembly/core/index.ts") {
      edited += `\nimport { seed } from "./seeded";\nexport function coordinator_fault(fault: i32): void { seed(fault); }\n`;
    }
    return edited;
  };
}

/** Builds it if it is out of date. @returns the names of the faults. */
export async function buildSeeded() {
  const faults = JSON.parse(readFileSync(join(root, list), "utf8"));
  const digest = digestOf([
    list,
    "scripts/seeded.mjs",
    "scripts/asc.mjs",
    "scripts/words.mjs",
    "asconfig.json",
    ...filesUnder("assembly", (path) => path.endsWith(".ts")),
  ]);
  const known = join(root, stamp);
  const isBuilt = existsSync(join(root, output)) && existsSync(known);
  if (!isBuilt || readFileSync(known, "utf8") !== digest) {
    await compile("seeded", [], seedingOf(faults));
    writeFileSync(known, digest);
  }
  return faults.map(({ name }) => name);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  await main(async () => {
    const names = await buildSeeded();
    process.stdout.write(names.map((name, index) => `${index + 1} ${name}\n`).join(""));
  });
}
