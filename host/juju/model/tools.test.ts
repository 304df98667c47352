import assert from "node:assert/strict";
import { test } from "node:test";
import type { HookContext } from "./context.js";
import { event } from "./events.js";
import { inHook, openHook, runEvent, started } from "./fixtures.js";
import { LocalJuju } from "./juju.js";
import type { JujuVersion } from "./state.js";
import { readsStdin, runTool, toolNames } from "./tools.js";

/** A command line as a charm would type it; no quoting. */
function type(context: HookContext, line: string, stdin: string | null = null) {
  const [name = "", ...args] = line.split(" ");
  return runTool(context, name, args, stdin);
}

/** A hook of a unit with one peer: update-status, which has no relation of its own. */
function plainHook(version: JujuVersion = "3.6", unit = "app/0"): HookContext {
  return openHook(started(version, 2), unit);
}

/** relation-changed on app/0, about app/1, whose databag has `a`. */
function relationHook(version: JujuVersion = "4.0"): HookContext {
  const juju = started(version, 2);
  inHook(juju, "app/1", (context) => context.relationSet({ a: "1", b: "x y" }));
  return juju.begin("app/0", juju.next("app/0")!);
}

const ok = (stdout: string) => ({ exitCode: 0, stdout, stderr: "" });
const usage = (message: string) => ({ exitCode: 2, stdout: "", stderr: `ERROR ${message}\n` });
const refused = (message: string) => ({ exitCode: 1, stdout: "", stderr: `ERROR ${message}\n` });

test("relation-get takes the unit of the hook, a unit by name, a key or everything", () => {
  const context = relationHook();
  assert.deepEqual(type(context, "relation-get a"), ok("1\n"));
  assert.deepEqual(
    type(context, "relation-get - app/1 --format=json"),
    ok('{"a":"1","b":"x y"}\n'),
  );
  assert.deepEqual(type(context, "relation-get"), ok('a: "1"\nb: x y\n'));
  assert.deepEqual(type(context, "relation-get --format json nothing app/1"), ok("null\n"));
  assert.deepEqual(type(context, "relation-get nothing"), ok(""));
});

test("relation-get takes the application databag where the hook is about no unit", () => {
  const juju = started("4.0", 1);
  inHook(juju, "app/0", (context) => context.relationSet({ a: "1" }, { application: true }));
  const context = juju.begin("app/0", juju.next("app/0")!);
  assert.deepEqual(type(context, "relation-get --format=json"), ok('{"a":"1"}\n'));
  assert.deepEqual(type(context, "relation-get --app a app/0"), ok("1\n"));
});

test("relation-get names what is wrong with its arguments", () => {
  const context = plainHook();
  const get = (rest: string) => type(context, `relation-get ${rest}`);
  assert.deepEqual(get("- app/1"), usage("no relation id specified"));
  assert.deepEqual(get("-r 0 -"), usage("no unit or application specified"));
  assert.deepEqual(get("-r 0 - app"), usage('expected unit name, got application name "app"'));
  assert.deepEqual(get("-r 0 - x!"), usage('invalid unit name "x!"'));
  assert.deepEqual(get("-r 0 - app/7"), refused("permission denied"));
  assert.deepEqual(get("-r 0 - app/1 more"), usage('unrecognized args: ["more"]'));
});

test("-r takes a number, with or without the relation's name", () => {
  const context = plainHook();
  for (const relation of ["0", "coordinator:0"]) {
    assert.deepEqual(type(context, `relation-list -r ${relation}`), ok("app/1\n"));
  }
  assert.deepEqual(
    type(context, "relation-list -r bad"),
    usage('invalid value "bad" for option -r: invalid relation id'),
  );
  assert.deepEqual(
    type(context, "relation-list --relation=coordinator:9"),
    usage('invalid value "coordinator:9" for option --relation: relation not found'),
  );
  assert.equal(type(context, "relation-list -r wrong:0").exitCode, 2);
});

test("-r may be made to ignore the relation's name, as older Juju does", () => {
  const juju = started("3.6", 2, { switches: { validateRelationName: false } });
  assert.deepEqual(type(openHook(juju, "app/0"), "relation-list -r wrong:0"), ok("app/1\n"));
});

test("relation-ids and relation-list print nothing for nothing in smart, and [] in json", () => {
  const juju = new LocalJuju({ version: "4.0" });
  juju.addUnit();
  const install = juju.begin("app/0", event("install"));
  assert.deepEqual(type(install, "relation-ids coordinator"), ok(""));
  assert.deepEqual(type(install, "relation-ids coordinator --format=json"), ok("[]\n"));
  assert.deepEqual(type(install, "relation-ids"), usage("no endpoint name specified"));
  install.finish({ exit: 0 });
  const created = juju.begin("app/0", juju.next("app/0")!);
  assert.deepEqual(type(created, "relation-ids"), ok("coordinator:0\n"));
  assert.deepEqual(type(created, "relation-list"), ok(""));
  assert.deepEqual(type(created, "relation-list --app"), ok("app\n"));
});

test("relation-set takes words and a file, and the words win", () => {
  const context = relationHook();
  const file = JSON.stringify({ a: "file", b: "file", n: 1, gone: null });
  assert.deepEqual(type(context, "relation-set --file - a=word", file), ok(""));
  assert.deepEqual(context.relationGet("app/0"), { a: "word", b: "file", n: "1" });
  assert.deepEqual(type(context, "relation-set b="), ok(""));
  assert.equal(context.relationGet("app/0").b, undefined);
});

test("relation-set --file takes scalars of YAML as they are written", () => {
  const context = relationHook();
  type(
    context,
    "relation-set --file=-",
    "yes: 012\ntext: 'null'\nnothing: ~\nlong: |\n  two\n  lines\n",
  );
  assert.deepEqual(context.relationGet("app/0"), {
    yes: "012",
    text: "null",
    long: "two\nlines\n",
  });
});

test("relation-set names what is wrong", () => {
  const context = relationHook();
  assert.deepEqual(type(context, "relation-set a"), usage('expected "key=value", got "a"'));
  assert.deepEqual(
    type(context, "relation-set --file -"),
    refused("hook tool requires stdin, none supplied"),
  );
  assert.equal(type(context, "relation-set --file -", "[1]").exitCode, 1);
  assert.equal(type(context, "relation-set --file -", "a: {b: c}").exitCode, 1);
  assert.deepEqual(type(context, "relation-set --format json a=1"), {
    ...ok(""),
    stderr: '--format flag deprecated for command "relation-set"\n',
  });
});

test("a unit that does not lead is refused at once", () => {
  const context = plainHook("3.6", "app/1");
  assert.deepEqual(type(context, "is-leader"), ok("False\n"));
  assert.deepEqual(type(context, "is-leader --format=json"), ok("false\n"));
  assert.deepEqual(
    type(context, "relation-set -r 0 --app a=1"),
    refused("cannot write relation settings"),
  );
  assert.deepEqual(
    type(context, "leader-set a=1"),
    refused("cannot write leadership settings: cannot write settings: not the leader"),
  );
  assert.deepEqual(
    type(context, "status-set --application active"),
    refused("this unit is not the leader"),
  );
});

test("leader-get and leader-set exist up to Juju 3.6", () => {
  const context = plainHook();
  assert.deepEqual(type(context, "leader-set a=1"), ok(""));
  assert.deepEqual(type(context, "leader-get --format=json -"), ok('{"a":"1"}\n'));
  assert.deepEqual(type(context, "leader-get a"), ok("1\n"));
  assert.deepEqual(type(context, "leader-get b --format=json"), ok("null\n"));
  assert.ok(toolNames("3.6").includes("leader-get"));
  assert.ok(!toolNames("4.0").includes("leader-get"));
  assert.equal(type(plainHook("4.0"), "leader-get").exitCode, 1);
});

test("config-get leaves out what is not set, and keeps types in json", () => {
  const config = { count: 3, name: "x", on: true, unset: null };
  const context = openHook(started("3.6", 1, { config }), "app/0");
  assert.deepEqual(
    type(context, "config-get --format=json"),
    ok('{"count":3,"name":"x","on":true}\n'),
  );
  assert.deepEqual(type(context, "config-get on"), ok("True\n"));
  assert.deepEqual(type(context, "config-get count"), ok("3\n"));
  assert.deepEqual(type(context, "config-get toString"), ok(""));
});

test("status-set takes Juju's four words", () => {
  const context = plainHook();
  assert.deepEqual(type(context, "status-set active"), ok(""));
  assert.deepEqual(type(context, "status-set --application=False active"), ok(""));
  assert.deepEqual(type(context, "status-set"), usage("invalid args, require <status> [message]"));
  assert.deepEqual(
    type(context, "status-set happy"),
    usage('invalid status "happy", expected one of [maintenance blocked waiting active]'),
  );
});

test("status-get does not show what the same hook has set after it", () => {
  const context = plainHook();
  type(context, "status-set blocked disk");
  assert.deepEqual(type(context, "status-get"), ok("blocked\n"));
  type(context, "status-set active");
  assert.deepEqual(
    type(context, "status-get --format=json --include-data"),
    ok('{"message":"disk","status":"blocked","status-data":{}}\n'),
  );
});

test("state-get tells a missing key from an empty store as its version does", () => {
  for (const [version, empty] of [
    ["3.6", "{}\n"],
    ["4.0", "null\n"],
  ] as const) {
    const context = plainHook(version);
    assert.deepEqual(type(context, "state-get --format=json"), ok(empty));
    assert.deepEqual(type(context, "state-get key --format=json"), ok('""\n'));
    assert.deepEqual(type(context, "state-get --strict key"), refused('"key" not found'));
    assert.deepEqual(type(context, "state-set key= other=2"), ok(""));
    assert.deepEqual(type(context, "state-get - --format=json"), ok('{"key":"","other":"2"}\n'));
    assert.deepEqual(type(context, "state-delete key"), ok(""));
    assert.deepEqual(type(context, "state-get"), ok('other: "2"\n'));
  }
});

test("state-set refuses long keys and values at once", () => {
  const context = plainHook();
  assert.match(type(context, `state-set ${"k".repeat(257)}=1`).stderr, /max allowed key/);
  assert.match(type(context, `state-set k=${"v".repeat(65_537)}`).stderr, /max allowed value/);
});

test("juju-log joins its words, names the relation, and turns an unknown level into INFO", () => {
  const context = relationHook();
  assert.deepEqual(type(context, "juju-log -l DEBUG -- two -words"), ok(""));
  type(context, "juju-log --log-level loud hello");
  assert.deepEqual(context.logs, [
    { level: "DEBUG", message: "coordinator:0: two -words" },
    { level: "WARNING", message: "unknown log level loud" },
    { level: "INFO", message: "coordinator:0: hello" },
  ]);
  assert.deepEqual(type(context, "juju-log"), usage("no message specified"));
});

test("goal-state prints yaml unless asked for json", () => {
  const context = openHook(started("4.0", 1), "app/0");
  assert.match(type(context, "goal-state").stdout, /^relations: \{\}\nunits:\n {2}app\/0:\n/);
  assert.deepEqual(JSON.parse(type(context, "goal-state --format json").stdout).relations, {});
  assert.deepEqual(
    type(context, "goal-state --format smart"),
    usage('invalid value "smart" for option --format: unknown format "smart"'),
  );
});

test("json escapes what Go escapes, and yaml quotes what is no string elsewhere", () => {
  const context = relationHook();
  type(context, "relation-set --file -", JSON.stringify({ html: "<a&b>", yes: "no", é: "ü" }));
  assert.deepEqual(
    type(context, "relation-get - app/0 --format=json"),
    ok('{"html":"\\u003ca\\u0026b\\u003e","yes":"no","é":"ü"}\n'),
  );
  assert.deepEqual(type(context, "relation-get yes app/0 --format=yaml"), ok('"no"\n'));
});

test("keys that are names of JavaScript's own are keys like others", () => {
  const context = relationHook();
  type(context, "relation-set __proto__=1 constructor=2");
  assert.deepEqual(type(context, "relation-get __proto__ app/0"), ok("1\n"));
  assert.deepEqual(type(context, "relation-get toString app/0"), ok(""));
  context.finish({ exit: 0 });
});

test("options may stand anywhere, and an unknown one is refused", () => {
  const context = relationHook();
  assert.deepEqual(type(context, "relation-get --format=json a --relation 0 app/1"), ok('"1"\n'));
  assert.deepEqual(
    type(context, "is-leader --wrong"),
    usage("option provided but not defined: --wrong"),
  );
  assert.deepEqual(
    type(context, "is-leader --format"),
    usage("option needs an argument: --format"),
  );
  assert.equal(type(context, "is-leader --help").exitCode, 0);
});

test("-o hands the output over for a file", () => {
  assert.deepEqual(type(plainHook(), "is-leader -o leader.txt"), {
    ...ok(""),
    file: { path: "leader.txt", content: "True\n" },
  });
});

test("network-get, unit-get and ports answer for a machine with one address", () => {
  const context = plainHook();
  assert.deepEqual(type(context, "network-get coordinator --ingress-address"), ok("10.0.0.1\n"));
  const network = JSON.parse(type(context, "network-get coordinator --format=json").stdout);
  assert.equal(network["bind-addresses"][0].addresses[0].value, "10.0.0.1");
  assert.equal(type(context, "network-get nowhere").exitCode, 1);
  assert.deepEqual(type(context, "unit-get private-address"), ok("10.0.0.1\n"));
  type(context, "open-port 80");
  type(context, "open-port 8000-8010/udp");
  assert.deepEqual(type(context, "opened-ports"), ok("80/tcp\n8000-8010/udp\n"));
  assert.equal(type(context, "open-port 99999").exitCode, 2);
});

test("resource-get prints where the operator's file is", () => {
  const juju = started("3.6", 1);
  const context = openHook(juju, "app/0");
  assert.deepEqual(type(context, "resource-get policy"), {
    exitCode: 1,
    stdout: "",
    stderr: 'ERROR could not download resource: resource "policy" not found\n',
  });
  juju.attachResource("policy", "half.wasm");
  assert.deepEqual(type(context, "resource-get policy"), ok("half.wasm\n"));
  assert.equal(type(context, "resource-get --format=json policy").exitCode, 2);
});

test("action tools work in actions only", () => {
  const juju = started("4.0", 1);
  const action = juju.action("app/0", "show", { deep: { verbose: true } });
  assert.deepEqual(type(action, "action-get deep.verbose"), ok("True\n"));
  type(action, "action-set found=1");
  type(action, "action-fail broken");
  assert.deepEqual(action.results, { found: "1" });
  assert.equal(action.finish({ exit: 0 }).message, "broken");
  const hook = openHook(juju, "app/0");
  assert.deepEqual(type(hook, "action-get"), refused("unknown hook command: action-get"));
});

test("each call counts once, refused ones too", () => {
  const context = relationHook();
  type(context, "relation-get a");
  type(context, "relation-get --wrong");
  type(context, "relation-list --app");
  type(context, "is-leader --help");
  assert.deepEqual(context.tools, { "relation-get": 2, "relation-list": 1, "is-leader": 1 });
});

test("a tool called after its hook has ended is refused", () => {
  const context = plainHook();
  context.finish({ exit: 0 });
  assert.equal(type(context, "is-leader").exitCode, 1);
});

test("only --file - wants standard input", () => {
  assert.ok(readsStdin(["--file", "-", "a=b"]));
  assert.ok(readsStdin(["--file=-"]));
  assert.ok(!readsStdin(["-", "app/1"]));
});

test("relation-set in a relation-created hook reaches the unit's own databag", () => {
  const juju = new LocalJuju({ version: "4.0" });
  juju.addUnit();
  runEvent(juju, "app/0", "install");
  runEvent(juju, "app/0", "relation-created", null, (context) => {
    assert.deepEqual(type(context, "relation-set a=1"), ok(""));
  });
  assert.deepEqual(juju.unit("app/0").bag?.values, { a: "1" });
});
