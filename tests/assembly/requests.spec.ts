/** Asking for a lock, holding it, giving it back. The place to begin reading. */
import {
  at,
  errorCode,
  found,
  grant,
  granted,
  Hook,
  ids,
  part,
  requested,
  written,
} from "./support";

/** A unit that does not lead and has asked for the lock; the grants are as given. */
function waiting(grants: string): Hook {
  return new Hook("app/1").bag("app/1", ids("restart", 1)).grants(grants);
}

describe("an example: a unit asks, waits, is granted, operates and releases", () => {
  it("asks: the request is written with the end of the hook", () => {
    const hook = new Hook("app/1").started();
    expect(requested(hook.acquire("restart"))).toBe('["restart"]');
    expect(written(hook.end(), "databag", "coordinator")).toBe(
      '{"restart": "2026-11-22 12:00:00.000000Z"}',
    );
  });

  it("waits as long as the grants name another", () => {
    const hook = waiting(grant("app/2", "restart", 1));
    expect(granted(hook.start())).toBe("[]");
    expect(written(hook.end(), "databag", "coordinator")).toBe("nothing");
  });

  it("is granted, operates in this hook, and releases with its end", () => {
    const hook = waiting(grant("app/1", "restart", 1));
    expect(granted(hook.start())).toBe('["restart"]');
    const end = hook.end();
    expect(part(end, "ok.released")).toBe('["restart"]');
    expect(written(end, "databag", "coordinator")).toBe("{}");
  });
});

describe("acquire adds a request if there is none for that lock, and is true only if the lock is held", () => {
  it("again changes nothing", () => {
    const hook = waiting("{}").started();
    expect(requested(hook.acquire("restart"))).toBe('["restart"]');
    expect(written(hook.end(), "databag", "coordinator")).toBe("nothing");
  });

  it("while the lock is held it is true", () => {
    const hook = waiting(grant("app/1", "restart", 1)).started();
    expect(granted(hook.acquire("restart"))).toBe('["restart"]');
  });

  it("a clock that stands still: the next id is a microsecond later", () => {
    const hook = new Hook("app/1").started();
    hook.acquire("restart");
    hook.withdraw("restart");
    hook.acquire("restart");
    expect(found(written(hook.end(), "databag", "coordinator"), "12:00:00.000001Z")).toBe(
      "12:00:00.000001Z",
    );
  });

  it("a clock that went back: the next id is greater than what was done", () => {
    const done = '{"restart": "2026-11-22 13:00:00.000000Z"}';
    const hook = new Hook("app/1").bag("app/1", "{}", done).started();
    hook.acquire("restart");
    expect(found(written(hook.end(), "databag", "coordinator"), "13:00:00.000001Z")).toBe(
      "13:00:00.000001Z",
    );
  });

  it("the next id is greater than a grant that it reads for itself", () => {
    const later = '{"app/1": {"restart": "2026-11-22 13:00:00.000000Z"}}';
    const hook = new Hook("app/1").bag("app/1", "{}").grants(later).started();
    hook.acquire("restart");
    expect(found(written(hook.end(), "databag", "coordinator"), "13:00:00.000001Z")).toBe(
      "13:00:00.000001Z",
    );
  });

  it("a lock's name has 1 to 256 bytes", () => {
    const hook = new Hook("app/1").started();
    expect(errorCode(hook.acquire(""))).toBe("bad_lock");
    expect(errorCode(hook.acquire("x".repeat(257)))).toBe("bad_lock");
    expect(errorCode(hook.acquire("x".repeat(256)))).toBe("");
  });
});

describe("a unit holds a lock only when its own request's id equals the id in the grants", () => {
  it("not with a grant that is older than its request", () => {
    const hook = new Hook("app/1")
      .bag("app/1", ids("restart", 2))
      .grants(grant("app/1", "restart", 1));
    expect(granted(hook.start())).toBe("[]");
  });

  it("not with a grant that is newer", () => {
    const hook = new Hook("app/1")
      .bag("app/1", ids("restart", 1))
      .grants(grant("app/1", "restart", 2));
    expect(granted(hook.start())).toBe("[]");
  });

  it("not with a grant of another lock", () => {
    expect(granted(waiting(grant("app/1", "other", 1)).start())).toBe("[]");
  });

  it("not without a request", () => {
    const hook = new Hook("app/1").bag("app/1", "{}").grants(grant("app/1", "restart", 1));
    expect(granted(hook.start())).toBe("[]");
  });
});

describe("only a hook releases, at its end: request gone and done written in one relation-set", () => {
  it("writes done beside what other locks have done", () => {
    const hook = new Hook("app/1")
      .bag("app/1", ids("restart", 2), ids("other", 1))
      .grants(grant("app/1", "restart", 2))
      .started();
    expect(written(hook.end(), "databag", "coordinator-v1")).toBe(
      '{"done": {"other": "' + at(1) + '", "restart": "' + at(2) + '"}, "v": 1}',
    );
  });

  it("in an action it shows, and releases nothing", () => {
    const hook = waiting(grant("app/1", "restart", 1)).in("action");
    expect(granted(hook.start())).toBe('["restart"]');
    expect(part(hook.end(), "ok.effects")).toBe("[]");
  });

  it("in juju-exec it neither asks nor withdraws", () => {
    const hook = waiting(grant("app/1", "restart", 1))
      .in("exec")
      .started();
    expect(errorCode(hook.acquire("other"))).toBe("not_in_hook");
    expect(errorCode(hook.withdraw("restart"))).toBe("not_in_hook");
  });

  it("unless the caller asks for that by name", () => {
    const hook = waiting(grant("app/1", "restart", 1))
      .in("action")
      .field("allow", '["release"]');
    hook.start();
    expect(part(hook.end(), "ok.released")).toBe('["restart"]');
  });

  it("allowing one thing does not allow another", () => {
    const hook = waiting("{}").in("action").field("allow", '["release"]').started();
    expect(errorCode(hook.withdraw("restart"))).toBe("not_in_hook");
  });
});

describe("withdraw takes a request back and writes done, so that a grant on its way is dropped", () => {
  it("of a request that waits", () => {
    const hook = waiting("{}").started();
    expect(requested(hook.withdraw("restart"))).toBe("[]");
    const end = hook.end();
    expect(written(end, "databag", "coordinator")).toBe("{}");
    expect(found(written(end, "databag", "coordinator-v1"), at(1))).toBe(at(1));
  });

  it("of a lock that is held: it is no longer", () => {
    const hook = waiting(grant("app/1", "restart", 1)).started();
    expect(granted(hook.withdraw("restart"))).toBe("[]");
  });
});

describe("nothing is written that has not changed", () => {
  it("a bystander writes nothing", () => {
    const hook = new Hook("app/1")
      .bag("app/1", "{}")
      .grants(grant("app/2", "restart", 1))
      .started();
    expect(part(hook.end(), "ok.effects")).toBe("[]");
  });

  it("a unit that has asked already writes nothing", () => {
    const hook = waiting("{}").flags('["coordinator.requested.restart"]').started();
    expect(part(hook.end(), "ok.effects")).toBe("[]");
  });

  it("a leader whose grants stay as they are writes nothing", () => {
    const hook = new Hook("app/0")
      .leads()
      .bag("app/1", ids("restart", 1))
      .bag("app/2", ids("restart", 2));
    hook.grants(grant("app/1", "restart", 1)).started();
    expect(part(hook.end(), "ok.effects")).toBe("[]");
  });
});

describe("flags: requested while waiting, granted in the hook in which the lock is held, never both", () => {
  it("requested", () => {
    const start = waiting("{}").start();
    expect(part(start, "ok.flags.set")).toBe('["coordinator.requested.restart"]');
  });

  it("granted, and requested is cleared", () => {
    const hook = waiting(grant("app/1", "restart", 1)).flags('["coordinator.requested.restart"]');
    const start = hook.start();
    expect(part(start, "ok.flags.set")).toBe('["coordinator.granted.restart"]');
    expect(part(start, "ok.flags.clear")).toBe('["coordinator.requested.restart"]');
  });

  it("cleared with the end", () => {
    const hook = waiting(grant("app/1", "restart", 1)).started();
    expect(
      found(hook.end(), '"do": "flags", "set": [], "clear": ["coordinator.granted.restart"]'),
    ).toBe('"do": "flags", "set": [], "clear": ["coordinator.granted.restart"]');
  });

  it("what is left over is cleared, what is not ours stays", () => {
    const hook = new Hook("app/1").flags(
      '["coordinator.granted.restart", "mine", "coordinator.other"]',
    );
    expect(part(hook.start(), "ok.flags.clear")).toBe('["coordinator.granted.restart"]');
  });
});
