import assert from "node:assert/strict";
import { test } from "node:test";
import { seeded } from "../../host/juju/model/random.js";
import { Guest } from "../fuzz/guest.js";
import { decide, type Values } from "../fuzz/hook.js";
import { spoiledDatabag, spoiledGrants } from "./corruption.js";

const id = "2026-11-22 09:00:00.000000Z";
const sound = { coordinator: `{"restart": "${id}"}`, "coordinator-v1": '{"done": {}, "v": 1}' };
const grants = `{"app/1": {"restart": "${id}"}}`;

function problemsOf(databag: Values, settings: Values): string[] {
  const facts = { store: "settings", policy: "serial", members: ["app/1"], settings } as const;
  const { end } = decide(new Guest(), { ...facts, databags: { "app/0": {}, "app/1": databag } });
  return end.problems.map(({ code }) => code);
}

test("whatever the soak spoils cannot be read, so that it is never a lie in the right form", () => {
  assert.deepEqual(problemsOf(sound, { coordinator: grants }), []);
  const random = seeded(1);
  for (let draw = 0; draw < 500; draw++) {
    const databag = spoiledDatabag(random, sound);
    const [problem] = problemsOf({ ...sound, ...databag }, { coordinator: grants });
    assert.match(String(problem), /^(bad_databag|unknown_version)$/, JSON.stringify(databag));
    const settings = { coordinator: spoiledGrants(random, grants) };
    assert.deepEqual(problemsOf(sound, settings), ["bad_settings"], JSON.stringify(settings));
  }
});
