import assert from "node:assert/strict";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, test } from "node:test";
import type { HookRecord } from "../model/history.js";
import { LocalJuju } from "../model/juju.js";
import { Agent, type AgentOptions, type Watcher } from "./agent.js";

let folder: string;
let agent: Agent | null;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "local-juju-test-"));
  agent = null;
});

afterEach(async () => {
  await agent?.stop();
  rmSync(folder, { recursive: true });
});

/** A charm of shell scripts, by path. */
function charm(files: Record<string, string>): string {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(join(folder, path, ".."), { recursive: true });
    writeFileSync(join(folder, path), `#!/bin/sh\n${text}\n`);
    chmodSync(join(folder, path), 0o755);
  }
  return folder;
}

async function start(
  dispatch: string,
  units: number,
  options: Partial<AgentOptions> & { juju?: LocalJuju } = {},
): Promise<{ juju: LocalJuju; agent: Agent; lines: string[] }> {
  const juju = options.juju ?? new LocalJuju({ version: "3.6" });
  for (let n = 0; n < units; n++) juju.addUnit();
  const lines: string[] = [];
  const watcher: Watcher = {
    output: (unit, _stream, line) => lines.push(`${unit} ${line}`),
    ...options.watcher,
  };
  const directory = existsSync(join(folder, "hooks")) ? folder : charm({ dispatch });
  agent = await Agent.start({ charmOf: () => directory, ...options, juju, watcher });
  return { juju, agent, lines };
}

test("a resource lies beside the unit's charm, as it was when it was asked for", async () => {
  const juju = new LocalJuju({ version: "3.6" });
  juju.addUnit();
  writeFileSync(join(folder, "half.wasm"), "half");
  const dispatch = `[ "$JUJU_HOOK_NAME" = upgrade-charm ] || exit 0
    path=$(resource-get policy); echo "$path: $(cat "$path")"; resource-get other; true`;
  const { agent, lines } = await start(dispatch, 0, { juju });
  await agent.run();
  juju.attachResource("policy", join(folder, "half.wasm"));
  await agent.run();
  const directory = agent.directory("app/0")!;
  const expected = join(directory, "../resources/policy/half.wasm");
  assert.equal(lines[0], `app/0 ${expected}: half`);
  assert.match(lines[1]!, /^app\/0 ERROR could not download resource: /);
});

const hooks = (juju: LocalJuju): HookRecord[] => juju.history.filter((one) => one.type === "hook");

/** A pid that is there no more: signal 0 asks without sending anything. */
function isGone(pid: number): boolean {
  try {
    process.kill(pid, 0);
    // A zombie whose parent has not yet been told counts as gone.
    return /^\d+ \(.*\) Z/.test(readFileSync(`/proc/${pid}/stat`, "latin1"));
  } catch {
    return true;
  }
}

describe("the agent", () => {
  test("runs what Juju would run, in its order, as processes with hook tools", async () => {
    const { juju, agent, lines } = await start(
      'echo "$JUJU_HOOK_NAME"; [ "$JUJU_HOOK_NAME" != start ] || status-set active "by $(is-leader)"',
      1,
    );
    assert.equal(await agent.run(), "quiet");
    assert.deepEqual(lines, [
      "app/0 install",
      "app/0 coordinator-relation-created",
      "app/0 leader-elected",
      "app/0 config-changed",
      "app/0 start",
    ]);
    assert.equal(juju.unit("app/0").status.message, "by True");
    assert.equal(agent.hooks, 5);
    assert.equal(agent.hookTools, 2);
  });

  test("gives each unit's programs what a driver wants to be in their environment", async () => {
    const { agent, lines } = await start('[ "$JUJU_HOOK_NAME" != start ] || echo "$ZONE"', 2, {
      environmentOf: (unit) => ({ ZONE: `zone of ${unit}` }),
    });
    await agent.run();
    assert.deepEqual(lines.sort(), ["app/0 zone of app/0", "app/1 zone of app/1"]);
  });

  test("gives a hook Juju's environment, in the unit's own charm directory", async () => {
    const { agent } = await start("env > $JUJU_HOOK_NAME.env; pwd > where", 1);
    await agent.run();
    const directory = agent.directory("app/0")!;
    const text = readFileSync(join(directory, "start.env"), "utf8");
    const env = Object.fromEntries(text.split("\n").map((line) => line.split(/=(.*)/s, 2)));
    assert.equal(env.JUJU_UNIT_NAME, "app/0");
    assert.equal(env.JUJU_DISPATCH_PATH, "hooks/start");
    assert.equal(env.JUJU_CHARM_DIR, directory);
    assert.equal(env.CHARM_DIR, directory);
    assert.match(env.JUJU_CONTEXT_ID, /^app\/0-start-[0-9a-f]{32}$/);
    assert.equal(env.NODE_TEST_CONTEXT, undefined);
    assert.equal(readFileSync(join(directory, "where"), "utf8"), `${directory}\n`);
    assert.equal(existsSync(join(folder, "where")), false);
  });

  test("runs hooks/NAME where there is no dispatch, and skips a hook that is missing", async () => {
    charm({ "hooks/start": "echo started" });
    const { juju, agent, lines } = await start("", 1);
    await agent.run();
    assert.deepEqual(lines, ["app/0 started"]);
    assert.equal(hooks(juju).length, 5);
  });

  test("commits what a hook writes when it succeeds, and nothing when it fails", async () => {
    const { juju, agent } = await start(
      `[ "$JUJU_HOOK_NAME" = coordinator-relation-created ] || exit 0
      relation-set tried=yes
      [ -e again ] || { touch again; exit 3; }
      relation-set -r "$JUJU_RELATION_ID" --file - <<END
done: "yes"
END`,
      1,
    );
    await agent.run();
    const tries = hooks(juju).filter(({ event }) => event === "coordinator-relation-created");
    assert.deepEqual(
      tries.map(({ ending, message }) => `${ending} ${message}`.trim()),
      ["failed exit status 3", "committed"],
    );
    assert.deepEqual(tries[0]!.writes.unit ?? {}, {});
    assert.equal(juju.unit("app/0").bag?.values.done, "yes");
  });

  test("runs hooks of different units at the same time, and of one unit never", async () => {
    let running = 0;
    let most = 0;
    const busy = new Set<string>();
    const watcher: Watcher = {
      began: ({ unit }) => {
        assert.equal(busy.has(unit), false);
        busy.add(unit);
        running += 1;
        most = Math.max(most, running);
      },
      ended: ({ unit }) => {
        busy.delete(unit);
        running -= 1;
      },
    };
    // Each start waits for the other two: it never ends unless all three run.
    const { juju, agent } = await start(
      `[ "$JUJU_HOOK_NAME" = start ] || exit 0
      touch "../../$$.started"
      for i in $(seq 200); do [ $(ls ../../*.started | wc -l) = 3 ] && exit 0; sleep 0.05; done
      exit 1`,
      3,
      { concurrency: 3, watcher },
    );
    await agent.run();
    assert.equal(most, 3);
    assert.ok(hooks(juju).every(({ ending }) => ending === "committed"));
  });

  test("a killed hook loses its writes and runs again", async () => {
    let killed = 0;
    const watcher: Watcher = {
      tool: (_context, { name }) => {
        if (name !== "status-set" || killed > 0) return undefined;
        killed += 1;
        return "kill";
      },
    };
    const { juju, agent } = await start(
      '[ "$JUJU_HOOK_NAME" = start ] || exit 0; state-set a=1; status-set active; sleep 1',
      1,
      { watcher },
    );
    await agent.run();
    const starts = hooks(juju).filter(({ event }) => event === "start");
    assert.deepEqual(
      starts.map(({ ending }) => ending),
      ["requeued", "committed"],
    );
    assert.deepEqual(starts[0]!.outcome, { signal: "SIGKILL" });
  });

  test("leadership can move in the middle of a hook", async () => {
    const watcher: Watcher = {
      tool: ({ unit }, { name }) => {
        if (unit === "app/0" && name === "juju-log") juju.moveLeader("app/1");
        return undefined;
      },
    };
    const { juju, agent, lines } = await start(
      '[ "$JUJU_HOOK_NAME" = leader-elected ] || exit 0; is-leader; juju-log moved; is-leader; leader-set a=1 2>&1 || echo $?',
      2,
      { watcher, concurrency: 1 },
    );
    await agent.run();
    assert.deepEqual(lines.slice(0, 4), [
      "app/0 True",
      "app/0 False",
      "app/0 ERROR cannot write leadership settings: cannot write settings: not the leader",
      "app/0 1",
    ]);
    assert.equal(juju.leader, "app/1");
  });

  test("what a charm detaches lives on after its hook, and not after its unit or the agent", async () => {
    const { juju, agent } = await start(
      `if [ "$JUJU_HOOK_NAME" = start ]; then
        setsid sleep 600 >/dev/null 2>&1 &
        echo $! > worker.pid
      fi
      if [ "$JUJU_HOOK_NAME" = update-status ]; then kill -0 $(cat worker.pid) && echo alive; fi`,
      2,
    );
    await agent.run();
    const pids = ["app/0", "app/1"].map((unit) =>
      Number(readFileSync(join(agent.directory(unit)!, "worker.pid"), "utf8")),
    );
    assert.deepEqual(pids.map(isGone), [false, false]);
    juju.removeUnit("app/1");
    await agent.run();
    assert.deepEqual(pids.map(isGone), [false, true]);
    await agent.stop();
    assert.deepEqual(pids.map(isGone), [true, true]);
  });

  test("begins nothing more once it is stopped, and leaves nothing running", async () => {
    const { agent, juju } = await start("sleep 600", 3, { concurrency: 2 });
    const run = agent.run();
    await new Promise((resolve) => setImmediate(resolve));
    await agent.stop();
    assert.equal(await run, "stopped");
    assert.equal(agent.hooks, 2);
    assert.equal(hooks(juju).length, 2);
  });

  test("runs scripts by juju-exec and actions by dispatch, and gives back their output", async () => {
    const { agent } = await start('[ -z "$JUJU_ACTION_NAME" ] || echo "does $JUJU_ACTION_NAME"', 1);
    await agent.run();
    const exec = agent.exec("app/0", 'echo "[$JUJU_HOOK_NAME] $JUJU_UNIT_NAME"; exit 3');
    const action = agent.action("app/0", "backup");
    await agent.run();
    assert.equal((await exec).stdout, "[] app/0\n");
    assert.deepEqual((await exec).outcome, { exit: 3 });
    assert.equal((await action).stdout, "does backup\n");
  });

  test("a hook that never ends is killed and counts as failed", async () => {
    const { juju, agent, lines } = await start(
      '[ "$JUJU_HOOK_NAME" = install ] || exit 0; [ -e again ] || { touch again; sleep 600; }',
      1,
      { hookTimeout: 0.5 },
    );
    await agent.run();
    assert.equal(hooks(juju)[0]!.ending, "failed");
    assert.deepEqual(lines, ["app/0 killed after 0.5 s"]);
  });

  test("says what is wrong with a charm directory", async () => {
    const juju = new LocalJuju({ version: "3.6" });
    juju.addUnit();
    agent = await Agent.start({ juju, charmOf: () => join(folder, "nowhere") });
    await assert.rejects(agent.run(), { code: "no_charm" });
  });
});
