/** When the leader may drop a grant: on evidence that carries an id, and on nothing else (F2, F3). */
import { asked, at, bagOf, grant, Hook, ids, part, problems, quoted, written } from "./support";

/** app/1 was granted the lock at minute 2, app/2 waits; nothing was said of app/1's data yet. */
function leading(): Hook {
  return new Hook("app/0")
    .leads()
    .bag("app/2", ids("restart", 9))
    .grants(grant("app/1", "restart", 2));
}

/** The same, and nobody waits. */
function alone(): Hook {
  return new Hook("app/0").leads().grants(grant("app/1", "restart", 2));
}

const KEPT: string = "nothing";

/** What the leader writes: `nothing` if the grant is kept, since then nothing has changed. */
function outcome(hook: Hook): string {
  return written(hook.started().end(), "settings", "coordinator");
}

function dropped(): string {
  return '{"app/2": {"restart": "' + at(9) + '"}}';
}

describe("a grant is dropped on evidence only", () => {
  it("done with its id: drop", () => {
    expect(outcome(leading().bag("app/1", "{}", ids("restart", 2)))).toBe(dropped());
  });

  it("done with a greater id: drop", () => {
    expect(outcome(leading().bag("app/1", "{}", ids("restart", 3)))).toBe(dropped());
  });

  it("done with a smaller id: keep", () => {
    expect(outcome(leading().bag("app/1", "{}", ids("restart", 1)))).toBe(KEPT);
  });

  it("done of another lock: keep", () => {
    expect(outcome(leading().bag("app/1", "{}", ids("other", 3)))).toBe(KEPT);
  });

  it("a request with a greater id: drop, and the request is queued like any other", () => {
    expect(outcome(leading().bag("app/1", ids("restart", 3)))).toBe(
      '{"app/1": {"restart": "' + at(3) + '"}}',
    );
  });

  it("a request with its id: keep", () => {
    expect(outcome(leading().bag("app/1", ids("restart", 2)))).toBe(KEPT);
  });

  it("a request with a smaller id is an old copy: keep", () => {
    expect(outcome(leading().bag("app/1", ids("restart", 1)))).toBe(KEPT);
  });

  it("a missing request is an old copy: keep, even in that unit's own relation-changed", () => {
    expect(outcome(leading().bag("app/1", "{}").field("remote_unit", '"app/1"'))).toBe(KEPT);
  });

  it("relation-departed proves nothing (row 17)", () => {
    const hook = leading()
      .field("remote_unit", '"app/1"')
      .field("departing_unit", '"app/1"')
      .started();
    expect(asked(hook.end())).toBe("units");
    hook.answer("units", '{"app/1": ' + bagOf(ids("restart", 2)) + "}");
    const end = hook.answer("planned", '{"app/0": "active", "app/1": "dying", "app/2": "active"}');
    expect(part(end, "ok.effects")).toBe("[]");
  });
});

describe("that a grant is over is written with the next one, if every later leader finds it out by itself", () => {
  it("its unit says so: nothing is written, and it is not shown as a holder", () => {
    const hook = alone().bag("app/1", "{}", ids("restart", 2)).started();
    expect(part(hook.status(), "ok.holders")).toBe("[]");
    expect(part(hook.end(), "ok.effects")).toBe("[]");
  });

  it("nor where somebody waits and may not have the lock", () => {
    const hook = leading().policy('"pause"').bag("app/1", "{}", ids("restart", 2));
    expect(outcome(hook)).toBe(KEPT);
  });

  it("a unit of the old library leaves a request out: at once, even if somebody looks first", () => {
    const hook = alone().old("app/1", "{}").field("remote_unit", '"app/1"').started();
    expect(part(hook.status(), "ok.holders")).toBe("[]");
    expect(written(hook.end(), "settings", "coordinator")).toBe("{}");
  });

  it("its databag is out of sight: at once, or each hook would have to ask for it", () => {
    const hook = leading().policy('"pause"').started();
    hook.end();
    const end = hook.answer("units", '{"app/1": ' + bagOf("{}", ids("restart", 2)) + "}");
    expect(written(end, "settings", "coordinator")).toBe("{}");
  });

  it("it is dead: at once", () => {
    const hook = leading().policy('"pause"').started();
    hook.end();
    hook.answer("units", "{}");
    const end = hook.answer("planned", '{"app/0": "active", "app/2": "active"}');
    expect(written(end, "settings", "coordinator")).toBe("{}");
  });

  it("without a relation nobody else could read it: at once", () => {
    const saved = '{"done": ' + ids("restart", 2) + ', "requests": {}, "v": 1}';
    const hook = new Hook("app/0").leads().withoutRelation().field("saved", quoted(saved));
    hook.grants(grant("app/0", "restart", 2));
    expect(outcome(hook)).toBe("{}");
  });
});

describe("data without coordinator-v1 is an old unit's: a missing request counts if the data is fresh", () => {
  it("in another unit's hook the copy may be old: keep", () => {
    expect(outcome(leading().old("app/1", "{}").field("remote_unit", '"app/2"'))).toBe(KEPT);
  });

  it("in its own relation-changed: drop", () => {
    expect(outcome(leading().old("app/1", "{}").field("remote_unit", '"app/1"'))).toBe(dropped());
  });

  it("a unit that is not in relation-list is never cached: drop", () => {
    const hook = leading().started();
    hook.end();
    const end = hook.answer("units", '{"app/1": {"coordinator": "{}"}}');
    expect(written(end, "settings", "coordinator")).toBe(dropped());
  });

  it("under a marked grant a missing request is to be expected: keep", () => {
    const hook = leading().old("app/1", "{}").field("remote_unit", '"app/1"');
    const marks = '{"v": 1, "marks": ' + grant("app/1", "restart", 2) + "}";
    expect(outcome(hook.setting("coordinator-v1", marks))).toBe(KEPT);
  });
});

describe("a holder out of sight: its data is asked for, then goal-state (row 16)", () => {
  it("in this order, once", () => {
    const hook = leading().started();
    const ask = hook.end();
    expect(asked(ask)).toBe("units");
    expect(part(ask, "ask.units")).toBe('["app/1"]');
    expect(asked(hook.answer("units", "{}"))).toBe("planned");
  });

  it("the ask for goal-state has nothing beside its name", () => {
    const hook = leading().started();
    hook.end();
    expect(hook.answer("units", "{}")).toBe('{"ask": {"what": "planned"}}');
  });

  it("it lives: keep", () => {
    const hook = leading().started();
    hook.end();
    hook.answer("units", '{"app/1": ' + bagOf(ids("restart", 2)) + "}");
    const end = hook.answer("planned", '{"app/0": "active", "app/1": "active", "app/2": "active"}');
    expect(part(end, "ok.effects")).toBe("[]");
  });

  it("goal-state does not show it: it is dead, drop", () => {
    const hook = leading().started();
    hook.end();
    hook.answer("units", "{}");
    const end = hook.answer("planned", '{"app/0": "active", "app/2": "active"}');
    expect(written(end, "settings", "coordinator")).toBe(dropped());
  });

  it("a goal-state that does not show this very unit proves nothing", () => {
    const hook = leading().started();
    hook.end();
    hook.answer("units", "{}");
    expect(part(hook.answer("planned", '{"app/2": "active"}'), "ok.effects")).toBe("[]");
  });

  it("what cannot be had is no evidence, and is reported", () => {
    const hook = leading().started();
    hook.end();
    hook.fail("units", "failed");
    const end = hook.fail("planned", "failed");
    expect(part(end, "ok.effects")).toBe("[]");
    expect(problems(end).startsWith("ask_failed")).toBe(true);
  });

  it("a subordinate does not ask for goal-state, which would not show its fellows", () => {
    const hook = leading().field("subordinate", "true").started();
    hook.end();
    expect(part(hook.answer("units", "{}"), "ok.effects")).toBe("[]");
  });

  it("nobody waits: nothing is asked", () => {
    const hook = new Hook("app/0")
      .leads()
      .grants(grant("app/1", "restart", 2))
      .started();
    expect(part(hook.end(), "ok.effects")).toBe("[]");
  });
});

describe("a unit whose data cannot be read is quarantined: its grants kept, its requests not granted", () => {
  it("not JSON (row 3): the grant is kept, and it is reported with unit and key", () => {
    const hook = leading().raw("app/1", '{"coordinator": "{"}');
    const start = hook.start();
    expect(problems(start)).toBe("bad_databag");
    expect(part(hook.end(), "ok.effects")).toBe("[]");
  });

  it("an id that is a number (row 4) is not granted, and others are", () => {
    const hook = new Hook("app/0").leads().raw("app/1", '{"coordinator": "{\\"restart\\": 7}"}');
    hook.bag("app/2", ids("restart", 9)).started();
    expect(written(hook.end(), "settings", "coordinator")).toBe(dropped());
  });

  it("a higher v: kept, even where it looks done", () => {
    const extra = '{\\"v\\": 2, \\"done\\": {\\"restart\\": \\"' + at(2) + '\\"}}';
    const hook = leading().raw("app/1", '{"coordinator": "{}", "coordinator-v1": "' + extra + '"}');
    expect(problems(hook.start())).toBe("unknown_version");
    expect(part(hook.end(), "ok.effects")).toBe("[]");
  });

  it("fields that are not known are ignored", () => {
    const extra = '{\\"v\\": 1, \\"later\\": [], \\"done\\": {\\"restart\\": \\"' + at(2) + '\\"}}';
    const hook = leading().raw("app/1", '{"coordinator": "{}", "coordinator-v1": "' + extra + '"}');
    expect(outcome(hook)).toBe(dropped());
  });
});
