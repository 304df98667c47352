import assert from "node:assert/strict";
import { test } from "node:test";
import { needsGo } from "../go.js";
import { compare } from "./compare.js";
import { type Engine, startEngines } from "./engines.js";
import type { Subject } from "./subjects.js";

/** V8, wasmtime, and wazero's compiler and interpreter. */
const MOST_ENGINES = 4;

test("all engines give the same bytes, and fail by the same names", needsGo, async (t) => {
  const { engines, missing } = startEngines();
  try {
    for (const line of missing) t.diagnostic(`left out: ${line}`);
    if (process.env.CI === "true") assert.equal(engines.length, MOST_ENGINES, missing.join());
    const { difference, inputs } = await compare(engines, { seed: 1, inputs: 2000 });
    assert.deepEqual(difference, []);
    t.diagnostic(`${inputs} inputs in ${engines.map(({ name }) => name).join(", ")}`);
  } finally {
    for (const engine of engines) engine.stop();
  }
});

/** Answers a number of the letters `x` that were given, but never more than so many. */
class Counting implements Engine {
  readonly name: string;
  readonly #most: number;

  constructor(name: string, most: number) {
    this.name = name;
    this.#most = most;
  }

  async run({ inputs }: Subject): Promise<string> {
    const given = inputs.map((input) => Buffer.from(input).toString()).join("");
    const count = Math.min(given.split("x").length - 1, this.#most);
    return JSON.stringify([[Buffer.from(`${count}`).toString("base64")], "", ""]);
  }

  stop(): void {}
}

test("what differs is told on the smallest input that shows it, and can be played again", async () => {
  const engines = [new Counting("right", 1e9), new Counting("wrong", 1)];
  const found = await compare(engines, { seed: 3, inputs: 4000 });
  const { difference } = found;
  assert.match(difference[0]!, /wrong differs from right/);
  assert.equal(difference.at(-3), "  right: 2");
  assert.equal(difference.at(-2), "  wrong: 1");
  const again = /--seed (\d+) --path ([\d:]+)$/.exec(difference.at(-1)!)!;
  const replayed = await compare(engines, { seed: Number(again[1]), inputs: 1, path: again[2]! });
  assert.deepEqual(replayed.difference.slice(0, -1), difference.slice(0, -1));
  assert.ok(replayed.subjects <= found.subjects);
});
