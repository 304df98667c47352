import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import wabt from "wabt";
import { exchange } from "./contract.js";
import { freshCore } from "./core.js";
import { ModuleError } from "./errors.js";
import { loadModule } from "./module.js";

const { parseWat } = await wabt();

function guest(name: string): Uint8Array {
  const file = new URL(`../../../../tests/conformance/guests/${name}.wat`, import.meta.url);
  return parseWat(name, readFileSync(file, "utf8"), {}).toBinary({}).buffer;
}

const input = Buffer.from("{}");

test("a module that keeps the contract takes bytes and answers bytes", () => {
  const instance = loadModule(guest("echo"), { kind: "policy" }).instantiate();
  assert.equal(Buffer.from(instance.call(Buffer.from("hello"))).toString(), "hello");
});

test("an error says what was found and what was expected", () => {
  const message = (name: string): string => {
    try {
      loadModule(guest(name), { kind: "policy" });
    } catch (error) {
      return (error as Error).message;
    }
    return "";
  };
  assert.equal(message("has_import"), "it imports env.abort; a module imports nothing");
  assert.equal(
    message("max_too_big"),
    "its memory declares a maximum of 257 pages; expected at most 256",
  );
  assert.equal(
    message("wrong_type"),
    "coordinator_call is (i32, i32) -> i32; expected (i32, i32) -> i64",
  );
  assert.equal(
    message("wrong_abi"),
    "it keeps version 2 of the contract; this host knows version 1",
  );
});

test("what does not end is stopped by its fuel, and by the clock where that is faster", () => {
  const stopped = (options: { time: number }): string => {
    try {
      loadModule(guest("loop"), { kind: "policy", ...options })
        .instantiate()
        .call(input);
    } catch (error) {
      assert.equal((error as ModuleError).code, "timeout");
      return (error as Error).message;
    }
    return "";
  };
  assert.equal(stopped({ time: 60_000 }), "it used more than 100000000 fuel");
  assert.equal(stopped({ time: 1 }), "it ran longer than 1 ms");
});

test("equal work takes equal fuel, and no fuel is counted in the core", () => {
  const policy = loadModule(guest("echo"), { kind: "policy" });
  const [first, second] = [policy.instantiate(), policy.instantiate()];
  first.call(input);
  second.call(input);
  assert.ok(first.fuelUsed !== null && first.fuelUsed > 0n);
  assert.equal(first.fuelUsed, second.fuelUsed);
  assert.equal(freshCore().fuelUsed, null);
});

test("the core is held to the same contract", () => {
  const codes = ["has_import", "no_memory", "no_max", "missing_export", "wrong_type", "wrong_abi"];
  for (const code of codes)
    assert.throws(() => loadModule(guest(code), { kind: "core" }), { code });
});

test("the core may have more memory than a policy", () => {
  loadModule(guest("max_too_big"), { kind: "core" });
});

test("an instance that failed answers no more, and says why again", () => {
  const instance = loadModule(guest("echo"), { kind: "policy" }).instantiate();
  const huge = Buffer.alloc((1 << 20) + 1);
  for (const bytes of [huge, input]) {
    assert.throws(() => instance.call(bytes), { code: "too_long" });
  }
});

test("another instance of the same module is not touched by that", () => {
  const module = loadModule(guest("alloc_zero"), { kind: "policy" });
  assert.throws(() => module.instantiate().call(input), { code: "no_alloc" });
  assert.equal(module.instantiate().abi(), 1);
});

test("the core that this package brings describes itself", () => {
  const answer = exchange(freshCore(), { op: "describe" });
  assert.ok("ok" in answer);
  assert.equal(answer.ok.kind, "core");
  assert.equal(answer.ok.abi, 1);
});

test("errors are told apart by class and by code", () => {
  assert.throws(() => loadModule(Buffer.from("hello"), { kind: "policy" }), {
    name: "ModuleError",
    code: "not_wasm",
    trap: null,
  });
  assert.ok(new ModuleError("timeout", "") instanceof Error);
});
