/** The leader's own grants, in leader settings and in the application databag, and what becomes of them when a hook fails. */
import {
  asked,
  at,
  errorCode,
  found,
  grant,
  granted,
  Hook,
  ids,
  NOW,
  part,
  problems,
  requested,
  written,
} from "./support";

function leading(): Hook {
  return new Hook("app/0").leads();
}

/** `{"app/0": {"restart": NOW}}`. */
function grantedNow(): string {
  return '{"app/0": {"restart": "' + NOW + '"}}';
}

/** A document of the application databag. */
function documentOf(writer: string, grants: string): string {
  return '{"v": 1, "writer": "' + writer + '", "grants": ' + grants + "}";
}

describe("leader settings: what admits the leader's own request is published before the lock is held", () => {
  it("in acquire", () => {
    const hook = leading().started();
    const ask = hook.acquire("restart");
    expect(asked(ask)).toBe("publish");
    expect(written(ask, "publish", "coordinator")).toBe(grantedNow());
    expect(granted(hook.answer("publish", "true"))).toBe('["restart"]');
  });

  it("in start, for a request that waited (F1)", () => {
    const hook = leading().bag("app/0", ids("restart", 2)).bag("app/1", "{}", ids("restart", 1));
    const ask = hook.grants(grant("app/1", "restart", 1)).start();
    expect(written(ask, "publish", "coordinator")).toBe(grant("app/0", "restart", 2));
    expect(granted(hook.answer("publish", "true"))).toBe('["restart"]');
  });

  it("before the answer nothing else is taken", () => {
    const hook = leading().started();
    hook.acquire("restart");
    expect(errorCode(hook.end())).toBe("bad_order");
  });

  it("a leader-set that is refused: it goes on as a unit that does not lead, and the hook does not fail", () => {
    const hook = leading().policy('"parallel:2"').bag("app/1", ids("restart", 1)).started();
    hook.acquire("restart");
    const view = hook.fail("publish", "refused");
    expect(granted(view)).toBe("[]");
    expect(requested(view)).toBe('["restart"]');
    expect(part(view, "ok.leading")).toBe("false");
    expect(problems(view)).toBe("not_leader");
    expect(written(hook.end(), "settings", "coordinator")).toBe("nothing");
  });

  it("later than 30 s after the last True it is read again first", () => {
    const hook = leading().started();
    expect(asked(hook.acquire("restart", "30"))).toBe("reread");
    expect(asked(hook.answer("reread", '{"coordinator-generation": "1"}'))).toBe("publish");
  });

  it("reading again shows another holder: not held", () => {
    const hook = leading().bag("app/1", "{}").started();
    hook.acquire("restart", "30");
    const settings = '{"coordinator": "{\\"app/1\\": {\\"restart\\": \\"' + at(1) + '\\"}}"}';
    expect(granted(hook.answer("reread", settings))).toBe("[]");
  });

  it("at the end the leader grants to others only: nothing would wake it", () => {
    const hook = leading().field("self_grant", '"committed"').started();
    hook.acquire("restart");
    expect(written(hook.end(), "settings", "coordinator")).toBe("nothing");
  });
});

describe("leader settings: a grant whose request is not yet committed is marked", () => {
  it("in acquire", () => {
    const hook = leading().started();
    const marks = '"marks": ' + grantedNow();
    expect(found(written(hook.acquire("restart"), "publish", "coordinator-v1"), marks)).toBe(marks);
  });

  it("not in start, where the request was committed before", () => {
    const ask = leading().bag("app/0", ids("restart", 1)).start();
    expect(found(written(ask, "publish", "coordinator-v1"), '"marks": {}')).toBe('"marks": {}');
  });

  it("its owner takes it up again, whether it leads or not (F12)", () => {
    const marks = '{"v": 1, "marks": ' + grant("app/0", "restart", 1) + "}";
    const deposed = new Hook("app/0")
      .grants(grant("app/0", "restart", 1))
      .setting("coordinator-v1", marks);
    expect(granted(deposed.start())).toBe('["restart"]');
    const leader = leading()
      .grants(grant("app/0", "restart", 1))
      .setting("coordinator-v1", marks);
    expect(granted(leader.start())).toBe('["restart"]');
    const done = '"done": ' + ids("restart", 1);
    expect(found(written(leader.end(), "databag", "coordinator-v1"), done)).toBe(done);
  });

  it("not if it was done", () => {
    const hook = new Hook("app/0")
      .bag("app/0", "{}", ids("restart", 1))
      .grants(grant("app/0", "restart", 1));
    hook.setting("coordinator-v1", '{"v": 1, "marks": ' + grant("app/0", "restart", 1) + "}");
    expect(granted(hook.start())).toBe("[]");
  });

  it("not if the mark's id is not the grant's: an old leader has granted anew and left the mark", () => {
    const hook = new Hook("app/0").bag("app/0", "{}").grants(grant("app/0", "restart", 2));
    hook.setting("coordinator-v1", '{"v": 1, "marks": ' + grant("app/0", "restart", 1) + "}");
    expect(granted(hook.start())).toBe("[]");
  });

  it("another leader keeps it without a request", () => {
    const hook = leading()
      .bag("app/1", "{}")
      .bag("app/2", ids("restart", 2))
      .grants(grant("app/1", "restart", 1));
    hook
      .setting("coordinator-v1", '{"v": 1, "marks": ' + grant("app/1", "restart", 1) + "}")
      .started();
    expect(part(hook.end(), "ok.effects")).toBe("[]");
  });
});

describe("committed self-grants: the request first, the grant in start of a later hook", () => {
  it("while a member still runs the old library (F16)", () => {
    const hook = leading().old("app/1", "{}").started();
    expect(requested(hook.acquire("restart"))).toBe('["restart"]');
    expect(found(hook.status(), "update-status on this unit")).toBe("update-status on this unit");
  });

  it("the next hook publishes it, unmarked, and holds", () => {
    const hook = leading().old("app/1", "{}").bag("app/0", ids("restart", 1));
    expect(found(written(hook.start(), "publish", "coordinator-v1"), '"marks": {}')).toBe(
      '"marks": {}',
    );
    expect(granted(hook.answer("publish", "true"))).toBe('["restart"]');
  });

  it("unsafe is the old behaviour: held before anything is written", () => {
    const hook = leading().field("self_grant", '"unsafe"').started();
    expect(granted(hook.acquire("restart"))).toBe('["restart"]');
  });
});

/** A leader whose reign goes on, and another unit that waits. */
function inOwnReign(): Hook {
  const hook = leading().onApplicationDatabag().bag("app/1", ids("restart", 1));
  hook.setting("coordinator-r3", documentOf("app/0", "{}"));
  return hook.started();
}

describe("application databag: staged at the end only, while is-leader's True is good", () => {
  it("within its 30 seconds at once: to ask again could only lose what it proves", () => {
    const hook = leading().onApplicationDatabag().bag("app/1", ids("restart", 1)).started();
    const grants = '"grants": ' + grant("app/1", "restart", 1);
    expect(found(written(hook.end("29"), "application", "coordinator-r1"), grants)).toBe(grants);
  });

  it("after them is-leader is asked again, if the reign goes on", () => {
    const hook = inOwnReign();
    expect(asked(hook.end("30"))).toBe("leader");
    const grants = '"grants": ' + grant("app/1", "restart", 1);
    const end = hook.answer("leader", "true");
    expect(found(written(end, "application", "coordinator-r3"), grants)).toBe(grants);
  });

  it("False, or no answer: nothing is staged, and the hook does not fail", () => {
    const hook = inOwnReign();
    hook.end("30");
    expect(part(hook.answer("leader", "false"), "ok.effects")).toBe("[]");
    const other = inOwnReign();
    other.end("30");
    expect(part(other.fail("leader", "failed"), "ok.effects")).toBe("[]");
  });

  it("the leader's own grant counts from the next hook on", () => {
    const hook = leading().onApplicationDatabag().started();
    expect(granted(hook.acquire("restart"))).toBe("[]");
    const grants = '"grants": ' + grantedNow();
    expect(found(written(hook.end(), "application", "coordinator-r1"), grants)).toBe(grants);
    const next = leading().onApplicationDatabag().bag("app/0", ids("restart", 1));
    next.setting("coordinator-r1", documentOf("app/0", grant("app/0", "restart", 1)));
    expect(granted(next.start())).toBe('["restart"]');
  });

  it("nothing has changed: is-leader is not asked", () => {
    const hook = leading().onApplicationDatabag().bag("app/1", "{}").started();
    expect(part(hook.end("30"), "ok.effects")).toBe("[]");
  });
});

describe("application databag: one document a reign (F6)", () => {
  it("a leader that finds another unit's document begins the next reign and deletes the old one", () => {
    const hook = leading().onApplicationDatabag().bag("app/1", ids("restart", 1));
    hook.setting("coordinator-r3", documentOf("app/1", "{}")).started();
    const end = hook.end();
    expect(written(end, "application", "coordinator-r3")).toBe("");
    expect(written(end, "application", "coordinator-r4")).not.toBe("nothing");
  });

  it("its own reign goes on", () => {
    expect(written(inOwnReign().end(), "application", "coordinator-r3")).not.toBe("nothing");
  });

  it("readers take the greatest reign, by number, in whatever order they stand", () => {
    const hook = new Hook("app/1").onApplicationDatabag().bag("app/1", ids("restart", 1));
    hook.setting("coordinator-r9", documentOf("app/0", "{}"));
    hook.setting("coordinator-r10", documentOf("app/0", grant("app/1", "restart", 1)));
    hook.setting("coordinator-r2", documentOf("app/0", "{}"));
    expect(granted(hook.start())).toBe('["restart"]');
  });

  it("no document at all is an empty one, as after an upgrade to Juju 4", () => {
    const hook = leading().onApplicationDatabag().bag("app/1", ids("restart", 1)).started();
    expect(written(hook.end(), "application", "coordinator-r1")).not.toBe("nothing");
  });

  it("one that cannot be read: nothing is granted, dropped or written", () => {
    const hook = leading().onApplicationDatabag().bag("app/1", ids("restart", 1));
    hook.setting("coordinator-r1", "{");
    expect(problems(hook.start())).toBe("bad_settings");
    expect(part(hook.end(), "ok.effects")).toBe("[]");
  });
});

describe("leader settings that cannot be read: nothing is held, granted, dropped or written there", () => {
  it("not JSON", () => {
    const hook = leading()
      .bag("app/0", ids("restart", 0))
      .bag("app/1", ids("restart", 1))
      .grants("{");
    const start = hook.start();
    expect(problems(start)).toBe("bad_settings");
    expect(granted(start)).toBe("[]");
    expect(part(hook.status(), "ok.hold")).not.toBe('""');
    expect(written(hook.end(), "settings", "coordinator")).toBe("nothing");
  });

  it("a higher v: the old format still says who holds", () => {
    const hook = leading().bag("app/0", ids("restart", 1)).bag("app/1", ids("restart", 2));
    hook.grants(grant("app/0", "restart", 1)).setting("coordinator-v1", '{"v": 2}');
    const start = hook.start();
    expect(problems(start)).toBe("unknown_version");
    expect(granted(start)).toBe('["restart"]');
    expect(written(hook.end(), "settings", "coordinator")).toBe("nothing");
  });
});
