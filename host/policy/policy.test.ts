import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, mock, test } from "node:test";
import { fileURLToPath } from "node:url";
import type { PolicyDecision } from "../../bindings/typescript/contract.js";
import { policyCommand } from "./command.js";
import { completeState } from "./state.js";

// The compiled test lies in build/js/host/policy.
const root = fileURLToPath(new URL("../../../../", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "policy-"));
after(() => rmSync(folder, { recursive: true }));

const half = join(root, "tests/conformance/policies/half-assemblyscript.wasm");
const ofRule = (rule: string): string => join(root, `build/policies/${rule}.wasm`);

function fileOf(name: string, content: unknown): string {
  const file = join(folder, name);
  writeFileSync(file, typeof content === "string" ? content : JSON.stringify(content));
  return file;
}

/** Runs the command in this process, with this on standard input. */
function run(args: readonly string[], input: unknown = "") {
  const [out, err] = [process.stdout, process.stderr].map((stream) => {
    const written: string[] = [];
    mock.method(stream, "write", (text: string) => written.push(text) > 0);
    return written;
  });
  let status: number;
  try {
    const text = typeof input === "string" ? input : JSON.stringify(input);
    status = policyCommand(args, () => text);
  } finally {
    mock.restoreAll();
  }
  return { status, lines: out!.join("").split("\n").slice(0, -1), stderr: err!.join("") };
}

const waiting = ["app/0", "app/1", "app/2", "app/3"].map((unit) => ({ unit, lock: "restart" }));

test("decide tells who is granted, who waits and why, and what it cost", () => {
  const state = { n: 6, leader: "app/0", queue: waiting };
  const { status, lines } = run(["decide", half], state);
  assert.deepEqual(lines.slice(0, 4), [
    "granted  app/1  restart",
    "granted  app/2  restart",
    "waits    app/0  restart  2 of 6 units may hold restart at a time",
    "waits    app/3  restart  2 of 6 units may hold restart at a time",
  ]);
  assert.match(lines[4]!, /^used [\d,]+ of 100,000,000 fuel$/);
  assert.equal(lines.length, 5);
  assert.equal(status, 0);
});

test("decide tells machines the same", () => {
  const { status, lines } = run(["decide", "--json", half], { n: 2, queue: waiting.slice(1, 2) });
  const { fuel, ...decision } = JSON.parse(lines.join("\n")) as { fuel: number };
  assert.deepEqual(decision, { grant: [{ unit: "app/1", lock: "restart" }], wait: [] });
  assert.ok(fuel > 1000);
  assert.equal(status, 0);
});

test("decide takes a config from the command line, from a file, or with the state", () => {
  const state = { n: 4, queue: waiting };
  const granted = (args: string[], more: object = {}): number => {
    const { lines, stderr } = run(["decide", "--json", ofRule("parallel"), ...args], {
      ...state,
      ...more,
    });
    assert.equal(stderr, "");
    return (JSON.parse(lines[0]!) as PolicyDecision).grant.length;
  };
  assert.equal(granted(["--config", '{"max": 2}']), 2);
  assert.equal(granted(["--config", `@${fileOf("config.yaml", "max: 3\n")}`]), 3);
  assert.equal(granted([], { config: { max: 1 } }), 1);
  assert.equal(granted(["--config", "{max: 2}"], { config: { max: 1 } }), 2);
});

test("rules decide on the core as their modules do, with the same reasons", () => {
  const state = {
    units: ["app/0", "app/1", "app/2", "app/3", "app/4"],
    leader: "app/0",
    now: "2026-11-22 12:00:00.000000Z",
    holders: [{ unit: "app/0", lock: "restart", data: { zone: "a" } }],
    queue: [
      { unit: "app/3", lock: "restart", data: { zone: "a", priority: 1 } },
      { unit: "app/1", lock: "restart", data: { priority: 2 } },
      { unit: "app/0", lock: "migrate" },
    ],
    options: { go: true },
    status: { "app/0": "active", "app/1": "error", "app/2": "active", "app/3": "active" },
    released: { migrate: { "app/2": "2026-11-22 11:59:00.000000Z" } },
  };
  for (const [rule, fields] of [
    ["simple", {}],
    ["serial", {}],
    ["parallel", { max: "60%" }],
    ["available", { min: 4 }],
    ["gate", { option: "go" }],
    ["gate", { option: "stop" }],
    ["pause", {}],
    ["window", { from: "13:00", to: "14:00" }],
    ["cooldown", { seconds: 300 }],
    ["zones", {}],
    ["order", { leader: "last" }],
    ["canary", { units: ["app/2"] }],
    ["halt", { failed: 1 }],
  ] as const) {
    const file = fileOf("rules.yaml", [{ rule, ...fields }]);
    const config = ["--config", JSON.stringify(fields)];
    const [byCore, byModule] = [
      ["decide", "--json", file],
      ["decide", "--json", ofRule(rule), ...config],
    ].map((args) => {
      const { lines, stderr } = run(args, state);
      assert.equal(stderr, "");
      const { grant, wait } = JSON.parse(lines[0]!) as PolicyDecision;
      // The core grants to all at once.
      return { grant: grant.map(({ unit, lock }) => `${unit} ${lock}`).sort(), wait };
    });
    assert.deepEqual(byCore, byModule, `${rule} ${JSON.stringify(fields)}`);
  }
});

test("rules together name the one that stands in the way; a limit is none", () => {
  const rules = ["serial", { rule: "gate", option: "go", locks: ["migrate"] }];
  const queue = [...waiting.slice(0, 2), { unit: "app/3", lock: "migrate" }];
  const { lines } = run(["decide", fileOf("both.json", rules)], { queue });
  assert.deepEqual(lines, [
    "granted  app/0  restart",
    "waits    app/1  restart  serial: app/0 holds restart",
    "waits    app/3  migrate  gate: the config option go keeps the gate closed",
  ]);
  const limited = fileOf("limited.yaml", "rules: parallel:3\nlimit: 1\n");
  assert.match(run(["decide", limited], { queue }).lines[2]!, /the limit of holders is reached$/);
});

test("describe tells what a policy says of itself, and what it needs", () => {
  const { status, lines } = run(["describe", half]);
  assert.deepEqual(
    lines.map((line) => line.split(/ {2,}/)[0]),
    ["name", "version", "kind", "sha256", "size", "needs"],
  );
  assert.deepEqual(lines[5], "needs    nothing");
  assert.equal(status, 0);
  assert.match(run(["describe", ofRule("gate")]).lines[5]!, /depends on its config/);
  assert.deepEqual(JSON.parse(run(["describe", "--json", "parallel:2"]).lines[0]!), {
    kind: "rules",
    name: "parallel",
  });
});

test("check says whether a policy takes a config, and what it then needs", () => {
  const fine = run(["check", ofRule("gate"), "--config", '{"option": "go"}']);
  assert.deepEqual(fine.lines, ["good  gate 0.1.0  needs the config option go"]);
  const wrong = run(["check", half, "--config", '{"max": 3}']);
  assert.match(wrong.stderr, /^bad_config: .* \(at config\.max\)\n$/);
  assert.deepEqual([fine.status, wrong.status], [0, 1]);
  assert.equal(run(["check", "parallel:2"]).status, 0);
  const unknown = run(["check", fileOf("unknown.yaml", "[serial, shuffle]")]);
  assert.match(unknown.stderr, /^bad_policy: .*policy\[1\]\)\n$/);
});

test("test holds a policy to vectors, and says what does not hold", () => {
  const wrong = fileOf("wrong.yaml", [
    {
      name: "the leader first",
      in: { n: 5, leader: "app/0", queue: waiting.slice(0, 2) },
      out: { ok: { grant: [{ unit: "app/0", lock: "restart" }] } },
    },
    {
      name: "no config",
      in: { op: "check", config: { max: 1 } },
      out: { error: { code: "bad_config" } },
    },
  ]);
  const { status, lines } = run(["test", half, wrong]);
  assert.match(lines[0]!, /^FAILS {2}the leader first {2}[\d,]+ fuel$/);
  assert.equal(lines[1], '       out.ok.grant[0].unit: expected "app/0", found "app/1"');
  assert.match(lines[2]!, /^holds {2}no config/);
  assert.match(lines[3]!, /^1 of 2 vectors hold; the dearest took [\d,]+ of 100,000,000 fuel$/);
  assert.equal(status, 1);
  const { failed } = JSON.parse(run(["test", "--json", half, wrong]).lines[0]!) as {
    failed: number;
  };
  assert.equal(failed, 1);
});

test("test reads the vectors of the samples, and rules have vectors, too", () => {
  const vectors = join(root, "tests/conformance/policies/vectors.json");
  assert.equal(run(["test", half, vectors]).status, 0);
  const out = { ok: { grant: [{ unit: "app/0", lock: "restart" }] } };
  const own = fileOf("own.yaml", [{ name: "one", in: { queue: waiting }, out }]);
  assert.equal(run(["test", "serial", own]).status, 0);
});

test("what a policy does wrong has its code, and the exit code 1", () => {
  const wrong = (bytes: Buffer): string => {
    const file = join(folder, "wrong.wasm");
    writeFileSync(file, bytes);
    const { status, stderr } = run(["describe", file]);
    assert.equal(status, 1, stderr);
    return stderr;
  };
  const magic = Buffer.from("\0asm\u0001\0\0\0");
  assert.match(wrong(magic), /^no_memory: [^\n]*\n$/);
  assert.match(wrong(readFileSync(half).subarray(0, 99)), /^not_wasm: [^\n]*\n$/);
});

test("a wrong call is told in one line, with the exit code 2", () => {
  let files = 0;
  const vectors = (item: unknown): string[] => ["test", half, fileOf(`bad${files++}.yaml`, [item])];
  for (const [args, message, input] of [
    [[], /^no verb: expected describe, check, decide, test, new or --help\n$/],
    [["judge"], /^unknown verb "judge": /],
    [["describe"], /^expected FILE\n$/],
    [["describe", "a", "b"], /^unexpected argument "b"/],
    [["describe", "--jso", half], /'--jso'/],
    [["describe", "none.wasm"], /^none\.wasm: there is no such file\n$/],
    [["describe", "."], /^\.: /],
    [["check", half, "--config", "{"], /^--config: it is no JSON and no YAML/],
    [["check", half, "--config", "@none.json"], /^none\.json: there is no such file/],
    [["check", "serial", "--config", "{}"], /^rules take no --config/],
    [["decide", half], /^standard input: expected an object with a queue\n$/],
    [
      ["decide", half],
      /^standard input: queue\[0\]: expected an object with unit and lock/,
      "queue: [1]",
    ],
    [
      ["decide", half],
      /^standard input: n: expected 1, the number/,
      "{n: 2, units: [a], queue: []}",
    ],
    [
      ["decide", half],
      /^standard input: n: expected a whole number from 2/,
      { n: 1, queue: waiting.slice(2) },
    ],
    [["decide", "serial"], /^the state: app\/1: /, { queue: [{ ...waiting[1], id: "now" }] }],
    [["test", half], /^expected FILE VECTORS\.\.\.\n$/],
    [vectors(1), /bad\d\.yaml\[0\]: expected an object/],
    [vectors({ name: "a", in: {}, out: {} }), /bad\d\.yaml\[0\]: out: expected/],
    [
      vectors({ name: "a", in: {}, out: { ok: {} } }),
      /bad\d\.yaml\[0\]\.in: queue: expected a list/,
    ],
    [vectors({ name: "a", input: {} }), /bad\d\.yaml\[0\]: unknown member "input"/],
    [["new"], /^expected NAME\n$/],
    [["new", "Half"], /^"Half": expected a name of small letters/],
    [["new", "../half"], /^"\.\.\/half": /],
  ] as const) {
    const { status, lines, stderr } = run(args, input);
    assert.match(stderr, message);
    assert.match(stderr, /^[^\n]+\n$/);
    assert.deepEqual([status, lines], [2, []], args.join(" "));
  }
});

test("every verb has its help", () => {
  for (const verb of ["describe", "check", "decide", "test", "new"]) {
    const { status, lines } = run([verb, "--help"]);
    assert.match(lines[0]!, new RegExp(`^usage: coordinator policy ${verb} `));
    assert.equal(status, 0);
    assert.match(run(["--help"]).lines.join("\n"), new RegExp(`^${verb} `, "m"));
  }
});

test("what a state leaves out is made up", () => {
  const state = completeState({ n: 4, queue: [{ unit: "db/2", lock: "restart" }] }, "here");
  assert.deepEqual(state.units, ["db/0", "db/1", "db/2", "db/3"]);
  assert.equal(state.leader, "db/0");
  assert.deepEqual(state.holders, []);
  assert.equal(state.queue[0]!.id, "2026-01-01 10:00:00.000000Z");
});
