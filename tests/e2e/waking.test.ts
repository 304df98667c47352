import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { test } from "node:test";
import { cases, play, table } from "./waking.js";

const page = new URL("../../../../docs/waking.md", import.meta.url);

for (const one of cases) {
  for (const juju of ["3.6", "4.0"] as const) {
    const wake = one.wakes[juju];
    const what = typeof wake === "string" ? wake : `${wake.event} of ${wake.unit}`;
    test(`Juju ${juju}: ${one.name}: ${what}`, () => {
      const stage = play(one, juju);
      const hasOperated = () => stage.versionOf(one.waits) === "2";
      assert.equal(hasOperated(), wake === "the same hook");
      if (typeof wake === "object") {
        assert.ok(stage.juju.due(wake.unit).some(({ kind }) => kind === wake.event));
      }
      stage.run();
      // Where Juju has an event there is no waiting for update-status; where it has none, one is enough.
      assert.equal(hasOperated(), wake !== "update-status");
      if (wake === "update-status") stage.tick();
      assert.ok(hasOperated());
      assert.deepEqual([stage.crowded, stage.unheld, stage.failures], [[], [], []]);
    });
  }
}

test("docs/waking.md lists these cases and nothing else", () => {
  const text = readFileSync(page, "utf8");
  const written = text.replace(/^\|[\s\S]*\|\n/m, table());
  if (process.env.REWRITE === "1") writeFileSync(page, written);
  else assert.equal(written, text);
});
