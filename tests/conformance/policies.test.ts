/**
 * The sample policies: four languages, one decision. README.md in their folder says what each is built with.
 *
 * With POLICIES=FOLDER those of another folder are tested in their place, as far as they are there.
 *
 * @module
 */

import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { pathToFileURL } from "node:url";
import fc from "fast-check";
import { isObject, type PolicyState } from "../../bindings/typescript/contract.js";
import { loadPolicy } from "../../bindings/typescript/index.js";
import { loadProgram } from "../../bindings/typescript/module.js";

interface Sample {
  readonly file: string;
  readonly kind: "module" | "command";
  /** Of the first vector. */
  readonly fuel: number;
}

interface Vector {
  readonly name: string;
  readonly in?: Record<string, unknown>;
  readonly in_text?: string;
  readonly config?: unknown;
  readonly out: Record<string, unknown>;
}

// The compiled test lies in build/js/tests/conformance; the samples are where their sources are.
const FOLDER = new URL("../../../../tests/conformance/policies/", import.meta.url);
const given = process.env.POLICIES;
const files = given === undefined ? FOLDER : pathToFileURL(`${given}/`);
/** On a loaded machine any clock may be too early. */
const TIME = 60_000;

function read<T>(name: string): T {
  return JSON.parse(readFileSync(new URL(name, FOLDER), "utf8")) as T;
}

const vectors = read<Vector[]>("vectors.json");
const samples = read<Sample[]>("policies.json").filter(
  ({ file }) => given === undefined || existsSync(new URL(file, files)),
);

/** A sample as bytes in, bytes out: each call is an instance of its own. */
function open({ file }: Sample): (input: string | Uint8Array) => unknown {
  const program = loadProgram(readFileSync(new URL(file, files)), TIME);
  return (input) => {
    const run = program.instantiate((line) => assert.fail(`${file}: ${line}`));
    return JSON.parse(Buffer.from(run.call(Buffer.from(input))).toString());
  };
}

function inputOf({ in: input, in_text: text, config }: Vector): string {
  return text ?? JSON.stringify(config === undefined ? input : { ...input, config });
}

/** Of an error only what the vector says of it: messages are each policy's own. */
function partOf(found: unknown, expected: Record<string, unknown>): unknown {
  if (!isObject(expected.error) || !isObject(found) || !isObject(found.error)) return found;
  const { error } = found;
  const wanted = Object.keys(expected.error).map((member) => [member, error[member]]);
  return { error: Object.fromEntries(wanted) };
}

for (const sample of samples) {
  test(`${sample.file} answers every vector`, () => {
    const call = open(sample);
    for (const vector of vectors) {
      const found = call(inputOf(vector));
      assert.deepEqual(partOf(found, vector.out), vector.out, vector.name);
    }
  });

  test(`${sample.file} is a ${sample.kind} that can be loaded, and decides`, () => {
    const bytes = readFileSync(new URL(sample.file, files));
    const policy = loadPolicy(bytes, { time: TIME });
    assert.deepEqual([policy.kind, policy.name, policy.version], [sample.kind, "half", "1"]);
    assert.deepEqual(policy.needs, {});
    for (const { name, in: state, out } of vectors) {
      if (state?.op !== "decide" || out.ok === undefined) continue;
      assert.deepEqual({ ok: policy.decide(state as unknown as PolicyState) }, out, name);
    }
    policy.decide(vectors[0]!.in as unknown as PolicyState);
    if (given === undefined) assert.equal(Number(policy.fuelUsed), sample.fuel);
    assert.throws(() => loadPolicy(bytes, { config: { max: 2 }, time: TIME }), {
      code: "bad_config",
      message: /config\.max/,
    });
  });
}

test("every built sample is listed", () => {
  const built = readdirSync(FOLDER).filter((file) => file.endsWith(".wasm"));
  const listed = read<Sample[]>("policies.json").map(({ file }) => file);
  assert.deepEqual(
    built.filter((file) => !listed.includes(file)),
    [],
  );
});

const request = (unit: number, lock: string) => ({
  unit: `app/${unit}`,
  lock,
  id: "2026-11-22 09:00:00.000000Z",
});

test("a thousand units that all wait are decided on within the fuel of one decision", () => {
  const units = Array.from({ length: 1000 }, (_, unit) => unit);
  const input = {
    ...{ op: "decide", now: "2026-11-22 10:00:00.000000Z", leader: "app/0", n: units.length },
    ...{ units: units.map((unit) => `app/${unit}`), holders: [] },
    ...{ queue: units.map((unit) => request(unit, "restart")), config: {} },
  };
  for (const sample of samples) {
    const { ok } = open(sample)(JSON.stringify(input)) as { ok: { grant: { unit: string }[] } };
    const granted = ok.grant.map(({ unit }) => unit);
    assert.deepEqual(
      granted,
      units.slice(1, 500).map((unit) => `app/${unit}`),
      sample.file,
    );
  }
});

test("whatever they are given they decide alike", () => {
  const name = fc.oneof(
    fc.constantFrom("restart", "migrate", "", '"', "\\", "é", "😀", "\n", "\u2028"),
    fc.string({ unit: "grapheme", maxLength: 8 }),
  );
  const entry = fc.record({
    unit: fc.constantFrom("app/0", "app/1", "app/2", "é/3"),
    lock: name,
    id: fc.constant("2026-11-22 09:00:00.000000Z"),
    data: fc.jsonValue({ maxDepth: 3 }).map((value) => ({ value })),
  });
  const inputs = fc.record({
    op: fc.constant("decide"),
    now: fc.constant("2026-11-22 10:00:00.000000Z"),
    leader: fc.constantFrom("app/0", "é/3"),
    n: fc.integer({ min: 1, max: 12 }),
    units: fc.constant(["app/0"]),
    holders: fc.array(entry, { maxLength: 4 }),
    queue: fc.array(entry, { maxLength: 8 }),
    config: fc.constant({}),
  });
  const calls = samples.map(open);
  const check = (input: object): void => {
    const [first, ...others] = calls.map((call) => call(JSON.stringify(input)));
    assert.ok(isObject((first as { ok?: unknown }).ok));
    for (const other of others) assert.deepEqual(other, first);
  };
  fc.assert(fc.property(inputs, check), { numRuns: 30 });
});

test("what is no input is answered with an error", () => {
  const text = inputOf(vectors.find(({ in_text }) => in_text !== undefined)!);
  const damaged = fc
    .tuple(fc.nat(text.length), fc.nat(12), fc.string({ unit: "binary", maxLength: 3 }))
    .map(([at, length, other]) => text.slice(0, at) + other + text.slice(at + length));
  const calls = samples.map(open);
  const check = (input: string): void => {
    for (const call of calls) {
      const { ok, error } = call(input) as { ok?: unknown; error?: { code?: unknown } };
      assert.ok(isObject(ok) || typeof error?.code === "string");
    }
  };
  fc.assert(fc.property(damaged, check), { numRuns: 30 });
});
