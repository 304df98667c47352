/**
 * The TypeScript binding walks the conformance kit; README.md beside this file says how.
 *
 * @module
 */

import assert from "node:assert/strict";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { after, test } from "node:test";
import wabt from "wabt";
import { type PolicyState, parseAnswer } from "../../bindings/typescript/contract.js";
import { freshCore } from "../../bindings/typescript/core.js";
import {
  type Callable,
  type Instance,
  loadModule,
  loadPolicy,
  ModuleError,
  type PolicyModule,
} from "../../bindings/typescript/index.js";

interface Guest {
  readonly guest: string;
  readonly hex?: string;
  readonly padding?: number;
  readonly at: "load" | "call";
  readonly input?: string;
  readonly answer?: string;
  readonly error?: string;
  readonly trap?: string;
  fuel?: number;
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

type Outcome = Pick<Guest, "at" | "answer" | "error" | "trap" | "fuel">;

/** Runs a guest as a policy and says what became of it, and where. */
function outcome(guest: Guest): Outcome {
  let at: Guest["at"] = "load";
  let instance: Instance | null = null;
  const fuel = () => (instance === null ? {} : { fuel: Number(instance.fuelUsed) });
  try {
    // No clock: on a loaded machine any may be too early, and the fuel ends whoever does not end.
    const module = loadModule(moduleOf(guest), { kind: "policy", time: 60_000 });
    at = "call";
    instance = module.instantiate();
    const answer = instance.call(Buffer.from(guest.input ?? '{"op":"describe"}'));
    parseAnswer(answer);
    return { at, answer: Buffer.from(answer).toString(), ...fuel() };
  } catch (error) {
    assert.ok(error instanceof ModuleError, `${error}`);
    const trap = error.trap === null ? {} : { trap: error.trap };
    return { at, error: error.code, ...trap, ...fuel() };
  }
}

const guests = read<(Guest | PolicyGuest)[]>("guests.json");
const moduleGuests = guests.filter((one): one is Guest => !("as" in one));
const policyGuests = guests.filter((one): one is PolicyGuest => "as" in one);
for (const guest of moduleGuests) {
  const { guest: file, hex, padding, input, ...expected } = guest;
  const name = hex === undefined ? file : `the bytes "${hex}"`;
  test(`${name}: ${expected.error ?? "answers"}`, () => {
    const found = outcome(guest);
    if (process.env.REWRITE === "1" && found.fuel !== undefined) guest.fuel = found.fuel;
    assert.deepEqual(found, {
      ...expected,
      ...(guest.fuel === undefined ? {} : { fuel: guest.fuel }),
    });
  });
}

interface PolicyGuest {
  readonly guest: string;
  readonly as: "policy";
  readonly at: "load" | "describe" | "check" | "decide";
  readonly config?: unknown;
  readonly needs?: unknown;
  readonly decision?: unknown;
  readonly error?: string;
  readonly trap?: string;
  readonly says?: string;
  readonly log?: readonly string[];
  fuel?: number;
}

/** Walks a guest as a whole policy: what became of it, and what it said, as far as `expected` looks at it. */
function policyOutcome(guest: PolicyGuest): Omit<PolicyGuest, "guest" | "as" | "config"> {
  const seen = <T extends object>(field: keyof PolicyGuest, what: T): T | object =>
    guest[field] === undefined ? {} : what;
  const log: string[] = [];
  let policy: PolicyModule | null = null;
  const facts = (): object => ({
    ...seen("log", { log }),
    ...seen("fuel", { fuel: Number(policy?.fuelUsed) }),
  });
  try {
    const { config = {} } = guest;
    policy = loadPolicy(compile(guest.guest), { config, time: 60_000 });
    const { needs } = policy;
    const decision = policy.decide(question, (line) => log.push(line));
    return { at: "decide", decision, ...seen("needs", { needs }), ...facts() };
  } catch (error) {
    assert.ok(error instanceof ModuleError, `${error}`);
    const { code, message, trap } = error;
    // An operation's name goes before what went wrong in it.
    const [, at = "load"] = /^(describe|check|decide): /.exec(message) ?? [];
    if (guest.says !== undefined) assert.ok(message.includes(guest.says), message);
    return {
      at: at as PolicyGuest["at"],
      error: code,
      ...seen("says", { says: guest.says }),
      ...(trap === null ? {} : { trap }),
      ...facts(),
    };
  }
}

const question = read<PolicyState>("decide.json");
for (const guest of policyGuests) {
  const { guest: file, as: _, config, ...expected } = guest;
  const asked = config === undefined ? "" : ` with ${JSON.stringify(config)}`;
  test(`${file}${asked} as a policy: ${expected.error ?? "decides"}`, () => {
    const found = policyOutcome(guest);
    if (process.env.REWRITE === "1" && found.fuel !== undefined) guest.fuel = found.fuel;
    assert.deepEqual(found, {
      ...expected,
      ...(guest.fuel === undefined ? {} : { fuel: guest.fuel }),
    });
  });
}

after(() => {
  if (process.env.REWRITE !== "1") return;
  const lines = guests.map((guest) => `  ${JSON.stringify(guest)}`);
  writeFileSync(new URL("guests.json", KIT), `[\n${lines.join(",\n")}\n]\n`);
});

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
