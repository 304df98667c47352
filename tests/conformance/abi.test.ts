/**
 * Holds the contract's page, its WebAssembly text and the built core against one another: what `host/abi.md` promises is there, and
 * what is there it tells of.
 *
 * @module
 */

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import wabt from "wabt";
import { type Memory, readExports } from "../../bindings/typescript/binary.js";
import { parseAnswer } from "../../bindings/typescript/contract.js";
import { freshCore } from "../../bindings/typescript/core.js";
import { loadModule, type ModuleError } from "../../bindings/typescript/index.js";
import { prepare } from "../../bindings/typescript/meter.js";
import * as wasm from "../../bindings/typescript/webassembly.js";

// The compiled test lies in build/js/tests/conformance.
const ROOT = new URL("../../../../", import.meta.url);
const textOf = (path: string): string => readFileSync(new URL(path, ROOT), "utf8");

const page = textOf("host/abi.md");
const core = readFileSync(new URL("build/coordinator.wasm", ROOT));
const meter = readFileSync(new URL("build/meter.wasm", ROOT));
const { parseWat } = await wabt();
const contract = assembleText(textOf("host/abi.wat"));

function assembleText(text: string): Uint8Array {
  const module = parseWat("abi", text);
  module.validate();
  return module.toBinary({}).buffer;
}

/** The rows of the table whose first column has this heading, without the code marks around a cell. */
function table(heading: string, after = ""): string[][] {
  const lines = page.slice(page.indexOf(after)).split("\n");
  const start = lines.findIndex((line) => new RegExp(`^\\| ${heading} *\\|`).test(line));
  assert.notEqual(start, -1, `the page has no table "${heading}"`);
  const end = lines.findIndex((line, at) => at > start && !line.startsWith("|"));
  return lines.slice(start + 2, end).map((line) =>
    line
      .replaceAll("\\|", "\0")
      .split("|")
      .slice(1, -1)
      .map((cell) =>
        cell
          .trim()
          .replaceAll("\0", "|")
          .replace(/^`([^`]*)`$/, "$1"),
      ),
  );
}

/** Every name in the first column; a row may name several. */
function names(heading: string, after?: string): string[] {
  return table(heading, after).flatMap(([cell]) => cell!.replaceAll("`", "").split(", "));
}

const sorted = (items: Iterable<string>): string[] => [...new Set(items)].sort();

// ---- exports

interface Row {
  readonly name: string;
  readonly type: string;
  readonly isOptional: boolean;
}

const rows: Row[] = table("export").map(([name, type, meaning]) => ({
  name: name!,
  type: type!,
  isOptional: meaning!.startsWith("optional"),
}));

function exportsOf(bytes: Uint8Array): Record<string, string> {
  return Object.fromEntries(
    [...readExports(bytes)].map(([name, one]) => [
      name,
      one.kind === "function" ? one.type : one.kind,
    ]),
  );
}

function memoryOf(bytes: Uint8Array): Memory {
  const one = readExports(bytes).get("memory");
  assert.ok(one?.kind === "memory");
  return one.memory;
}

const typesOf = (list: readonly Row[]): object =>
  Object.fromEntries(list.map(({ name, type }) => [name, type]));

test("the text exports what the table says, name for name and type for type", () => {
  assert.deepEqual(exportsOf(contract), typesOf(rows));
});

test("the core exports the same, and nothing else", () => {
  assert.deepEqual(exportsOf(core), typesOf(rows.filter(({ isOptional }) => !isOptional)));
});

test("the rewriter exports what its table says", () => {
  const listed = table("of the rewriter").map(([name, type]) => [name, type]);
  assert.deepEqual(exportsOf(meter), Object.fromEntries(listed));
});

test("what the page says is added to a policy is what is added", () => {
  const added = table("added").map(([name]) => name!);
  const text =
    '(module (func $begin) (start $begin) (memory (export "memory") 1 1) (func (export "_start")))';
  const prepared = prepare(assembleText(text), "command", { pages: 1, fuel: 1n });
  const own = ["memory", "_start"];
  assert.deepEqual(sorted(Object.keys(exportsOf(prepared))), sorted([...own, ...added]));
});

test("a command may import the functions of WASI that the page names, and no others", () => {
  const all =
    `args_get args_sizes_get clock_res_get clock_time_get environ_get environ_sizes_get fd_advise fd_allocate fd_close
    fd_datasync fd_fdstat_get fd_fdstat_set_flags fd_fdstat_set_rights fd_filestat_get fd_filestat_set_size fd_filestat_set_times
    fd_pread fd_prestat_dir_name fd_prestat_get fd_pwrite fd_read fd_readdir fd_renumber fd_seek fd_sync fd_tell fd_write
    path_create_directory path_filestat_get path_filestat_set_times path_link path_open path_readlink path_remove_directory
    path_rename path_symlink path_unlink_file poll_oneoff proc_exit proc_raise random_get sched_yield sock_accept sock_recv
    sock_send sock_shutdown`.split(/\s+/);
  const isTaken = (name: string): boolean => {
    const text = `(module (import "wasi_snapshot_preview1" "${name}" (func))
      (memory (export "memory") 1) (func (export "_start")))`;
    try {
      return prepare(assembleText(text), "command", { pages: 1, fuel: 1n }).length > 0;
    } catch (error) {
      // None has this type, but that is looked at later.
      return (error as ModuleError).code === "wrong_type";
    }
  };
  assert.deepEqual(sorted(names("function of WASI")), all.filter(isTaken));
});

test("none of them imports anything", () => {
  for (const bytes of [contract, core, meter]) {
    assert.deepEqual(wasm.Module.imports(new wasm.Module(bytes)), []);
  }
});

test("the memories have the greatest size that the page allows", () => {
  const [, policy, most] = /at most (\d+) pages .* for a policy, ([\d,]+) \(/.exec(page)!;
  assert.equal(memoryOf(contract).max, Number(policy));
  assert.equal(memoryOf(core).max, Number(most!.replace(",", "")));
});

test("the version on the page is the one that both modules answer", () => {
  const version = Number(/version \*\*(\d+)\*\*/.exec(page)![1]);
  assert.equal(loadModule(contract, { kind: "policy" }).instantiate().abi(), version);
  assert.equal(loadModule(core, { kind: "core" }).instantiate().abi(), version);
});

test("the module in the text keeps the contract when it is called, too", () => {
  const instance = loadModule(contract, { kind: "policy" }).instantiate();
  const answer = parseAnswer(instance.call(Buffer.from('{"op":"describe"}')));
  assert.ok("error" in answer && names("error code").includes(answer.error.code));
});

// ---- what the core says

const described = ask({ op: "describe" }) as Record<"ops" | "rules" | "asks", string[]>;

function ask(input: object): unknown {
  const answer = parseAnswer(freshCore().call(Buffer.from(JSON.stringify(input))));
  assert.ok("ok" in answer);
  return answer.ok;
}

/** What the core's sources name in quotes. */
const words = sorted(
  (readdirSync(new URL("assembly", ROOT), { recursive: true }) as string[])
    .filter((name) => name.endsWith(".ts"))
    .flatMap((name) => textOf(`assembly/${name}`).match(/"[a-z_ ]+"/g) ?? [])
    .flatMap((word) => word.slice(1, -1).split(" ")),
);

interface Said {
  readonly ok?: {
    readonly problems?: readonly { readonly code: string }[];
    readonly effects?: readonly { readonly do: string }[];
  };
  readonly error?: { readonly code: string };
  readonly ask?: { readonly what: string };
}

/** All answers in the vectors, which the core is held to elsewhere. */
const answers: Said[] = readdirSync(new URL("tests/conformance/vectors", ROOT)).flatMap((name) =>
  (
    JSON.parse(textOf(`tests/conformance/vectors/${name}`)) as { steps: { out: string }[] }[]
  ).flatMap(({ steps }) => steps.map(({ out }) => JSON.parse(out) as Said)),
);

/** The page names what the sources know, and no answer has what the page does not name. */
function agree(listed: readonly string[], answered: readonly string[]): void {
  const missing = (list: readonly string[], from: readonly string[]): string[] =>
    list.filter((item) => !from.includes(item));
  assert.deepEqual(missing(listed, words), [], "on the page, but not in the sources");
  assert.deepEqual(missing(sorted(answered), listed), [], "answered, but not on the page");
  assert.ok(answered.length > 0);
}

test("the operations are those that the core describes", () => {
  const chapter = page.split("## The core's operations")[1]!.split("\n## ")[0]!;
  const headings = chapter.match(/(?<=^### ).*/gm)!.flatMap((heading) => heading.split(", "));
  assert.deepEqual(sorted(headings), sorted(described.ops));
});

test("the rules are those that the core describes", () => {
  assert.deepEqual(sorted(names("rule")), sorted(described.rules));
});

test("the asks are those that the core describes, and those that it makes", () => {
  const listed = names("what the core asks").map((example) => /"what":"(\w+)"/.exec(example)![1]!);
  assert.deepEqual(sorted(listed), sorted(described.asks));
  agree(
    listed,
    answers.flatMap((answer) => answer.ask?.what ?? []),
  );
});

test("the error codes are the core's", () => {
  agree(
    names("error code"),
    answers.flatMap(({ error }) => error?.code ?? []),
  );
});

test("the problem codes are the core's", () => {
  agree(
    names("problem code"),
    answers.flatMap(({ ok }) => (ok?.problems ?? []).map(({ code }) => code)),
  );
});

test("the effects are the core's", () => {
  const listed = names("effect").map((example) => /"do":"(\w+)"/.exec(example)![1]!);
  agree(
    listed,
    answers.flatMap(({ ok }) => (ok?.effects ?? []).map((effect) => effect.do)),
  );
});

test("the fields of start are read by the core", () => {
  assert.deepEqual(
    names("field").filter((field) => !words.includes(field)),
    [],
  );
});

test("a name of two words that the core's sources have is on the page", () => {
  const unknown = words.filter((word) => /[a-z]_[a-z]/.test(word) && !page.includes(word));
  assert.deepEqual(unknown, []);
});

// ---- what a host says of a module

test("every error of a module has a guest that gives it, and every such guest an error of the page", () => {
  const guests = JSON.parse(textOf("tests/conformance/guests.json")) as Record<string, string>[];
  const given = (field: string): string[] => sorted(guests.flatMap((guest) => guest[field] ?? []));
  const load = names("code", "## What a host checks at load");
  const run = names("code", "While it runs");
  const policy = names("code", "What goes wrong with it is");
  assert.deepEqual(given("error"), sorted([...load, ...run, ...policy]));
  assert.deepEqual(
    given("trap"),
    sorted(names("trap")).filter((code) => code !== "unknown"),
  );
});

// ---- the file

test("a second build gives the same bytes", () => {
  const folder = mkdtempSync(join(tmpdir(), "coordinator-"));
  const again = join(folder, "again.wasm");
  const script = fileURLToPath(new URL("scripts/asc.mjs", ROOT));
  const targets = { release: "coordinator.wasm", meter: "meter.wasm" };
  try {
    for (const [target, file] of Object.entries(targets)) {
      execFileSync(process.execPath, [script, target, "--outFile", again]);
      const message = `build/${file} is not what the sources give: run npm run build`;
      assert.ok(readFileSync(again).equals(readFileSync(new URL(`build/${file}`, ROOT))), message);
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
});
