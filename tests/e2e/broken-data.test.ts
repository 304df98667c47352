import assert from "node:assert/strict";
import { test } from "node:test";
import type { Values } from "../../host/juju/model/values.js";
import { ours } from "./rolling-charm.js";
import { Stage } from "./stage.js";

const id = "2026-11-22 09:00:00.000000Z";
const broken: Readonly<Record<string, Values>> = {
  "JSON that ends too early": { coordinator: '{"restart": ' },
  "JSON of another type": { coordinator: '[1, "restart"]', "coordinator-v1": "7" },
  "an id that is a number": { coordinator: '{"restart": 1}' },
  "an id that is no time": { coordinator: '{"restart": "zz"}' },
  "a lone surrogate": { coordinator: '{"\\ud800": "x"}' },
  "the same key twice": { coordinator: `{"restart": "${id}", "restart": "${id}"}` },
  "10,000 brackets": { coordinator: "[".repeat(10_000) },
  "60,000 bytes of lock name": { coordinator: JSON.stringify({ ["x".repeat(60_000)]: id }) },
  "1,500 locks": {
    coordinator: JSON.stringify(
      Object.fromEntries(Array.from({ length: 1500 }, (_, n) => [`lock-${n}`, id])),
    ),
  },
  "done of another type": { "coordinator-v1": '{"v": 1, "done": ["restart"]}' },
  "a newer version": { "coordinator-v1": '{"v": 2, "done": {}}' },
};

const [leader, bad, third] = ["app/0", "app/1", "app/2"] as const;
const sound = { crowded: [], unheld: [], dropped: [], failures: [] };

function faultsOf({ crowded, unheld, dropped, failures }: Stage): object {
  return { crowded, unheld, dropped, failures };
}

for (const juju of ["3.6", "4.0"] as const) {
  for (const [name, values] of Object.entries(broken)) {
    test(`Juju ${juju}: a peer with ${name} in its databag stops nobody else`, () => {
      const stage = new Stage({ juju, units: 4, seed: 1, algorithm: ours });
      stage.run();
      stage.lead(leader);
      stage.run();
      stage.write(bad, values);
      stage.juju.stopAgent(bad);
      stage.configure();
      stage.run();
      assert.deepEqual(faultsOf(stage), sound);
      assert.deepEqual(stage.unserved, [bad]);

      stage.juju.startAgent(bad);
      stage.write(bad, { coordinator: "", "coordinator-v1": "" });
      stage.run();
      assert.deepEqual(faultsOf(stage), sound);
      assert.deepEqual([...stage.unserved, ...stage.waiting], []);
    });
  }

  test(`Juju ${juju}: a unit whose data is broken while it is in error inside its operation keeps its lock`, () => {
    const stage = new Stage({ juju, units: 4, seed: 1, algorithm: ours });
    stage.run();
    stage.lead(leader);
    stage.run();
    stage.configure();
    stage.run({ only: [bad] });
    stage.hook(leader, "relation-changed");
    stage.reach(() => stage.operates(bad), { only: [bad] });
    stage.crash(bad);
    stage.write(bad, { coordinator: "{", "coordinator-v1": "{" });
    stage.run({ except: [bad] });
    assert.deepEqual(faultsOf(stage), sound);
    assert.deepEqual(stage.waiting.sort(), [leader, third, "app/3"]);
    stage.run();
    stage.tick();
    assert.deepEqual(faultsOf(stage), sound);
    assert.deepEqual([...stage.unserved, ...stage.waiting], []);
  });

  test(`Juju ${juju}: a unit that waits and has mended its data is seen to have done so`, () => {
    // What it wrote was what had been there before the damage: on Juju 4 no event, and its leader never looked again.
    const stage = new Stage({ juju, units: 3, seed: 1, algorithm: ours });
    stage.run();
    stage.lead(leader);
    stage.run();
    stage.configure();
    stage.run({ only: [third] });
    stage.reach(() => stage.operates(third), { only: [leader, third] });
    stage.run({ only: [bad] });
    stage.run({ only: [leader] });
    stage.juju.stopAgent(leader);
    stage.juju.startAgent(leader);
    stage.write(bad, { "coordinator-v1": "{" });
    stage.juju.tick([leader, bad]);
    stage.hook(leader, "update-status");
    stage.hook(bad, "update-status");
    stage.run();
    assert.deepEqual(faultsOf(stage), sound);
    assert.deepEqual([...stage.unserved, ...stage.waiting], []);
  });

  for (const text of ["{", '["app/1"]', '{"app/1": 3}', `{"v": 2, "app/1": {"restart": 4}}`]) {
    test(`Juju ${juju}: with ${text} in place of the grants nobody operates, no hook fails, and a repair lets it go on`, () => {
      const stage = new Stage({ juju, units: 4, seed: 1, algorithm: ours });
      stage.run();
      stage.lead(leader);
      stage.run();
      const key = juju === "3.6" ? "coordinator" : "coordinator-r9";
      stage.writeGrants({ [key]: text });
      stage.configure();
      stage.run();
      stage.tick();
      assert.deepEqual(faultsOf(stage), sound);
      assert.equal(stage.mostAtOnce, 0);

      stage.writeGrants({ [key]: "" });
      stage.tick();
      assert.deepEqual(faultsOf(stage), sound);
      assert.deepEqual([...stage.unserved, ...stage.waiting], []);
    });
  }
}
