import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import fc from "fast-check";
import { freshCore } from "../../bindings/typescript/core.js";
import { type Answers, decideAsLeader } from "./hook.js";
import { Uncovered } from "./policy.js";
import { answersOf, bytes, end, idOf, inputsOf, leader, type State, state } from "./states.js";

interface Answer {
  readonly ask?: { readonly what: string };
  readonly ok: {
    readonly effects: readonly { do: string }[];
    readonly released: readonly string[];
    readonly grants: readonly object[];
  };
}

/** What the core answers to `end`, as far as it is the leader's decision; null where it has found damaged data in `start`. */
function ofCore(inputs: readonly Uint8Array[], answers: Answers): object | null {
  const core = freshCore();
  const begun = Buffer.from(core.call(inputs[0]!)).toString();
  if (!begun.includes('"problems": []')) return null;
  let ended = JSON.parse(Buffer.from(core.call(inputs[1]!)).toString()) as Answer;
  while (ended.ask !== undefined) {
    const { what } = ended.ask;
    assert.ok(what === "planned" || what === "config", `it asks for ${what}`);
    const result = answers[what];
    const said = result === undefined ? { failure: "failed" } : { result };
    const answer = core.call(bytes({ op: "answer", what, age: 2, ...said }));
    ended = JSON.parse(Buffer.from(answer).toString()) as Answer;
  }
  const { effects, released, grants } = ended.ok;
  const written = effects.filter(
    (effect) => effect.do === "settings" || effect.do === "application",
  );
  return { effects: written, released: [...released].sort(), grants };
}

function ofReference(inputs: readonly Uint8Array[], answers: Answers): object {
  const answer = JSON.parse(Buffer.from(decideAsLeader(inputs, answers)).toString()) as Answer;
  return { ...answer.ok, released: [...answer.ok.released].sort() };
}

/** Whether the two could be compared. @throws AssertionError if they differ. */
function agree(inputs: readonly Uint8Array[], answers: Answers, which?: string): boolean {
  let decided: object;
  try {
    decided = ofReference(inputs, answers);
  } catch (problem) {
    if (problem instanceof Uncovered) return false;
    throw problem;
  }
  const core = ofCore(inputs, answers);
  if (core !== null) assert.deepEqual(core, decided, which);
  return core !== null;
}

test("of two units that wait, both grant to the one that asked first, with the same bytes", () => {
  const databag = (second: number) => ({
    coordinator: `{"restart": "${idOf(second)}"}`,
    "coordinator-v1": '{"done": {}, "v": 1}',
  });
  const start = leader({ "app/0": {}, "app/1": databag(7), "app/2": databag(5) });
  const inputs = [start, end].map(bytes);
  const decided = ofReference(inputs, {});
  assert.deepEqual((decided as Answer["ok"]).grants, [{ unit: "app/2", lock: "restart" }]);
  assert.deepEqual(decided, ofCore(inputs, {}));
});

test("the core decides as the reference does in every vector in which a leader decides", () => {
  const folder = new URL("../../../../tests/conformance/vectors/", import.meta.url);
  let held = 0;
  for (const file of readdirSync(folder)) {
    const vectors = JSON.parse(readFileSync(new URL(file, folder), "utf8")) as {
      name: string;
      steps: { in?: { op: string; what?: string; result?: unknown } }[];
    }[];
    for (const { name, steps } of vectors) {
      const [start, end, ...more] = steps.map((step) => step.in);
      if (start?.op !== "start" || end?.op !== "end") continue;
      const answers = more.map((answer) => [answer?.what, answer?.result]);
      if (agree([start, end].map(bytes), Object.fromEntries(answers), `${file}: ${name}`)) held++;
    }
  }
  assert.ok(held > 20, `only ${held} vectors were compared`);
});

test("the core decides as the reference does in states drawn by chance", () => {
  let held = 0;
  const holds = (drawn: State): void => {
    if (agree(inputsOf(drawn), answersOf(drawn))) held++;
  };
  fc.assert(fc.property(state, holds), { numRuns: 2000, seed: 7 });
  assert.ok(held > 1400, `only ${held} states were compared`);
});
