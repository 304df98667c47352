/** What only the leader does: when it may decide, who stands in its queue, and what it writes. */
import { asked, at, bagOf, found, grant, Hook, ids, part, problems, written } from "./support";

/** app/0 leads, app/1 waits for the lock. */
function leading(age: string = "1"): Hook {
  return new Hook("app/0").leads(age).bag("app/1", ids("restart", 1));
}

/** The order in which the units of an answer's grants were granted. */
function grants(answer: string): string {
  return part(answer, "ok.grants");
}

function granted(unit: string, lock: string = "restart"): string {
  return '[{"unit": "' + unit + '", "lock": "' + lock + '"}]';
}

describe("only the leader grants", () => {
  it("at the end of its hook, as the last of the effects", () => {
    const end = leading().started().end();
    expect(grants(end)).toBe(granted("app/1"));
    expect(written(end, "settings", "coordinator")).toBe('{"app/1": {"restart": "' + at(1) + '"}}');
  });

  it("a unit that does not lead grants nothing", () => {
    const hook = new Hook("app/0").bag("app/1", ids("restart", 1)).started();
    expect(part(hook.end(), "ok.effects")).toBe("[]");
  });
});

describe("everything is read within 30 s of the True of is-leader", () => {
  it("29.9 s are soon enough", () => {
    expect(grants(leading("29.9").started().end())).toBe(granted("app/1"));
  });

  it("30 s are not: the hook goes on as one of a unit that does not lead", () => {
    const hook = leading("30");
    const start = hook.start();
    expect(part(start, "ok.leading")).toBe("false");
    expect(problems(start)).toBe("not_leader");
    expect(part(hook.end(), "ok.effects")).toBe("[]");
  });

  it("a host that does not say when has not read in time", () => {
    const hook = new Hook("app/0").field("leader", "true").bag("app/1", ids("restart", 1));
    expect(part(hook.leads("null").start(), "error.code")).toBe('"bad_json"');
    const silent = new Hook("app/0").leads("null");
    expect(part(silent.start(), "ok.leading")).toBe("false");
  });
});

describe("the leader drops, then decides, and decides again at the end after its own release", () => {
  it("a grant that is done makes room in the same decision", () => {
    const hook = new Hook("app/0").leads().bag("app/1", "{}", ids("restart", 1));
    hook
      .bag("app/2", ids("restart", 2))
      .grants(grant("app/1", "restart", 1))
      .started();
    expect(grants(hook.end())).toBe(granted("app/2"));
  });

  it("its own release makes room in the same hook, since nothing would wake it", () => {
    const hook = leading()
      .bag("app/0", ids("restart", 0))
      .grants(grant("app/0", "restart", 0))
      .started();
    const end = hook.end();
    expect(part(end, "ok.released")).toBe('["restart"]');
    expect(grants(end)).toBe(granted("app/1"));
  });
});

describe("the leader publishes to leader settings as its very last act", () => {
  it("after its databag", () => {
    const hook = leading()
      .bag("app/0", ids("restart", 0))
      .grants(grant("app/0", "restart", 0))
      .started();
    const effects = part(hook.end(), "ok.effects");
    const databag = effects.indexOf('"do": "databag"');
    const settings = effects.indexOf('"do": "settings"');
    expect(databag).toBeGreaterThan(0);
    expect(settings).toBeGreaterThan(databag);
    expect(effects.indexOf('"do": ', settings + 1)).toBe(-1);
  });
});

describe("a leader-set later than 30 s after the last True is preceded by reading again", () => {
  it("a new generation empties Juju's cache", () => {
    const hook = leading().setting("coordinator-generation", "7").started();
    const ask = hook.end("30");
    expect(asked(ask)).toBe("reread");
    expect(written(ask, "reread", "coordinator-generation")).toBe("8");
  });

  it("what another leader granted meanwhile is seen (F5)", () => {
    const hook = leading().bag("app/2", ids("restart", 2)).started();
    hook.end("30");
    const settings =
      '{"coordinator-generation": "1", "coordinator": "{\\"app/2\\": {\\"restart\\": \\"' +
      at(2) +
      '\\"}}"}';
    expect(part(hook.answer("reread", settings), "ok.effects")).toBe("[]");
  });

  it("if nothing has happened the decision stands", () => {
    const hook = leading().started();
    hook.end("30");
    expect(grants(hook.answer("reread", '{"coordinator-generation": "1"}'))).toBe(granted("app/1"));
  });

  it("a refusal is final for the hook", () => {
    const hook = leading().started();
    hook.end("30");
    const end = hook.fail("reread", "refused");
    expect(problems(end)).toBe("not_leader");
    expect(part(end, "ok.effects")).toBe("[]");
  });

  it("reading again that took 30 s is no better", () => {
    const hook = leading().started();
    hook.end("30");
    const end = hook.answer("reread", '{"coordinator-generation": "1"}', "30");
    expect(part(end, "ok.effects")).toBe("[]");
  });
});

describe("the queue holds the requests of this unit and of the units in relation-list, nothing else", () => {
  it("data of a unit that is not a member makes no grant (F8)", () => {
    const hook = leading()
      .grants(grant("app/9", "other", 1))
      .policy('"serial"')
      .started();
    expect(asked(hook.end())).toBe("units");
    hook.answer("units", '{"app/9": ' + bagOf(ids("restart", 0)) + "}");
    const end = hook.answer("planned", '{"app/0": "active", "app/1": "active", "app/9": "active"}');
    expect(grants(end)).toBe(granted("app/1"));
  });

  it("a unit that departs gets no new grant", () => {
    const hook = leading()
      .bag("app/2", ids("restart", 2))
      .field("departing_unit", '"app/1"')
      .started();
    expect(grants(hook.end())).toBe(granted("app/2"));
  });

  it("a unit that goal-state does not show gets no new grant, though relation-list still has it (F8)", () => {
    const hook = leading()
      .bag("app/2", ids("restart", 2))
      .grants(grant("app/9", "other", 1))
      .policy('"serial"');
    hook.started().end();
    hook.answer("units", "{}");
    const planned = '{"app/0": "active", "app/2": "active", "app/9": "active"}';
    expect(grants(hook.answer("planned", planned))).toBe(granted("app/2"));
  });

  it("a unit that goal-state shows as dying gets no new grant", () => {
    const hook = leading()
      .bag("app/2", ids("restart", 2))
      .grants(grant("app/9", "other", 1))
      .policy('"serial"');
    hook.started().end();
    hook.answer("units", "{}");
    const planned = '{"app/0": "active", "app/1": "dying", "app/2": "active", "app/9": "active"}';
    expect(grants(hook.answer("planned", planned))).toBe(granted("app/2"));
  });
});

describe("the queue's order is that of arrival as recorded, then id, then unit by UTF-8 bytes, then lock", () => {
  it("by id", () => {
    expect(grants(leading().bag("app/2", ids("restart", 0)).started().end())).toBe(
      granted("app/2"),
    );
  });

  it("a recorded arrival beats a slow clock (row 5)", () => {
    const hook = leading().bag("app/2", ids("restart", 0)).grants("{}");
    hook.setting("coordinator-v1", '{"v": 1, "order": [["app/1", "restart", "' + at(1) + '"]]}');
    expect(grants(hook.started().end())).toBe(granted("app/1"));
  });

  it("a recorded place of another id does not count", () => {
    const hook = leading().bag("app/2", ids("restart", 0)).grants("{}");
    hook.setting("coordinator-v1", '{"v": 1, "order": [["app/1", "restart", "' + at(0) + '"]]}');
    expect(grants(hook.started().end())).toBe(granted("app/2"));
  });

  it("an astral name comes after U+FFFF, which UTF-16 would turn round", () => {
    const hook = new Hook("app/0")
      .leads()
      .bag("\u{10000}/1", ids("restart", 1))
      .bag("\u{ffff}/1", ids("restart", 1));
    expect(grants(hook.started().end())).toBe(granted("\\uffff/1"));
  });

  it("by lock", () => {
    const both = '{"b": "' + at(1) + '", "a": "' + at(1) + '"}';
    const hook = new Hook("app/0")
      .leads()
      .policy('{"rules": ["parallel:9"]}')
      .bag("app/1", both)
      .started();
    const first = '[{"unit": "app/1", "lock": "a"}, {"unit": "app/1", "lock": "b"}]';
    expect(grants(hook.end())).toBe(first);
  });

  it("the same decision, whatever the order of the input (row 6)", () => {
    const forth = new Hook("app/0").leads().policy('"parallel:2"');
    const back = new Hook("app/0").leads().policy('"parallel:2"');
    for (let i = 1; i < 9; i++) forth.bag("app/" + i.toString(), ids("restart", 1));
    for (let i = 8; i > 0; i--) back.bag("app/" + i.toString(), ids("restart", 1));
    const two = '[{"unit": "app/1", "lock": "restart"}, {"unit": "app/2", "lock": "restart"}]';
    expect(grants(forth.started().end())).toBe(two);
    expect(grants(back.started().end())).toBe(two);
  });

  it("what waits is recorded whenever the leader writes", () => {
    const hook = leading().bag("app/2", ids("restart", 2)).started();
    const order = '"order": [["app/2", "restart", "' + at(2) + '"]]';
    expect(found(written(hook.end(), "settings", "coordinator-v1"), order)).toBe(order);
  });
});
