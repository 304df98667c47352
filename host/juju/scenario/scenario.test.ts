import assert from "node:assert/strict";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { runCommand } from "./command.js";
import { runScenario } from "./play.js";
import { ScenarioError } from "./reader.js";
import { parseScenario } from "./scenario.js";

let folder: string;

/**
 * A charm of a few lines: when `go` changes, each unit operates under the lock `run`, which the leader grants to itself only. That
 * is wrong, and the onlooker must see it.
 */
const careless = `#!/bin/sh
[ "$JUJU_HOOK_NAME" = config-changed ] || exit 0
[ "$(config-get go)" = yes ] || exit 0
if [ "$(is-leader)" = True ]; then
  leader-set coordinator="{\\"$JUJU_UNIT_NAME\\": {\\"run\\": \\"1\\"}}"
fi
status-set maintenance "run: now"
status-set active done
`;

before(() => {
  folder = mkdtempSync(join(tmpdir(), "scenario-test-"));
  mkdirSync(join(folder, "careless"));
  writeFileSync(join(folder, "careless/dispatch"), careless);
  chmodSync(join(folder, "careless/dispatch"), 0o755);
  writeFileSync(
    join(folder, "careless/metadata.yaml"),
    "name: careless\npeers:\n  peers:\n    interface: any\n",
  );
});

after(() => rmSync(folder, { recursive: true }));

const scenario = (text: string) => parseScenario(text, join(folder, "test.yaml"));

/** What parsing says is wrong, without the folder. */
function complaint(text: string): string {
  try {
    scenario(text);
  } catch (error) {
    assert.ok(error instanceof ScenarioError);
    return error.message.replace(`${folder}/`, "");
  }
  return "nothing";
}

describe("a scenario", () => {
  test("says what happens to an application and what must hold at the end", async () => {
    const result = await runScenario(
      scenario(`
name: one unit after the other
inprocess: restart
units: 4
config: { version: "1" }
steps:
  - config: { version: "2" }
  - when: 2 rolled
    add-units: 1
  - config: { version: "3" }
expect:
  units: 5
  rolled: all
  maxHolders: 1
  operations: { app/0: 2, app/4: ">= 1" }
`),
    );
    assert.deepEqual(result.failures, []);
    assert.equal(result.passed, true);
    assert.ok(result.history.some((line) => line.endsWith('* config {"version":"3"}')));
  });

  test("is the same history again for the same seed, and another for another", async () => {
    const play = async (seed: number) =>
      (
        await runScenario(
          scenario(
            `{name: x, inprocess: restart, units: 3, seed: ${seed}, steps: [{config: {version: "2"}}]}`,
          ),
        )
      ).history;
    assert.deepEqual(await play(7), await play(7));
    assert.notDeepEqual(await play(7), await play(8));
  });

  test("runs charm processes, and sees an operation without a grant", async () => {
    const result = await runScenario(
      scenario(`
name: careless
charm: careless
units: 2
concurrency: 1
config: { go: "no" }
steps:
  - config: { go: "yes" }
expect:
  rolled: all
`),
    );
    assert.equal(result.rolled, 2);
    assert.deepEqual(
      result.failures.map((line) => line.replace(/^(violations: expected 0, found \d).*/, "$1")),
      ["violations: expected 0, found 1"],
    );
    assert.match(result.violations[0]!, /app\/1 operates under run, which nobody has granted it/);
  });

  test("kills a hook at one of its tools, and moves the leader there", async () => {
    const result = await runScenario(
      scenario(`
name: killed
charm: careless
units: 2
config: { go: "no" }
steps:
  - config: { go: "yes" }
  - when: app/0 calls leader-set in config-changed
    kill: it
  - when: app/0 calls tool 2 in config-changed
    leader: app/1
expect:
  violations: ">= 1"
  leader: app/1
`),
    );
    assert.deepEqual(result.failures, []);
    assert.equal(
      result.history.filter((line) => line.endsWith("app/0 config-changed: requeued")).length,
      1,
    );
  });

  test("fails a hook, breaks a databag, and reads the log", async () => {
    const result = await runScenario(
      scenario(`
name: broken
inprocess: restart
units: 3
config: { version: "1" }
steps:
  - databag: { unit: app/2, values: { coordinator: "{" } }
  - config: { version: "2" }
faults:
  - when: app/1 runs config-changed
    times: 2
    fail: it
expect:
  rolled: ">= 2"
  logged: ["app/2"]
`),
    );
    assert.deepEqual(result.failures, []);
    assert.equal(
      result.history.filter((line) => line.includes("app/1 config-changed: failed")).length,
      2,
    );
  });

  test("upgrades the charm of one unit and then of all, and of those that come later", async () => {
    for (const revision of ["first", "second"]) {
      mkdirSync(join(folder, revision));
      const dispatch = join(folder, revision, "dispatch");
      writeFileSync(dispatch, `#!/bin/sh\nstatus-set active "${revision} $JUJU_HOOK_NAME"\n`);
      chmodSync(dispatch, 0o755);
    }
    const text = (steps: string, status: string) => `
name: upgrade
charm: first
relation: none
units: 2
switches: { updateStatusSeconds: 0 }
steps: [${steps}]
expect: { status: ${status} }
`;
    const one = "{ upgrade: { charm: second, unit: app/1 } }";
    const status =
      '{ app/0: "active: first start", app/1: "active: second config-changed", app/2: "active: first start" }';
    const single = await runScenario(scenario(text(`${one}, { add-units: 1 }`, status)));
    assert.deepEqual(single.failures, []);
    const all = await runScenario(
      scenario(
        text(
          "{ upgrade: { charm: second } }, { add-units: 1 }",
          '{ app/0: "active: second config-changed", app/2: "active: second start" }',
        ),
      ),
    );
    assert.deepEqual(all.failures, []);
    assert.match(complaint(text("{ upgrade: { charm: third } }", "{}")), /no.* at third/);
  });

  test("attaches a resource, which every unit then fetches", async () => {
    mkdirSync(join(folder, "fetching"));
    const dispatch = join(folder, "fetching", "dispatch");
    const script =
      'status-set active "$(resource-get words > path && cat "$(cat path)" || echo none)"';
    writeFileSync(dispatch, `#!/bin/sh\n${script}\n`);
    chmodSync(dispatch, 0o755);
    writeFileSync(join(folder, "words.txt"), "hello");
    const text = (file: string) => `
name: attach
charm: fetching
relation: none
units: 2
switches: { updateStatusSeconds: 0 }
steps: [{ attach: { words: ${file} } }]
expect: { status: { all: "active: hello" } }
`;
    const result = await runScenario(scenario(text("words.txt")));
    assert.deepEqual(result.failures, []);
    assert.match(complaint(text("letters.txt")), /expected a file: there is none at letters\.txt$/);
    assert.match(
      complaint("name: x\ninprocess: restart\nunits: 1\nsteps: [{ attach: { words: words.txt } }]"),
      /needs a charm that runs as processes/,
    );
  });

  test("says by which policies leaders decided", async () => {
    const text = (policies: string) => `
name: policies
inprocess: restart
units: 2
config: { version: "1", policy: serial }
steps:
  - config: { version: "2" }
  - config: { version: "3", policy: "parallel:2" }
expect: { policies: [${policies}] }
`;
    const right = await runScenario(scenario(text("serial, parallel")));
    assert.deepEqual(right.failures, []);
    const wrong = await runScenario(scenario(text("serial")));
    assert.deepEqual(wrong.failures, ["policies: expected serial, found serial, parallel"]);
  });

  test("fails when a step or a fault never comes to pass", async () => {
    const result = await runScenario(
      scenario(`
name: never
inprocess: restart
units: 1
steps:
  - when: app/0 runs stop
    wait: 1
faults:
  - when: after hook 1000
    kill: app/0
`),
    );
    assert.deepEqual(result.failures, [
      "steps 1 (wait) never came",
      "faults 1 (kill) never came, or less often than said",
    ]);
  });

  test("fails when hooks never end", async () => {
    const result = await runScenario(
      scenario("{name: endless, inprocess: restart, units: 3, hookLimit: 5}"),
    );
    assert.equal(result.failures[0], "hookLimit: 5 hooks have run and more are due");
  });
});

describe("a bad scenario file", () => {
  const good = "name: x\ninprocess: restart\nunits: 2\n";

  test("is told with line and column and what was expected", () => {
    assert.match(
      complaint(`${good}steps:\n  - when: app/1 sleeps\n    kill: it\n`),
      /^test\.yaml:5:5: when: expected quiet, "UNIT operates", .*; found "app\/1 sleeps"$/,
    );
  });

  const bad: [string, string, RegExp][] = [
    ["no YAML", "name: [", /^test\.yaml:1:\d+: Flow sequence/],
    [
      "an unknown key",
      `${good}unitz: 3\n`,
      /^test\.yaml:4:1: unknown key unitz: expected one of name, /,
    ],
    [
      "a wrong type",
      "name: x\ninprocess: restart\nunits: many\n",
      /^test\.yaml:3:1: units: expected a whole number, 1 or more, found "many"$/,
    ],
    [
      "no name",
      "inprocess: restart\nunits: 1\n",
      /^test\.yaml:1:1: name: expected a text, found nothing$/,
    ],
    [
      "a Juju that is not modelled",
      `${good}juju: 2.9\n`,
      /^test\.yaml:4:1: juju: expected one of 3\.6, 4\.0/,
    ],
    [
      "no such charm directory",
      "name: x\nunits: 1\ncharm: nowhere\n",
      /^test\.yaml:3:1: expected a charm directory: there is none at nowhere$/,
    ],
    [
      "two acts in one step",
      `${good}steps:\n  - kill: app/0\n    fail: app/0\n`,
      /^test\.yaml:5:5: expected one thing to do, found kill and fail; there are /,
    ],
    [
      "a fault without a moment",
      `${good}faults:\n  - kill: app/0\n`,
      /^test\.yaml:5:5: a fault needs when/,
    ],
    [
      "a number that is none",
      `${good}expect: { hooks: few }\n`,
      /^test\.yaml:4:11: expected a number such as 5/,
    ],
    [
      "tools of a charm that has none",
      `${good}faults:\n  - when: app/0 calls leader-set\n    kill: it\n`,
      /needs a charm that runs as processes/,
    ],
  ];
  for (const [title, text, expected] of bad) {
    test(title, () => assert.match(complaint(text), expected));
  }

  test("makes the command exit with 2", async (t) => {
    t.mock.method(process.stderr, "write", () => true);
    assert.equal(await runCommand([join(folder, "nowhere.yaml")]), 2);
    assert.equal(await runCommand(["--nonsense"]), 2);
    assert.equal(await runCommand([]), 2);
  });
});
