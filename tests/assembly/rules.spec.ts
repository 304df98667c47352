/** The rules that look at more than who holds: at the time, at what came with requests, at releases, and at how units are. */
import {
  asked,
  at,
  bagOf,
  errorCode,
  found,
  grant,
  Hook,
  ids,
  NOW,
  part,
  problems,
  queued,
  quoted,
  reason,
  unquoted,
  written,
} from "./support";

/** app/0 leads; app/1 to app/3 wait for restart, in this order. It is Sunday, 22 November 2026, noon. */
function three(policy: string): Hook {
  const hook = new Hook("app/0").leads().policy(policy);
  for (let i = 1; i <= 3; i++) hook.bag("app/" + i.toString(), ids("restart", i));
  return hook;
}

/** Who is granted what, as `app/1 restart, app/2 restart`. */
function granted(answer: string): string {
  return part(answer, "ok.grants")
    .replaceAll('{"unit": "', "")
    .replaceAll('", "lock": "', " ")
    .replaceAll('"}', "")
    .replaceAll("[", "")
    .replaceAll("]", "");
}

const ALL: string = "app/1 restart, app/2 restart, app/3 restart";

function check(policy: string): string {
  return new Hook("app/0").say('{"op": "check", "policy": ' + policy + "}");
}

/** Where `check` finds a policy wrong. */
function fault(policy: string): string {
  return unquoted(part(check(policy), "error.path"));
}

/** A document of the leader that knows of releases. */
function releases(json: string): string {
  return '{"generation": 1, "released": ' + json + ', "v": 1}';
}

/** `{"restart": {"app/1": "2026-11-22 11:59:00.000000Z"}}`. */
function released(unit: string, time: string): string {
  return '{"restart": {' + quoted(unit) + ": " + quoted(time) + "}}";
}

function until(hook: Hook, unit: string): string {
  return unquoted(part(queued(hook.status(), unit), "until"));
}

describe("window: only from one time of day to another", () => {
  it("open", () => {
    const policy = '{"rule": "window", "from": "11:00", "to": "13:00"}';
    expect(granted(three(policy).started().end())).toBe(ALL);
  });

  it("it opens at the first instant of its first minute, and is closed at that of its last", () => {
    const opening = '{"rule": "window", "from": "12:00", "to": "13:00"}';
    expect(granted(three(opening).started().end())).toBe(ALL);
    const closing = '{"rule": "window", "from": "11:00", "to": "12:00"}';
    expect(granted(three(closing).started().end())).toBe("");
  });

  it("closed: says when it opens, as a person reads it and as a time", () => {
    const hook = three('{"rule": "window", "from": "12:01", "to": "13:00"}').started();
    expect(reason(hook, "app/1")).toBe("window: window opens Sun 12:01 +00:00");
    expect(until(hook, "app/1")).toBe("2026-11-22 12:01:00.000000Z");
  });

  it("over midnight it is that of the day on which it opens", () => {
    const saturday = '{"rule": "window", "days": ["sat"], "from": "13:00", "to": "12:01"}';
    expect(granted(three(saturday).started().end())).toBe(ALL);
    const sunday = '{"rule": "window", "days": ["sun"], "from": "13:00", "to": "12:01"}';
    expect(granted(three(sunday).started().end())).toBe("");
  });

  it("from a time to the same time it is open for a day", () => {
    const policy = '{"rule": "window", "days": ["sat"], "from": "12:01", "to": "12:01"}';
    expect(granted(three(policy).started().end())).toBe(ALL);
  });

  it("an offset is that of its times and days", () => {
    const policy = '{"rule": "window", "days": ["mon"], "from": "00:30", "to": "04:00", "offset": ';
    const east = three(policy + '"+12:45"}').started();
    expect(granted(east.end())).toBe(ALL);
    const west = three(policy + '"-02:00"}').started();
    expect(reason(west, "app/1")).toBe("window: window opens Mon 00:30 -02:00");
    expect(until(west, "app/1")).toBe("2026-11-23 02:30:00.000000Z");
  });

  it("a window that has closed opens on the same day of the next week", () => {
    const policy = '{"rule": "window", "days": ["sun"], "from": "10:00", "to": "11:00"}';
    const hook = three(policy).started();
    expect(until(hook, "app/1")).toBe("2026-11-29 10:00:00.000000Z");
  });

  it("who holds when it closes keeps what it has", () => {
    const hook = three('{"rule": "window", "from": "01:00", "to": "02:00"}');
    hook.grants(grant("app/1", "restart", 1)).started();
    expect(part(hook.end(), "ok.effects")).toBe("[]");
  });
});

/** app/1 has given its lock back, and app/2 waits for it. */
function given(): Hook {
  const hook = new Hook("app/0").leads().policy('"cooldown:300"');
  hook.bag("app/1", "{}", ids("restart", 1)).bag("app/2", ids("restart", 2));
  return hook.grants(grant("app/1", "restart", 1));
}

describe("cooldown: so many seconds after the last release", () => {
  it("a release is written down with its time when the grant is dropped, and nothing is granted then", () => {
    const end = given().field("remote_unit", '"app/1"').started().end();
    expect(granted(end)).toBe("");
    const extra = written(end, "settings", "coordinator-v1");
    const member = '"released": ' + released("app/1", NOW);
    expect(found(extra, member)).toBe(member);
  });

  it("so it is in any hook, where the document shows that somebody looks at releases", () => {
    const end = given().setting("coordinator-v1", releases("{}")).started().end();
    expect(granted(end)).toBe("");
    const member = '"released": ' + released("app/1", NOW);
    expect(found(written(end, "settings", "coordinator-v1"), member)).toBe(member);
  });

  it("else the grant may have been over for long, and what counts is when it was asked for", () => {
    const end = given().started().end();
    expect(granted(end)).toBe("app/2 restart");
    const member = '"released": ' + released("app/1", at(1));
    expect(found(written(end, "settings", "coordinator-v1"), member)).toBe(member);
  });

  it("its document says that it looks at them, even if there are none yet", () => {
    const extra = written(three('"cooldown:300"').started().end(), "settings", "coordinator-v1");
    expect(found(extra, '"released": {}')).toBe('"released": {}');
  });

  it("refuses until they have passed, and permits at that very moment", () => {
    const early = three('"cooldown:300"');
    const time = "2026-11-22 11:55:00.000001Z";
    early.setting("coordinator-v1", releases(released("app/9", time))).started();
    expect(reason(early, "app/1")).toBe(
      "cooldown: restart was released at " + time + "; 300 seconds must pass",
    );
    expect(until(early, "app/1")).toBe("2026-11-22 12:00:00.000001Z");
    expect(granted(early.end())).toBe("");
    const late = three('"cooldown:300"');
    late.setting("coordinator-v1", releases(released("app/9", "2026-11-22 11:55:00.000000Z")));
    expect(granted(late.started().end())).toBe(ALL);
  });

  it("of several releases the latest counts, and each lock for itself", () => {
    const hook = three('"cooldown:300"').bag("app/4", ids("other", 4));
    const two =
      '{"restart": {"app/8": "2026-11-22 09:00:00.000000Z", "app/9": "2026-11-22 11:59:00.000000Z"}}';
    hook.setting("coordinator-v1", releases(two)).started();
    expect(granted(hook.end())).toBe("app/4 other");
  });

  it("status names the time that all wait for", () => {
    const hook = three('"cooldown:60"');
    hook.setting("coordinator-v1", releases(released("app/9", "2026-11-22 11:59:30.000000Z")));
    expect(unquoted(part(hook.started().status(), "ok.awaits"))).toBe(
      "update-status on this unit, at 2026-11-22 12:00:30.000000Z or later",
    );
  });

  it("a release that is later than now counts as now, is written so, and said", () => {
    const hook = three('"cooldown:300"');
    hook.setting("coordinator-v1", releases(released("app/9", "2027-01-01 00:00:00.000000Z")));
    hook.started();
    expect(until(hook, "app/1")).toBe("2026-11-22 12:05:00.000000Z");
    const end = hook.end();
    const member = '"released": ' + released("app/9", NOW);
    expect(found(written(end, "settings", "coordinator-v1"), member)).toBe(member);
    expect(found(end, "later than now")).toBe("later than now");
  });

  it("without a rule that looks at them no releases are kept", () => {
    const hook = three('"serial"');
    hook.setting("coordinator-v1", releases(released("app/9", NOW))).started();
    expect(written(hook.end(), "settings", "coordinator-v1").includes("released")).toBe(false);
  });

  it("who died, or asked anew, has not released", () => {
    const hook = new Hook("app/0").leads().policy('"cooldown:300"');
    hook.bag("app/1", ids("restart", 5)).bag("app/2", ids("restart", 2));
    hook.grants(grant("app/1", "restart", 1)).started();
    expect(granted(hook.end())).toBe("app/2 restart, app/1 restart");
  });

  it("nonsense among the releases is passed over", () => {
    const hook = three('"cooldown:300"');
    hook.setting(
      "coordinator-v1",
      releases('{"restart": {"app/9": 1, "app/8": "now"}, "other": [["app/7"]]}'),
    );
    const start = hook.start();
    expect(problems(start)).toBe("");
    expect(granted(hook.end())).toBe(ALL);
  });
});

/** A databag of a unit that is in a zone. */
function inZone(minute: i32, zone: string): string {
  return bagOf(ids("restart", minute), "{}", '{"restart": {"zone": ' + zone + "}}");
}

describe("zones: units of one zone at a time", () => {
  it("those of the first one's zone", () => {
    const hook = new Hook("app/0").leads().policy('"zones"');
    hook.raw("app/1", inZone(1, '"a"')).raw("app/2", inZone(2, '"b"'));
    hook.raw("app/3", inZone(3, '"a"')).started();
    expect(granted(hook.end())).toBe("app/1 restart, app/3 restart");
  });

  it("says which zone is in the way, and shows the data", () => {
    const hook = new Hook("app/0").leads().policy('"zones"');
    hook.raw("app/1", inZone(1, '"a"')).raw("app/2", inZone(2, '"b"'));
    hook.grants(grant("app/1", "restart", 1)).started();
    expect(reason(hook, "app/2")).toBe("zones: app/1 holds restart in zone a; this unit is in b");
    expect(part(queued(hook.status(), "app/2"), "data")).toBe('{"zone": "b"}');
  });

  it("who names no zone is a zone of its own", () => {
    const hook = new Hook("app/0").leads().policy('"zones"');
    hook.bag("app/1", ids("restart", 1)).bag("app/2", ids("restart", 2));
    hook.raw("app/3", inZone(3, "5")).started();
    expect(granted(hook.end())).toBe("app/1 restart");
  });

  it("a holder whose zone cannot be seen lets nobody in", () => {
    const hook = new Hook("app/0").leads().policy('"zones"');
    hook.raw("app/1", inZone(1, '"a"')).raw("app/2", "{}");
    hook.grants(grant("app/2", "restart", 2)).started();
    expect(granted(hook.end())).toBe("");
    const old = new Hook("app/0").leads().policy('"zones"');
    old.raw("app/1", inZone(1, '"a"')).raw("app/2", inZone(1, '"a"'));
    old.grants(grant("app/2", "restart", 2)).started();
    expect(reason(old, "app/1")).toBe(
      "zones: app/2 holds restart in zone unknown; this unit is in a",
    );
  });

  it("where holders are of several zones nobody comes in, and the one in the way is named", () => {
    const hook = new Hook("app/0").leads().policy('"zones"');
    hook.raw("app/1", inZone(1, '"a"')).raw("app/2", inZone(2, '"b"'));
    hook.raw("app/3", inZone(3, '"a"'));
    hook.grants('{"app/1": ' + ids("restart", 1) + ', "app/2": ' + ids("restart", 2) + "}");
    expect(reason(hook.started(), "app/3")).toBe(
      "zones: app/2 holds restart in zone b; this unit is in a",
    );
  });

  it("under a key of its own", () => {
    const hook = new Hook("app/0").leads().policy('"zones:rack"');
    const rack = '{"restart": {"rack": "r1", "zone": "a"}}';
    hook.raw("app/1", bagOf(ids("restart", 1), "{}", rack));
    hook.raw("app/2", bagOf(ids("restart", 2), "{}", rack.replaceAll('"a"', '"b"')));
    expect(granted(hook.started().end())).toBe("app/1 restart, app/2 restart");
  });
});

/** A databag of a unit that asks with a priority. */
function urgent(minute: i32, priority: string): string {
  return bagOf(ids("restart", minute), "{}", '{"restart": {"priority": ' + priority + "}}");
}

/** In which order the units stand in the queue. */
function queue(hook: Hook): string {
  const entries = part(hook.status(), "ok.queue").split('"unit": "');
  let units = "";
  for (let i = 1; i < entries.length; i++)
    units += (i > 1 ? " " : "") + entries[i].substring(0, entries[i].indexOf('"'));
  return units;
}

describe("order: who comes first, and nothing is refused", () => {
  it("those named, in the order given, then as they came", () => {
    const hook = three('["serial", {"rule": "order", "first": ["app/3", "app/2", "app/9"]}]');
    hook.started();
    expect(queue(hook)).toBe("app/3 app/2 app/1");
    expect(granted(hook.end())).toBe("app/3 restart");
  });

  it("by priority, the greater first, none is 0", () => {
    const hook = new Hook("app/0").leads().policy('{"rule": "order", "priority": "priority"}');
    hook.raw("app/1", urgent(1, "-1")).raw("app/2", urgent(2, '"9"'));
    hook.raw("app/3", urgent(3, "25e-1")).raw("app/4", urgent(4, "2.25"));
    hook.raw("app/5", urgent(5, "1e3")).raw("app/6", urgent(6, "-0"));
    hook.raw("app/7", urgent(7, "-1e-999999999")).raw("app/8", urgent(8, "1E+999999999"));
    expect(queue(hook.started())).toBe("app/8 app/5 app/3 app/4 app/2 app/6 app/7 app/1");
  });

  it("the leader first or last, before any priority", () => {
    const databag = urgent(5, "1");
    const last = '[{"rule": "order", "leader": "last", "priority": "priority"}, "pause"]';
    const hook = new Hook("app/0").leads().policy(last).raw("app/0", databag);
    hook.bag("app/1", ids("restart", 1)).bag("app/2", ids("restart", 6)).started();
    expect(queue(hook)).toBe("app/1 app/2 app/0");
    const first = last
      .replaceAll('"last"', '"first"')
      .replaceAll('"priority": "priority"', '"first": ["app/2"]');
    const other = new Hook("app/0").leads().policy(first).raw("app/0", databag);
    other.bag("app/1", ids("restart", 1)).bag("app/2", ids("restart", 6)).started();
    expect(queue(other)).toBe("app/2 app/0 app/1");
  });

  it("the order of arrival is written as it was", () => {
    const hook = three('["serial", {"rule": "order", "first": ["app/3"]}]').started();
    const extra = written(hook.end(), "settings", "coordinator-v1");
    const first = '"order": [["app/1", "restart", ' + quoted(at(1)) + '], ["app/2"';
    expect(found(extra, first)).toBe(first);
  });

  it("a request for another lock is one like any other", () => {
    const hook = new Hook("app/0").leads();
    hook.policy('[{"rule": "order", "first": ["app/4", "app/3"], "locks": ["restart"]}, "pause"]');
    hook.bag("app/1", ids("restart", 1)).bag("app/2", ids("other", 2));
    hook.bag("app/3", ids("other", 3)).bag("app/4", ids("restart", 4)).started();
    expect(queue(hook)).toBe("app/4 app/1 app/2 app/3");
  });

  it("of two orders the first counts most", () => {
    const hook = three(
      '[{"rule": "order", "first": ["app/2"]}, {"rule": "order", "first": ["app/3", "app/2"]}]',
    );
    expect(queue(hook.started())).toBe("app/2 app/3 app/1");
  });

  it("an external policy is given the queue in this order", () => {
    const hook = three(
      '{"rules": [{"rule": "order", "first": ["app/3"]}], "external": {"name": "x"}}',
    );
    const input = part(hook.started().end(), "ask.input.queue");
    expect(found(input, '[{"unit": "app/3"')).toBe('[{"unit": "app/3"');
  });
});

describe("canary: these first, then the rest once they have been done for a while", () => {
  const policy = '{"rule": "canary", "units": ["app/3"], "seconds": 600, "within": 3600}';

  it("those named pass, the others wait for them", () => {
    const hook = three(policy).started();
    expect(reason(hook, "app/1")).toBe("canary: app/3 goes first, and is not done with restart");
    expect(granted(hook.end())).toBe("app/3 restart");
  });

  it("one that holds is not done", () => {
    const hook = three(policy)
      .grants(grant("app/3", "restart", 3))
      .started();
    expect(granted(hook.end())).toBe("");
  });

  it("one that has never released is waited for, though it does not ask", () => {
    const hook = new Hook("app/0").leads().policy(policy).bag("app/3", "{}");
    hook.bag("app/1", ids("restart", 1)).started();
    expect(reason(hook, "app/1")).toBe(
      "canary: app/3 goes first, and has not released restart since 3600 seconds before this request",
    );
    expect(part(queued(hook.status(), "app/1"), "until")).toBe("");
    expect(granted(hook.end())).toBe("");
  });

  it("one that released for an earlier rollout is waited for", () => {
    const hook = new Hook("app/0").leads().policy(policy).bag("app/3", "{}");
    hook.setting("coordinator-v1", releases(released("app/3", "2026-11-22 08:00:59.999999Z")));
    hook.bag("app/1", ids("restart", 1)).started();
    expect(granted(hook.end())).toBe("");
    const other = new Hook("app/0").leads().policy(policy).bag("app/3", "{}");
    other.setting("coordinator-v1", releases(released("app/3", "2026-11-22 08:01:00.000000Z")));
    other.bag("app/1", ids("restart", 1)).started();
    expect(granted(other.end())).toBe("app/1 restart");
  });

  it("one whose grant of an earlier rollout still stands there has not released just now", () => {
    const hook = new Hook("app/0").leads().policy('{"rule": "canary", "units": ["app/3"]}');
    const id = '{"restart": "2026-11-22 08:00:59.999999Z"}';
    hook.bag("app/3", "{}", id).grants('{"app/3": ' + id + "}");
    hook.bag("app/1", ids("restart", 1)).started();
    expect(granted(hook.end())).toBe("");
  });

  it("some time must pass", () => {
    const hook = new Hook("app/0").leads().policy(policy).bag("app/3", "{}");
    hook.setting("coordinator-v1", releases(released("app/3", "2026-11-22 11:55:00.000000Z")));
    hook.bag("app/1", ids("restart", 1)).started();
    expect(until(hook, "app/1")).toBe("2026-11-22 12:05:00.000000Z");
    expect(reason(hook, "app/1")).toBe(
      "canary: restart was released at 2026-11-22 11:55:00.000000Z; 600 seconds must pass",
    );
    expect(granted(hook.end())).toBe("");
  });

  it("where nothing is recorded of one, the id that it has done counts", () => {
    const hook = new Hook("app/0").leads().policy(policy).bag("app/3", "{}", ids("restart", 0));
    hook.bag("app/1", ids("restart", 1)).started();
    expect(granted(hook.end())).toBe("app/1 restart");
  });

  it("an id in the future counts as now, and is written so: nobody waits for that time", () => {
    const done = '{"restart": "2099-01-01 00:00:00.000000Z"}';
    const hook = new Hook("app/0").leads().policy(policy).bag("app/3", "{}", done);
    hook.bag("app/1", ids("restart", 1)).started();
    expect(until(hook, "app/1")).toBe("2026-11-22 12:10:00.000000Z");
    const member = '"released": ' + released("app/3", NOW);
    expect(found(written(hook.end(), "settings", "coordinator-v1"), member)).toBe(member);
  });

  it("one whose data cannot be read is waited for", () => {
    const hook = new Hook("app/0").leads().policy(policy).raw("app/3", '{"coordinator-v1": "{"}');
    hook.bag("app/1", ids("restart", 1)).started();
    expect(granted(hook.end())).toBe("");
  });

  it("those who are no members are passed over", () => {
    const hook = three('{"rule": "canary", "units": ["app/9"]}');
    expect(granted(hook.started().end())).toBe(ALL);
  });

  it("the leader itself is waited for, though its own request is not decided at the end of its hook", () => {
    const policy = '["zones", {"rule": "canary", "units": ["app/0"]}]';
    const hook = new Hook("app/0").leads().policy(policy);
    const inZoneA = '{"restart": {"zone": "a"}}';
    hook.raw("app/0", bagOf(ids("restart", 3), ids("restart", 0), inZoneA));
    hook.raw("app/1", inZone(1, '"b"')).raw("app/2", inZone(2, '"b"'));
    hook.grants(grant("app/2", "restart", 2)).started();
    expect(reason(hook, "app/1")).toBe("canary: app/0 goes first, and is not done with restart");
    const end = hook.end();
    expect(granted(end)).toBe("");
    expect(problems(end)).toBe("");
  });

  it("the others' releases are kept besides the latest", () => {
    const hook = new Hook("app/0").leads().policy(policy);
    hook.bag("app/1", "{}", ids("restart", 1)).grants(grant("app/1", "restart", 1));
    const before =
      '{"restart": {"app/2": "2026-11-22 11:00:00.000000Z", "app/3": "2026-11-22 10:00:00.000000Z"}}';
    hook.bag("app/3", "{}").setting("coordinator-v1", releases(before)).started();
    const member =
      '"released": {"restart": {"app/1": ' +
      quoted(NOW) +
      ', "app/3": "2026-11-22 10:00:00.000000Z"}}';
    expect(found(written(hook.end(), "settings", "coordinator-v1"), member)).toBe(member);
  });
});

/** All that goal-state knows. */
function states(app1: string, app2: string): string {
  return (
    '{"app/0": "active", "app/1": ' +
    quoted(app1) +
    ', "app/2": ' +
    quoted(app2) +
    ', "app/3": "active"}'
  );
}

describe("halt: nothing new once so many units have failed", () => {
  it("asks goal-state, and goes on below that number", () => {
    const hook = three('"halt:2"').started();
    expect(asked(hook.end())).toBe("planned");
    expect(granted(hook.answer("planned", states("error", "active")))).toBe(ALL);
  });

  it("stops at it, and says who", () => {
    const hook = three('"halt:2"').started();
    hook.end();
    expect(granted(hook.answer("planned", states("error", "error")))).toBe("");
    const other = three('"halt:1"').field("self_grant", '"unsafe"').started();
    other.acquire("restart");
    other.answer("planned", states("active", "error"));
    expect(reason(other, "app/1")).toBe("halt: 1 failed, app/2 (error) among them");
  });

  it("other statuses can be named", () => {
    const hook = three('{"rule": "halt", "failed": 1, "status": ["blocked", "error"]}').started();
    hook.end();
    expect(granted(hook.answer("planned", states("blocked", "active")))).toBe("");
    const other = three('{"rule": "halt", "failed": 1, "status": ["blocked"]}').started();
    other.end();
    expect(granted(other.answer("planned", states("error", "active")))).toBe(ALL);
  });

  it("what goal-state says is not to be had: nothing new, and the reason says so", () => {
    const hook = three('"halt:2"').started();
    hook.end();
    const end = hook.fail("planned", "failed");
    expect(granted(end)).toBe("");
    expect(problems(end)).toBe("ask_failed");
    const other = three('"halt:2"').started();
    expect(reason(other, "app/1")).toBe("halt: what goal-state says is not known");
  });

  it("a list without this very unit is none", () => {
    const hook = three('"halt:2"').started();
    hook.end();
    expect(granted(hook.answer("planned", '{"app/1": "active"}'))).toBe("");
  });

  it("a subordinate's goal-state shows too few: it is not asked, and nothing is granted", () => {
    const hook = three('"halt:2"').field("subordinate", "true").started();
    expect(granted(hook.end())).toBe("");
  });
});

describe("an external policy is told what it needs", () => {
  it("options, statuses and releases", () => {
    const needs = '{"options": ["go", "not-set"], "units": true, "released": ["app/2"]}';
    const hook = three('{"external": {"name": "x", "needs": ' + needs + "}}");
    hook.setting("coordinator-v1", releases(released("app/9", "2026-11-22 11:00:00.000000Z")));
    hook.started();
    expect(asked(hook.end())).toBe("planned");
    const config = hook.answer("planned", states("active", "blocked"));
    expect(part(config, "ask.options")).toBe('["go", "not-set"]');
    const input = hook.answer("config", '{"go": true, "not-set": null, "other": 1}');
    expect(part(input, "ask.input.options")).toBe('{"go": true}');
    expect(part(input, "ask.input.status")).toBe(states("active", "blocked"));
    expect(part(input, "ask.input.released")).toBe(
      released("app/9", "2026-11-22 11:00:00.000000Z"),
    );
  });

  it("what it does not need it is not told, nor is it asked for", () => {
    const hook = three('{"external": {"name": "x"}}').started();
    const input = part(hook.end(), "ask.input");
    expect(part(input, "options") + part(input, "status") + part(input, "released")).toBe("");
  });

  it("what came with the requests of holders, too", () => {
    const hook = new Hook("app/0").leads().policy('{"external": {"name": "x"}}');
    hook.raw("app/1", inZone(1, '"a"')).bag("app/2", ids("restart", 2));
    hook.grants(grant("app/1", "restart", 1)).started();
    expect(part(hook.end(), "ask.input.holders")).toBe(
      '[{"unit": "app/1", "lock": "restart", "id": ' + quoted(at(1)) + ', "data": {"zone": "a"}}]',
    );
  });

  it("what it needs is not to be had: it is not asked, and nothing is granted", () => {
    const hook = three('{"external": {"name": "x", "needs": {"options": ["go"]}}}').started();
    hook.end();
    const end = hook.fail("config", "failed");
    expect(granted(end)).toBe("");
    expect(problems(end)).toBe("ask_failed");
  });

  it("says when to ask again, of what it makes wait", () => {
    const hook = three('{"external": {"name": "x"}}').field("self_grant", '"unsafe"').started();
    hook.acquire("restart");
    hook.answer("policy", '{"grant": [], "wait": [], "retry_after": 60.5}');
    expect(until(hook, "app/1")).toBe("2026-11-22 12:01:00.000000Z");
  });

  it("a retry that is no number of seconds is none", () => {
    const hook = three('{"external": {"name": "x"}}').field("self_grant", '"unsafe"').started();
    hook.acquire("restart");
    hook.answer("policy", '{"grant": [], "retry_after": "soon"}');
    expect(until(hook, "app/1")).toBe("");
  });
});

describe("check says what is wrong with them, and where", () => {
  it("window", () => {
    expect(errorCode(check('"window"'))).toBe("bad_policy");
    expect(fault('"window"')).toBe("policy.from");
    expect(fault('{"rule": "window", "from": "1:00", "to": "02:00"}')).toBe("policy.from");
    expect(fault('{"rule": "window", "from": "01:00", "to": "24:00"}')).toBe("policy.to");
    expect(fault('{"rule": "window", "from": "01:00", "to": "02:00", "offset": "02:00"}')).toBe(
      "policy.offset",
    );
    expect(fault('{"rule": "window", "from": "01:00", "to": "02:00", "days": ["Sunday"]}')).toBe(
      "policy.days",
    );
    expect(fault('{"rule": "window", "from": "01:00", "to": "02:00", "days": []}')).toBe(
      "policy.days",
    );
  });

  it("cooldown, zones, halt", () => {
    expect(fault('"cooldown"')).toBe("policy.seconds");
    expect(fault('"cooldown:0"')).toBe("policy.seconds");
    expect(fault('{"rule": "cooldown", "seconds": 1000000000}')).toBe("policy.seconds");
    expect(fault('{"rule": "zones", "key": []}')).toBe("policy.key");
    expect(fault('"halt"')).toBe("policy.failed");
    expect(fault('{"rule": "halt", "failed": 1, "status": "error"}')).toBe("policy.status");
  });

  it("order, canary", () => {
    expect(fault('"order"')).toBe("policy");
    expect(fault('"order:first"')).toBe("policy");
    expect(fault('{"rule": "order", "leader": "middle"}')).toBe("policy.leader");
    expect(fault('{"rule": "order", "first": "app/1"}')).toBe("policy.first");
    expect(fault('{"rule": "order", "priority": ""}')).toBe("policy.priority");
    expect(fault('{"rule": "canary"}')).toBe("policy.units");
    expect(fault('{"rule": "canary", "units": ["app/0"], "within": 1.5}')).toBe("policy.within");
    expect(fault('{"rule": "canary", "units": ["app/0"], "seconds": -1}')).toBe("policy.seconds");
  });

  it("needs", () => {
    const needs = (value: string): string => '{"external": {"name": "x", "needs": ' + value + "}}";
    expect(fault(needs("[]"))).toBe("policy.external.needs");
    expect(fault(needs('{"units": 1}'))).toBe("policy.external.needs.units");
    expect(fault(needs('{"options": [1]}'))).toBe("policy.external.needs.options");
    expect(fault(needs('{"other": 1}'))).toBe("policy.external.needs.other");
    expect(part(check(needs('{"released": []}')), "ok.policy")).toBe('"x"');
  });
});
