import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { Asker } from "./asks.js";
import { parseAnswer } from "./contract.js";
import { MemoryFlags } from "./flags.js";
import {
  Coordinator,
  type Host,
  HostError,
  jujuHost,
  MemoryApplication,
  ModuleError,
  type RunTool,
  type Values,
} from "./index.js";
import { ScriptedCore } from "./scripted-core.js";
import { Tools } from "./tools.js";

const env = { JUJU_UNIT_NAME: "app/1", JUJU_HOOK_NAME: "update-status", JUJU_VERSION: "3.6.8" };
const unicode = fc.string({ unit: "binary", maxLength: 40 });
const text = fc.oneof(
  unicode,
  fc.constantFrom("__proto__", "coordinator", "-", "--help", "a=b", "\u0000"),
);
const databag = fc.dictionary(text, unicode, { maxKeys: 4 });

interface Call {
  readonly tool: string;
  readonly args: readonly string[];
  readonly input: string | undefined;
}

/** A host whose hook tools all print this, and what was run. */
function hostThatPrints(print: (call: Call) => string): { host: Host; calls: Call[] } {
  const calls: Call[] = [];
  const run: RunTool = (tool, args, input) => {
    calls.push({ tool, args, input });
    return print({ tool, args, input });
  };
  const host = jujuHost({ env, run, relation: "coordinator" });
  host.hook.onEnd = () => undefined;
  return { host, calls };
}

const printsRelation = (print: (call: Call) => string) => (call: Call) =>
  call.tool === "relation-ids" ? '["coordinator:3"]' : print(call);

// ---- what hook tools print

test("what a hook tool prints is read as it is, or refused as what Juju would never say", () => {
  const output = fc.oneof(
    fc.json({ maxDepth: 3 }),
    unicode,
    databag.map((bag) => JSON.stringify(bag)),
  );
  const reads = {
    values: (tools: Tools) => tools.values("relation-get"),
    strings: (tools: Tools) => tools.strings("relation-list"),
    isLeader: (tools: Tools) => tools.isLeader(),
  };
  fc.assert(
    fc.property(output, fc.constantFrom(...Object.values(reads)), (printed, read) => {
      let found: unknown;
      try {
        found = read(new Tools(() => printed));
      } catch (error) {
        assert.ok(error instanceof HostError && error.code === "bad_output", String(error));
        return;
      }
      assert.deepEqual(found, JSON.parse(printed) ?? (read === reads.strings ? [] : {}));
    }),
  );
});

test("a databag of any keys and values is read whole, and written whole", () => {
  fc.assert(
    fc.property(databag, (bag) => {
      const { host, calls } = hostThatPrints(printsRelation(() => JSON.stringify(bag)));
      assert.deepEqual(Object.entries(host.peers.own()!), Object.entries(bag));
      host.peers.writeOwn(bag);
      assert.deepEqual(JSON.parse(calls.at(-1)!.input!), JSON.parse(JSON.stringify(bag)));
      assert.deepEqual(calls.at(-1)!.args, ["-r", "coordinator:3", "--file", "-"]);
    }),
  );
});

test("a unit's name out of other units' data never becomes an option of a hook tool", () => {
  const name = fc.oneof(
    text,
    fc.constantFrom("app/2", "-o/1", "--file=/1", "app/2\n", "app/", "/2", "App/2"),
  );
  fc.assert(
    fc.property(name, (unit) => {
      const { host, calls } = hostThatPrints(printsRelation(() => "{}"));
      host.peers.of(unit);
      for (const { tool, args } of calls) {
        if (tool === "relation-get") assert.match(args.at(-1)!, /^[a-z0-9][a-z0-9-]*\/[0-9]+$/);
      }
    }),
  );
});

// It was: a character that was cut became another of three bytes, two more than Linux takes.
test("a line of the log is one argument that Linux takes, without control characters", () => {
  const longest = 131_071;
  const message = fc
    .tuple(
      unicode,
      fc.constantFrom("a", "é", "€", "😀"),
      fc.integer({ min: -6, max: 3 }),
      fc.boolean(),
    )
    .map(([start, filler, more, isLong]) => {
      if (!isLong) return start;
      const left = longest + more - Buffer.byteLength(start);
      return start + filler.repeat(Math.ceil(left / Buffer.byteLength(filler)));
    });
  fc.assert(
    fc.property(message, (line) => {
      const { host, calls } = hostThatPrints(() => "");
      host.hook.log("WARNING", line);
      const argument = calls[0]!.args.at(-1)!;
      assert.ok(Buffer.byteLength(argument) <= longest, `${Buffer.byteLength(argument)} bytes`);
      assert.doesNotMatch(argument, /\p{Cc}/u);
    }),
  );
});

// It was: half a surrogate pair in one databag, and the core refused what all had written.
test("whatever stands in databags and leader settings, a hook begins and ends, or says what Juju did", () => {
  const value = fc.oneof(
    unicode,
    fc.string({ maxLength: 9 }),
    fc.json({ maxDepth: 2 }),
    fc.constantFrom("\ud800", '{"\ud800":1}'),
  );
  const bags = fc.dictionary(
    fc.constantFrom("coordinator", "coordinator-v1", "coordinator-r1", "x", "coordinator\ud800"),
    value,
  );
  fc.assert(
    fc.property(bags, bags, bags, fc.boolean(), (own, peer, settings, leads) => {
      const { host } = hostThatPrints(({ tool, args }) => {
        if (tool === "is-leader") return String(leads);
        if (tool === "relation-ids") return '["coordinator:3"]';
        if (tool === "relation-list") return '["app/0"]';
        if (tool === "goal-state")
          return '{"units":{"app/0":{"status":"active"},"app/1":{"status":"active"}}}';
        if (tool === "leader-get") return JSON.stringify(settings);
        return JSON.stringify(args.at(-1) === "app/1" ? own : peer);
      });
      const coordinator = new Coordinator(host, { policy: "serial" });
      coordinator.start();
      coordinator.status();
      coordinator.end();
    }),
  );
});

// ---- wire

test("a value that is too long is carried to the core cut, but still too long, and never in the middle of a character", () => {
  const most = 65_536;
  const value = fc
    .tuple(
      fc.constantFrom("a", "é", "😀"),
      fc.integer({ min: -3, max: 4 }),
      fc.string({ maxLength: 3 }),
    )
    .map(
      ([filler, more, start]) => start + filler.repeat(Math.ceil((most + more) / filler.length)),
    );
  const { host } = hostThatPrints(() => "");
  const asker = new Asker(() => new ScriptedCore(), host, "coordinator");
  fc.assert(
    fc.property(fc.oneof(value, unicode), (whole) => {
      const carried = asker.databag({ coordinator: whole, other: whole });
      assert.deepEqual(Object.keys(carried), ["coordinator"]);
      const cut = carried.coordinator!;
      assert.ok(whole.startsWith(cut));
      assert.equal(cut === whole || Buffer.byteLength(cut) > most, true);
      assert.ok(cut.length <= most + 2);
      assert.equal(/[\ud800-\udbff]$/.test(cut), false);
    }),
  );
});

test("an answer is one of its three forms, or an error that says so", () => {
  const member = fc.oneof(
    fc.jsonValue({ maxDepth: 2 }),
    fc.record({ what: unicode }),
    fc.record({ code: unicode }),
  );
  const answer = fc
    .dictionary(fc.constantFrom("ok", "ask", "error", "x"), member)
    .map((each) => JSON.stringify(each));
  fc.assert(
    fc.property(fc.oneof(answer, fc.json(), unicode), (bytes) => {
      try {
        const found = parseAnswer(Buffer.from(bytes));
        assert.equal(Object.keys(found).length, 1);
        assert.ok("ok" in found || "ask" in found || "error" in found);
      } catch (error) {
        assert.ok(
          error instanceof ModuleError && ["not_json", "bad_answer"].includes(error.code),
          String(error),
        );
      }
    }),
  );
});

/** What Python's `json.dumps(x, sort_keys=True)` writes of ids by lock. */
function pythonText(ids: Readonly<Record<string, string>>): string {
  const ascii = (word: string) =>
    JSON.stringify(word)
      .replace(
        /[\u007f-\uffff]/g,
        (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`,
      )
      .replaceAll("\\u007f", "\u007f");
  const points = (word: string) => [...word].map((character) => character.codePointAt(0)!);
  const locks = Object.keys(ids).sort((one, other) => {
    const [a, b] = [points(one), points(other)];
    const at = a.findIndex((point, place) => point !== b[place]);
    return at === -1 ? a.length - b.length : a[at]! - (b[at] ?? -1);
  });
  return `{${locks.map((lock) => `${ascii(lock)}: ${JSON.stringify(ids[lock])}`).join(", ")}}`;
}

test("locks of any name are asked for and given back, in bytes that Python would have written", () => {
  const lock = fc.string({ unit: "binary", minLength: 1, maxLength: 60 });
  fc.assert(
    fc.property(fc.uniqueArray(lock, { minLength: 1, maxLength: 4 }), (locks) => {
      const application = new MemoryApplication({ units: 2 });
      const asking = application.hook("app/1");
      const waiting = new Coordinator(asking);
      waiting.start();
      for (const each of locks) assert.equal(waiting.acquire(each), false);
      asking.commit();
      const written = application.databags.get("app/1")!.coordinator!;
      const ids = JSON.parse(written) as Values;
      assert.deepEqual(new Set(Object.keys(ids)), new Set(locks));
      assert.equal(written, pythonText(ids));

      const leading = application.hook("app/0");
      new Coordinator(leading).start();
      leading.commit();
      const holding = application.hook("app/1");
      const holder = new Coordinator(holding);
      holder.start();
      for (const each of locks) assert.ok(holder.granted(each), JSON.stringify(each));
      holding.commit();
      assert.equal(application.databags.get("app/1")!.coordinator, "{}");
    }),
  );
});

// ---- flags

test("flags in memory are those that were set and not cleared since, of the coordinator's own", () => {
  const flag = fc.constantFrom(
    "coordinator.granted.a",
    "coordinator.requested.a",
    "other",
    "coordinator",
  );
  const change = fc.tuple(fc.constantFrom("set" as const, "clear" as const), flag);
  fc.assert(
    fc.property(fc.uniqueArray(flag), fc.array(change), (before, changes) => {
      const flags = new MemoryFlags(new Set(before));
      const expected = new Set(before);
      for (const [verb, each] of changes) {
        flags[verb](each);
        if (verb === "set") expected.add(each);
        else expected.delete(each);
      }
      const own = [...expected].filter((each) => each.startsWith("coordinator."));
      assert.deepEqual(flags.current().sort(), own.sort());
    }),
  );
});

test("in any course of hooks flags say what is held and waited for, and no two units hold a lock", () => {
  const locks = ["a", "b"];
  const step = fc.record({
    unit: fc.integer({ min: 0, max: 2 }),
    verbs: fc.array(
      fc.tuple(fc.constantFrom("acquire" as const, "withdraw" as const), fc.constantFrom(...locks)),
      { maxLength: 3 },
    ),
    fails: fc.boolean(),
    leader: fc.option(fc.integer({ min: 0, max: 2 })),
    store: fc.constant(null),
  });
  fc.assert(
    fc.property(
      fc.array(step, { maxLength: 12 }),
      fc.constantFrom("settings" as const, "application" as const),
      (steps, store) => {
        const application = new MemoryApplication({ units: 3, store });
        for (const { unit, verbs, fails, leader } of steps) {
          if (leader !== null) application.leader = `app/${leader}`;
          const host = application.hook(`app/${unit}`);
          const coordinator = new Coordinator(host, { policy: "serial" });
          coordinator.start();
          const check = (): void => {
            const flags = locks.flatMap((lock) => [
              ...(coordinator.granted(lock) ? [`coordinator.granted.${lock}`] : []),
              ...(coordinator.requested(lock) ? [`coordinator.requested.${lock}`] : []),
            ]);
            assert.deepEqual(host.flags.current().sort(), flags.sort());
            for (const lock of locks)
              assert.ok(!(coordinator.granted(lock) && coordinator.requested(lock)));
          };
          check();
          for (const [verb, lock] of verbs) {
            coordinator[verb](lock);
            check();
          }
          const { holders } = coordinator.status();
          const held = holders.map(({ lock }) => lock);
          assert.equal(new Set(held).size, held.length, JSON.stringify(holders));
          if (fails) host.fail();
          else host.commit();
        }
      },
    ),
  );
});
