import assert from "node:assert/strict";
import { test } from "node:test";
import { work } from "../soak/crew.js";
import type { Job } from "../soak/thread.js";
import { checkForm, manyIds } from "./form.js";
import { fuzzers } from "./fuzzers.js";
import { Guest } from "./guest.js";
import { checkJson, isStrictJson } from "./json.js";
import { checkGrants, checkPeer } from "./wire.js";

const id = "2026-11-22 09:00:00.000000Z";
const nobody = { coordinator: "{}", "coordinator-v1": '{"done":{},"v":1}' };
const waits = { ...nobody, coordinator: `{"restart":"${id}"}` };

test("a peer whose data cannot be read changes nothing for the others", () => {
  const policy = { policy: "serial", n: false };
  const peers = [waits, waits, nobody];
  for (const odd of [
    { coordinator: "{" },
    { "coordinator-v1": "[]" },
    { coordinator: '{"restart":1}' },
  ]) {
    checkPeer({ peers, grants: {}, odd: { ...nobody, ...odd }, store: "settings", policy });
  }
});

test("grants that cannot be read are neither acted on nor written over", () => {
  for (const store of ["settings", "application"] as const) {
    checkGrants(store, `{"app/0":{"restart":`, "", waits);
  }
});

test("the core reads JSON as V8 does, but for what it refuses on purpose", () => {
  const refused = [
    '{"a":1,"a":2}',
    '{"a":1,"\\u0061":2}',
    '"\\ud800"',
    "[".repeat(65) + "]".repeat(65),
    "01",
    "",
  ];
  const taken = [
    '{"a":{"a":1}}',
    '"\\ud800\\udc00"',
    "[".repeat(64) + "]".repeat(64),
    "-0.1E+1",
    " null\n",
  ];
  for (const text of [...refused, ...taken]) {
    assert.equal(isStrictJson(Buffer.from(text)), taken.includes(text), text);
    checkJson(new Guest(), Buffer.from(text));
  }
});

test("a databag with more ids than the shortcut has room for is read like any other", () => {
  const idle = JSON.stringify(nobody);
  const long = JSON.stringify({
    coordinator: "{}",
    "coordinator-v1": `{"done": ${manyIds(600)}, "v": 1}`,
  });
  const odd = { kind: "none", at: 0, byte: 0 } as const;
  checkForm({ key: "coordinator", bags: [idle, long], odd, grants: "" });
});

test("a megabyte of anything takes time and memory in proportion", () => {
  const megabyte = 1 << 20;
  for (const text of ["[", "[]", "[0,", '{"a":', '"', "\\", "9", '"a",', "\u00e9", " "]) {
    const input = `{"op":"describe","x":[${text.repeat(megabyte / text.length)}`;
    assert.ok("error" in new Guest().call(Buffer.from(input)), text);
  }
  const list = `{"op":"describe","x":[${"0,".repeat(megabyte / 2)}0]}`;
  assert.ok("ok" in new Guest().call(Buffer.from(list)));
});

test("what takes too long is stopped, and without a clock", () => {
  const short = { perByte: 1, atAll: 100 };
  const describe = Buffer.from('{"op":"describe"}');
  assert.ok("ok" in new Guest().call(describe));
  assert.throws(() => new Guest(short).call(describe), /^Error: 17 bytes took more instructions/);
});

test("a fuzzer says what failed, made as small as it gets", () => {
  const call = Guest.prototype.call;
  Guest.prototype.call = function (input) {
    if (Buffer.from(input).includes("restart")) throw new Error("it is here");
    return call.call(this, input);
  };
  try {
    assert.match(fuzzers.json(1, 5000) ?? "", /it is here/);
  } finally {
    Guest.prototype.call = call;
  }
});

test("seeded inputs for its JSON, its wire, its own form and its operations", async (t) => {
  const kinds = ["json", "wire", "form", "abi"] as const;
  const rounds = 3;
  let turn = 0;
  let inputs = 0;
  const wrong: string[] = [];
  await work(
    2,
    (): Job | null => {
      const seed = turn++;
      return seed < rounds * kinds.length ? { kind: kinds[seed % kinds.length]!, seed } : null;
    },
    (done) => {
      inputs += done.figures.fuzzInputs;
      for (const line of done.wrong) wrong.push(`${done.kind}:${done.seed}: ${line}`);
    },
  );
  t.diagnostic(`${inputs} inputs`);
  assert.deepEqual(wrong, []);
});
