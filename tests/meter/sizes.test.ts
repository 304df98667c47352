import assert from "node:assert/strict";
import { test } from "node:test";
import type { ModuleError } from "../../bindings/typescript/errors.js";
import { type Contract, prepare } from "../../bindings/typescript/meter.js";

const KIB = 1 << 10;
const MIB = 1 << 20;

type Bytes = readonly number[] | Uint8Array;

function leb(value: number): number[] {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...leb(value >>> 7)];
}

const joinAll = (parts: readonly Bytes[]): Uint8Array =>
  Buffer.concat(parts.map((part) => Uint8Array.from(part)));
const join = (...parts: readonly Bytes[]): Uint8Array => joinAll(parts);
const sized = (bytes: Bytes): Uint8Array => join(leb(bytes.length), bytes);
const section = (number: number, bytes: Bytes): Uint8Array => join([number], sized(bytes));
const list = (items: readonly Bytes[]): Uint8Array => join(leb(items.length), joinAll(items));
const text = (name: string): Uint8Array => sized(Buffer.from(name));
const repeat = (bytes: readonly number[], count: number): Uint8Array =>
  Buffer.alloc(bytes.length * count, Uint8Array.from(bytes));

const HEADER = [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0];
const WASI = text("wasi_snapshot_preview1");
/** What runs, and what is imported: `sched_yield`, and `fd_close`. */
const TYPES = list([
  [0x60, 0, 0],
  [0x60, 0, 1, 0x7f],
  [0x60, 1, 0x7f, 1, 0x7f],
]);

/** A command whose functions have these bodies, and a custom section of so many bytes. */
function command(bodies: readonly Bytes[], padding = 0, more: readonly Bytes[] = []): Uint8Array {
  return join(
    HEADER,
    section(1, TYPES),
    section(2, list([join(WASI, text("sched_yield"), [0, 1])])),
    section(3, list(bodies.map(() => [0]))),
    section(5, [1, 0, 1]),
    section(7, list([join(text("memory"), [2, 0]), join(text("_start"), [0, 1]), ...more])),
    section(10, list(bodies.map((code) => sized(join([0], code, [0x0b]))))),
    section(0, join(text("x"), Buffer.alloc(padding))),
  );
}

/** A policy module that is as small as can be, and a custom section. */
function policy(padding: number): Uint8Array {
  const names = ["coordinator_abi", "coordinator_alloc", "coordinator_call"];
  const types = [
    [0x60, 0, 1, 0x7f],
    [0x60, 1, 0x7f, 1, 0x7f],
    [0x60, 2, 0x7f, 0x7f, 1, 0x7e],
  ];
  return join(
    HEADER,
    section(1, list(types)),
    section(3, list([[0], [1], [2]])),
    section(5, [1, 1, 1, 1]),
    section(
      7,
      list([join(text("memory"), [2, 0]), ...names.map((name, at) => join(text(name), [0, at]))]),
    ),
    section(10, list(names.map(() => sized([0, 0x00, 0x0b])))),
    section(0, join(text("x"), Buffer.alloc(padding))),
  );
}

/** What becomes of it: the bytes of the result, or the error's message. */
function prepared(bytes: Uint8Array, contract: Contract = "either"): string | number {
  try {
    return prepare(bytes, contract, { pages: 256, fuel: 100_000_000n }).length;
  } catch (error) {
    const { code, message } = error as ModuleError;
    return `${code}: ${message}`;
  }
}

const LOOP = [0x03, 0x40, 0x0b];
const loops = (bytes: number): Uint8Array => repeat(LOOP, Math.floor(bytes / LOOP.length));

test("a module may have 1 MiB, a command 4 MiB", () => {
  const least = policy(0).length;
  assert.equal(typeof prepared(policy(MIB - least - 4)), "number");
  assert.equal(
    prepared(policy(MIB)),
    `too_big: the file has ${policy(MIB).length} bytes; at most 1048576`,
  );
  assert.equal(prepared(policy(MIB), "policy"), prepared(policy(MIB)));
  const rest = command([[]]).length;
  assert.equal(typeof prepared(command([[]], 4 * MIB - rest - 4)), "number");
  assert.match(String(prepared(command([[]], 4 * MIB))), /^too_big: the file has \d+ bytes$/);
  assert.match(String(prepared(Buffer.alloc(MIB + 1, 1))), /^too_big/);
});

test("what is added makes a module no larger than 4 MiB, a command 16 MiB", () => {
  const many = (count: number): readonly Uint8Array[] =>
    Array.from({ length: count }, () => loops(500 * KIB));
  const [small, large] = [prepared(command(many(1))), prepared(command(many(3)))];
  assert.ok(Number(small) > 3 * MIB && Number(large) > 9 * MIB, `${small}, ${large}`);
  assert.equal(prepared(command(many(6))), "too_big: with what is added it has more than 16 MiB");
  assert.equal(
    prepared(command(many(2)), "none"),
    "too_big: with what is added it has more than 4 MiB",
  );
});

test("a function may have 512 KiB", () => {
  assert.equal(typeof prepared(command([repeat([0x01], 512 * KIB - 2)])), "number");
  assert.equal(
    prepared(command([repeat([0x01], 512 * KIB - 1)])),
    "too_big: a function has more than 512 KiB",
  );
});

test("all but code and data may have 256 KiB", () => {
  const exported = (count: number): Uint8Array => command([[]], 0, Array(count).fill([0, 0, 1]));
  assert.equal(typeof prepared(exported(87_000)), "number");
  assert.equal(
    prepared(exported(88_000)),
    "too_big: without code and data it has more than 256 KiB",
  );
});

test("whatever fills the largest file, the rewriter has memory enough to say what is wrong, or nothing", () => {
  const nested = join(repeat([0x03, 0x40], 170_000), repeat([0x0b], 170_000));
  const exits = join(
    repeat([0x02, 0x40], 60_000),
    repeat([0x41, 0, 0x0d, 0], 40_000),
    repeat([0x0b], 60_000),
  );
  const exported = Array.from({ length: 80_000 }, () => [0, 0, 1]);
  const bodies = (body: Bytes, count: number): readonly Bytes[] => Array(count).fill(body);
  const shapes: readonly Uint8Array[] = [
    command(bodies(nested, 7), 0, exported),
    command(bodies(exits, 7), 0, exported),
    command(bodies(loops(500 * KIB), 7), 0, exported),
    command(bodies([], 250_000)),
    join(HEADER, section(1, list(Array(87_000).fill([0x60, 0, 0])))),
    join(
      HEADER,
      section(1, list([[0x60, 0, 0]])),
      section(2, list(Array(60_000).fill([0, 0, 0, 0]))),
    ),
  ];
  for (const [number, shape] of shapes.entries()) {
    assert.ok(shape.length <= 4 * MIB, `${number}: ${shape.length}`);
    // A trap would be no ModuleError, and have no code.
    assert.match(String(prepared(shape)), /^(?!undefined)/, `${number}`);
  }
});

test("which of the two it is, the file tells: a command has _start, and imports WASI", () => {
  assert.equal(typeof prepared(command([[]])), "number");
  const only = (imports: readonly Bytes[], name: string): Uint8Array =>
    join(
      HEADER,
      section(1, TYPES),
      section(2, list(imports)),
      section(3, list([[0]])),
      section(5, [1, 0, 1]),
      section(7, list([join(text("memory"), [2, 0]), join(text(name), [0, imports.length])])),
      section(10, list([sized([0, 0x0b])])),
    );
  const wasi = join(WASI, text("fd_close"), [0, 2]);
  const other = join(text("env"), text("abort"), [0, 0]);
  assert.equal(typeof prepared(only([wasi], "_start")), "number");
  const isModule = "; a module imports nothing";
  assert.equal(
    prepared(only([wasi], "start")),
    `has_import: it imports wasi_snapshot_preview1.fd_close${isModule}`,
  );
  assert.equal(prepared(only([other], "_start")), `has_import: it imports env.abort${isModule}`);
  assert.equal(
    prepared(only([wasi, other], "_start")),
    "has_import: it imports env.abort; a command imports a part of WASI, and only that",
  );
});
