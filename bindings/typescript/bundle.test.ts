import assert from "node:assert/strict";
import { test } from "node:test";
import * as packaged from "charm-coordinator";
import * as modules from "./index.js";

test("the package in one file has the same face as its modules", () => {
  assert.deepEqual(Object.keys(packaged).sort(), Object.keys(modules).sort());
  assert.notEqual(packaged.Coordinator, modules.Coordinator, "it is not in one file");
});

test("an error of the package is known to its modules, and the other way round", () => {
  const pairs = [
    [packaged, modules],
    [modules, packaged],
  ] as const;
  for (const [one, other] of pairs) {
    const error = new one.HookToolError("relation-get", [], 1, "");
    assert.equal(error.name, "HookToolError");
    assert.ok(error instanceof other.HookToolError);
    assert.ok(error instanceof other.HostError);
    assert.ok(error instanceof other.CoordinatorError);
    assert.ok(!(error instanceof other.UsageError));
  }
  for (const value of [null, undefined, "text", {}, new Error("x"), { name: "HostError" }]) {
    assert.ok(!(value instanceof modules.CoordinatorError));
  }
});
