/**
 * The bench's part `size`: bytes of what is given to others.
 *
 * @module
 */

import { spawnSync } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { type Effort, type Findings, type Part, target } from "./part.js";
import { count } from "./spread.js";

const root = fileURLToPath(new URL("../../../../", import.meta.url));
/** "≤ 40 KB" in bytes: KB of 1,024, as its first six rules were to take 32. */
const mostCore = 40 * 1024;

interface Item {
  readonly what: string;
  readonly bytes: number;
  /** Compressed with gzip, or as it is unpacked; what `of` says. */
  readonly other?: { readonly of: string; readonly bytes: number };
}

/** A program's standard output. @throws Error with the end of what it said, if it fails. */
function run(command: string, args: readonly string[], folder: string): string {
  const { status, stdout, stderr, error } = spawnSync(command, args, {
    ...{ cwd: folder, encoding: "utf8", maxBuffer: 64 << 20 },
  });
  if (status === 0) return stdout;
  throw new Error(`${command}: ${(error?.message ?? stderr).trim().split("\n").at(-1)}`);
}

function wasmFiles(): Item[] {
  const policies = join(root, "build/policies");
  const names = existsSync(policies) ? readdirSync(policies).map((name) => `policies/${name}`) : [];
  const files = ["coordinator.wasm", ...names.filter((name) => name.endsWith(".wasm"))];
  return files.map((name) => {
    const bytes = readFileSync(join(root, "build", name));
    const packed = gzipSync(bytes, { level: 9 }).length;
    return {
      what: `build/${name}`,
      bytes: bytes.length,
      other: { of: "gzip", bytes: packed },
    };
  });
}

function npmPackage(): Item {
  const [{ size, unpackedSize }] = JSON.parse(
    run("npm", ["pack", "--dry-run", "--json", "--ignore-scripts"], root),
  ) as [{ size: number; unpackedSize: number }];
  const other = { of: "unpacked", bytes: unpackedSize };
  return { what: "npm package", bytes: size, other };
}

/** Built from a copy: building leaves files beside its sources. */
function wheel(folder: string): Item {
  const copy = join(folder, "python");
  cpSync(join(root, "bindings/python"), copy, { recursive: true });
  const pip = ["-m", "pip", "wheel", "--quiet", "--disable-pip-version-check", "--no-deps"];
  run(join(root, ".venv/bin/python"), [...pip, "-w", folder, copy], folder);
  const file = readdirSync(folder).find((name) => name.endsWith(".whl"))!;
  return { what: "Python wheel", bytes: statSync(join(folder, file)).size };
}

/** The sample charm in Go, which is the binding, its engine and the core in one file. */
function goProgram(folder: string): Item {
  const charm = join(root, "host/charms/go");
  if (!existsSync(charm)) throw new Error("there is no host/charms/go");
  const program = join(folder, "charm");
  run("go", ["build", "-trimpath", "-ldflags=-s -w", "-o", program, "."], charm);
  return { what: "Go program of the sample charm, stripped", bytes: statSync(program).size };
}

function measure(effort: Effort): Findings {
  const missing: string[] = [];
  const items = wasmFiles();
  const folder = mkdtempSync(join(tmpdir(), "size-"));
  const packages = { "npm package": npmPackage, wheel, "Go program": goProgram };
  try {
    for (const [name, take] of effort === "quick" ? [] : Object.entries(packages)) {
      try {
        items.push(take(folder));
      } catch (problem) {
        missing.push(`size of the ${name}: ${(problem as Error).message}`);
      }
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  const core = items[0]!.bytes;
  return {
    tables: [
      {
        title: "Size",
        head: ["what", "bytes", "other"],
        rows: items.map(({ what, bytes, other }) => [
          ...[what, count(bytes)],
          other === undefined ? "" : `${count(other.bytes)} ${other.of}`,
        ]),
      },
    ],
    targets: [target("core with all rules", "≤ 40 KB", `${count(core)} bytes`, core <= mostCore)],
    missing,
    data: items,
  };
}

export const size: Part = { name: "size", summary: "bytes of what is given to others", measure };
