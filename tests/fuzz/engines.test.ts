/**
 * What the fuzzers feed the core in V8 it is fed again through the Python binding: the answers must be the same bytes.
 *
 * @module
 */

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { loadModule } from "../../bindings/typescript/index.js";
import { needsPython, python } from "../python.js";
import { fuzzers } from "./fuzzers.js";
import { Guest } from "./guest.js";

const root = fileURLToPath(new URL("../../../../", import.meta.url));
const core = loadModule(readFileSync(join(root, "build/coordinator.wasm")), { kind: "core" });

/** The inputs of each instance. */
function conversations(): Buffer[][] {
  const inputs = new Map<Guest, Buffer[]>();
  const call = Guest.prototype.call;
  Guest.prototype.call = function (input) {
    const own = inputs.get(this) ?? [];
    inputs.set(this, own);
    own.push(Buffer.from(input));
    return call.call(this, input);
  };
  try {
    for (const [kind, runs] of [
      ["json", 2000],
      ["wire", 300],
      ["abi", 400],
    ] as const) {
      assert.equal(fuzzers[kind](7, runs), null);
    }
  } finally {
    Guest.prototype.call = call;
  }
  return [...inputs.values()];
}

/** The binding runs a program of this folder on a file of conversations. */
function replay(pairs: readonly (readonly (readonly string[])[])[]) {
  const folder = mkdtempSync(join(tmpdir(), "replay-"));
  try {
    const file = join(folder, "conversations.json");
    writeFileSync(file, JSON.stringify(pairs));
    return spawnSync(python, [join(root, "tests/fuzz/replay.py"), file], {
      encoding: "utf8",
      env: { ...process.env, PYTHONPATH: join(root, "bindings/python") },
    });
  } finally {
    rmSync(folder, { recursive: true });
  }
}

test(
  "thousands of generated inputs have the same answers on each engine, byte for byte",
  needsPython,
  (t) => {
    const pairs = conversations().map((inputs) => {
      const instance = core.instantiate();
      return inputs.map((input) =>
        [input, instance.call(input)].map((bytes) => Buffer.from(bytes).toString("base64")),
      );
    });
    const { status, stdout, stderr } = replay(pairs);
    assert.equal(status, 0, stderr.slice(0, 4000));
    t.diagnostic(`${stdout.trim()} calls`);
    assert.ok(Number(stdout) >= pairs.flat().length);

    pairs.at(-1)!.at(-1)![1] = Buffer.from("{}").toString("base64");
    assert.match(replay(pairs.slice(-1)).stderr, /was answered/);
  },
);
