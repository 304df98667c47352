/**
 * Where charmhelpers.coordinator and its layer failed, by the row of the list in the documentation of what is replaced: a core
 * that has the cause again fails here.
 */
import {
  asked,
  at,
  bagOf,
  errorCode,
  found,
  grant,
  granted,
  Hook,
  ids,
  part,
  problems,
  quoted,
  requested,
  written,
} from "./support";

/** app/0 leads. */
function leading(): Hook {
  return new Hook("app/0").leads();
}

function grantTo(unit: string): string {
  return '[{"unit": "' + unit + '", "lock": "restart"}]';
}

describe("row 2: the rollout stalls because the leader does not look at the queue after its own release", () => {
  it("it does", () => {
    const hook = leading()
      .policy('"serial"')
      .bag("app/0", ids("restart", 1))
      .bag("app/1", ids("restart", 2));
    hook.grants(grant("app/0", "restart", 1)).started();
    expect(part(hook.end(), "ok.grants")).toBe(grantTo("app/1"));
  });
});

describe("row 3: one unit's malformed JSON fails the hooks of all", () => {
  it("it concerns that unit alone", () => {
    const hook = leading().raw("app/1", '{"coordinator": "{"}').bag("app/2", ids("restart", 2));
    const start = hook.start();
    expect(errorCode(start)).toBe("");
    expect(found(start, '"unit": "app/1"')).toBe('"unit": "app/1"');
    expect(part(hook.end(), "ok.grants")).toBe(grantTo("app/2"));
  });
});

describe("row 4: an id that is no string is granted, and stays in leader settings", () => {
  it("it is never copied", () => {
    const hook = leading().raw("app/1", '{"coordinator": "{\\"restart\\": 7}"}').started();
    expect(part(hook.end(), "ok.effects")).toBe("[]");
  });

  it("one that an old leader left there is reported, and is no trap", () => {
    const hook = leading().bag("app/1", ids("restart", 1)).grants('{"app/1": {"restart": 7}}');
    expect(problems(hook.start())).toBe("bad_settings");
    expect(part(hook.end(), "ok.effects")).toBe("[]");
  });
});

describe("row 5: a slow clock jumps the queue", () => {
  it("not past those whose arrival the leader has recorded", () => {
    const first = leading()
      .bag("app/1", ids("restart", 5))
      .bag("app/2", ids("restart", 6))
      .policy('"serial"');
    const extra = written(first.started().end(), "settings", "coordinator-v1");
    const next = leading().bag("app/1", "{}", ids("restart", 5)).bag("app/2", ids("restart", 6));
    next.bag("app/3", ids("restart", 0)).policy('"serial"');
    next
      .grants(grant("app/1", "restart", 5))
      .setting("coordinator-v1", extra)
      .started();
    expect(part(next.end(), "ok.grants")).toBe(grantTo("app/2"));
  });
});

describe("row 6: the same input gives different grants, or leaves places empty", () => {
  it("any 2 of 4, always the same 2", () => {
    for (let turn = 0; turn < 4; turn++) {
      const hook = leading().policy('"parallel:2"');
      for (let i = 0; i < 4; i++)
        hook.bag("app/" + (1 + ((i + turn) % 4)).toString(), ids("restart", 1));
      expect(written(hook.started().end(), "settings", "coordinator")).toBe(
        '{"app/1": ' + ids("restart", 1) + ', "app/2": ' + ids("restart", 1) + "}",
      );
    }
  });
});

describe("row 8: a policy sees units double", () => {
  it("N counts this unit once, wherever it is named", () => {
    const hook = leading().policy('"parallel:50%"').bag("app/0", ids("restart", 9));
    hook
      .bag("app/1", ids("restart", 1))
      .bag("app/2", ids("restart", 2))
      .bag("app/3", ids("restart", 3));
    expect(part(hook.started().end(), "ok.grants")).toBe(
      '[{"unit": "app/1", "lock": "restart"}, {"unit": "app/2", "lock": "restart"}]',
    );
  });
});

describe("row 9: a unit runs on a stale grant and runs again", () => {
  it("a grant of an older request is no grant", () => {
    const hook = leading().bag("app/0", ids("restart", 2)).bag("app/1", ids("restart", 1));
    hook.grants(grant("app/0", "restart", 1));
    const start = hook.start();
    expect(granted(start)).toBe("[]");
    expect(requested(start)).toBe('["restart"]');
  });
});

describe("row 10: the leader acts on its own grant before anything is written", () => {
  it("the grant is written first", () => {
    const hook = leading().started();
    expect(asked(hook.acquire("restart"))).toBe("publish");
  });
});

describe("row 12: an old file of requests is merged back: a lock granted again without a request", () => {
  it("what was saved is deleted when it is moved, and never looked for again", () => {
    const hook = new Hook("app/1").field("hook", '"config-changed"').started();
    hook.answer("saved", quoted('{"done": {}, "requests": ' + ids("restart", 1) + ', "v": 1}'));
    expect(found(hook.end(), '{"do": "saved", "value": ""}')).toBe('{"do": "saved", "value": ""}');
    const next = new Hook("app/1").field("hook", '"config-changed"').bag("app/1", "{}");
    expect(requested(next.start())).toBe("[]");
  });
});

describe("row 15: flags are set from grants alone, so handlers run again without the lock", () => {
  it("a grant that was done sets no flag, and clears the one that is set", () => {
    const hook = new Hook("app/1")
      .bag("app/1", "{}", ids("restart", 1))
      .grants(grant("app/1", "restart", 1));
    const start = hook.flags('["coordinator.granted.restart"]').start();
    expect(part(start, "ok.flags.set")).toBe("[]");
    expect(part(start, "ok.flags.clear")).toBe('["coordinator.granted.restart"]');
  });

  it("requested is cleared when granted is set", () => {
    const hook = new Hook("app/1")
      .bag("app/1", ids("restart", 1))
      .grants(grant("app/1", "restart", 1));
    const start = hook.flags('["coordinator.requested.restart"]').start();
    expect(part(start, "ok.flags.clear")).toBe('["coordinator.requested.restart"]');
  });
});

describe("row 16: a young leader drops the grant of a holder that it has not met", () => {
  it("it asks for that unit's data, and keeps", () => {
    const hook = leading()
      .bag("app/2", ids("restart", 2))
      .grants(grant("app/1", "restart", 1))
      .started();
    expect(asked(hook.end())).toBe("units");
    hook.answer("units", '{"app/1": ' + bagOf(ids("restart", 1)) + "}");
    const end = hook.answer("planned", '{"app/0": "active", "app/1": "active", "app/2": "active"}');
    expect(part(end, "ok.effects")).toBe("[]");
  });

  it("a databag that could not be read is no evidence, whatever stands in its place", () => {
    const hook = leading()
      .bag("app/2", ids("restart", 2))
      .grants(grant("app/1", "restart", 1))
      .started();
    hook.end();
    hook.answer("units", '{"app/1": null}');
    const end = hook.answer("planned", '{"app/0": "active", "app/1": "active", "app/2": "active"}');
    expect(part(end, "ok.grants")).toBe("[]");
  });
});

describe("row 17: a departing unit still inside its operation loses its grant", () => {
  it("it keeps it until it is done or dead", () => {
    const hook = leading()
      .bag("app/2", ids("restart", 2))
      .grants(grant("app/1", "restart", 1));
    hook.field("departing_unit", '"app/1"').field("remote_unit", '"app/1"').started();
    hook.end();
    hook.answer("units", '{"app/1": ' + bagOf(ids("restart", 1)) + "}");
    const end = hook.answer("planned", '{"app/0": "active", "app/1": "dying", "app/2": "active"}');
    expect(part(end, "ok.effects")).toBe("[]");
    const awaits = "app/1 is not in the relation and holds restart";
    const status = leading()
      .bag("app/2", ids("restart", 2))
      .grants(grant("app/1", "restart", 1))
      .started()
      .status();
    expect(found(status, awaits)).toBe(awaits);
  });

  it("it is done: drop", () => {
    const hook = leading()
      .bag("app/2", ids("restart", 2))
      .grants(grant("app/1", "restart", 1))
      .started();
    hook.end();
    const end = hook.answer("units", '{"app/1": ' + bagOf("{}", ids("restart", 1)) + "}");
    expect(written(end, "settings", "coordinator")).toBe('{"app/2": {"restart": "' + at(2) + '"}}');
  });
});

describe("what an adversary found", () => {
  it("a lock's name that no unit of ours could ask for is not granted: it might not fit into leader settings", () => {
    const hook = leading()
      .bag("app/1", '{"' + "x".repeat(257) + '": "' + at(0) + '"}')
      .bag("app/2", ids("restart", 1));
    hook.started();
    expect(part(hook.end(), "ok.grants")).toBe(grantTo("app/2"));
  });

  it("what waits is recorded only as far as one argument of leader-set can hold it", () => {
    const hook = leading()
      .policy('"pause"')
      .old("app/200", "{}")
      .field("remote_unit", '"app/200"')
      .grants(grant("app/200", "restart", 0));
    for (let i = 1; i < 200; i++) hook.bag(`app/${i}`, `{"${"é".repeat(120)}${i}": "${at(1)}"}`);
    const extra = written(hook.started().end(), "settings", "coordinator-v1");
    expect(extra.length).toBeGreaterThan(10000);
    expect(extra.length).toBeLessThan(131072);
  });

  it("own data of a newer version is left as it is, even if a lock is held", () => {
    const values =
      '{"coordinator": ' + quoted(ids("restart", 1)) + ', "coordinator-v1": "{\\"v\\": 2}"}';
    const hook = new Hook("app/1")
      .raw("app/1", values)
      .grants(grant("app/1", "restart", 1))
      .started();
    expect(written(hook.end(), "databag", "coordinator-v1")).toBe("nothing");
  });
});
