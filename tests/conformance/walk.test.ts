/**
 * The TypeScript binding walks the conformance kit; README.md beside this file says how.
 *
 * @module
 */

import assert from "node:assert/strict";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { test } from "node:test";
import wabt from "wabt";
import { parseAnswer } from "../../bindings/typescript/contract.js";
import { freshCore } from "../../bindings/typescript/core.js";
import { type Callable, loadModule, ModuleError } from "../../bindings/typescript/index.js";

interface Guest {
  readonly guest: string;
  readonly hex?: string;
  readonly padding?: number;
  readonly at: "load" | "call";
  readonly input?: string;
  readonly answer?: string;
  readonly error?: string;
  readonly trap?: string;
}

interface Step {
  readonly in?: unknown;
  readonly in_text?: string;
  readonly in_hex?: string;
  out: string;
}

interface Vector {
  readonly name: string;
  readonly steps: Step[];
}

// The compiled test lies in build/js/tests/conformance; the kit is where its source is.
const KIT = new URL("../../../../tests/conformance/", import.meta.url);
const { parseWat } = await wabt();

function read<T>(name: string): T {
  return JSON.parse(readFileSync(new URL(name, KIT), "utf8")) as T;
}

function compile(guest: string): Uint8Array {
  const text = readFileSync(new URL(`guests/${guest}.wat`, KIT), "utf8");
  return parseWat(guest, text, { threads: true }).toBinary({}).buffer;
}

/** The module with a custom section of so many bytes behind it, which changes nothing but its size. */
function pad(module: Uint8Array, bytes: number): Uint8Array {
  const length = [0, 7, 14, 21].map((shift) => ((bytes >> shift) & 0x7f) | (shift < 21 ? 0x80 : 0));
  return Buffer.concat([module, Buffer.from([0, ...length]), Buffer.alloc(bytes)]);
}

function moduleOf({ guest, hex, padding }: Guest): Uint8Array {
  if (hex !== undefined) return Buffer.from(hex, "hex");
  const module = compile(guest);
  return padding === undefined ? module : pad(module, padding);
}

/** Runs a guest as a policy and says what became of it, and where. */
function outcome(guest: Guest): object {
  let at = "load";
  try {
    // Only who never ends is cut short early: on a loaded machine others may need their time.
    const limit = guest.error === "timeout" ? { time: 100 } : {};
    const module = loadModule(moduleOf(guest), { kind: "policy", ...limit });
    at = "call";
    const answer = module.instantiate().call(Buffer.from(guest.input ?? '{"op":"describe"}'));
    parseAnswer(answer);
    return { at, answer: Buffer.from(answer).toString() };
  } catch (error) {
    assert.ok(error instanceof ModuleError, `${error}`);
    return { at, error: error.code, ...(error.trap === null ? {} : { trap: error.trap }) };
  }
}

for (const guest of read<Guest[]>("guests.json")) {
  const { at, answer, error, trap } = guest;
  const expected = error === undefined ? { at, answer } : { at, error, ...(trap ? { trap } : {}) };
  const name = guest.hex === undefined ? guest.guest : `the bytes "${guest.hex}"`;
  test(`${name}: ${error ?? "answers"}`, () => assert.deepEqual(outcome(guest), expected));
}

test("every guest in the folder is listed", () => {
  const files = readdirSync(new URL("guests", KIT)).map((file) => file.replace(/\.wat$/, ""));
  const listed = new Set(read<Guest[]>("guests.json").map(({ guest }) => guest));
  assert.deepEqual(
    files.filter((file) => !listed.has(file)),
    [],
  );
});

function inputOf(step: Step): Uint8Array {
  if (step.in_hex !== undefined) return Buffer.from(step.in_hex, "hex");
  return Buffer.from(step.in_text ?? JSON.stringify(step.in));
}

function run(core: Callable, step: Step): string {
  return Buffer.from(core.call(inputOf(step))).toString();
}

/** With REWRITE=1 the files are given the core's answers. Commit them only if you understand what changed them. */
for (const file of readdirSync(new URL("vectors", KIT)).filter((name) => name.endsWith(".json"))) {
  test(`vectors of ${file}`, () => {
    const vectors = read<Vector[]>(`vectors/${file}`);
    for (const { name, steps } of vectors) {
      const core = freshCore();
      steps.forEach((step, index) => {
        const out = run(core, step);
        if (process.env.REWRITE === "1") step.out = out;
        else assert.equal(out, step.out, `${file}: ${name}, step ${index + 1}`);
      });
    }
    if (process.env.REWRITE !== "1") return;
    writeFileSync(new URL(`vectors/${file}`, KIT), `${JSON.stringify(vectors, null, 2)}\n`);
  });
}
