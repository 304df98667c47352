/** The rules that a policy is made of, the external policy, and what the core checks whatever they say. */
import {
  asked,
  at,
  errorCode,
  found,
  grant,
  Hook,
  ids,
  part,
  problems,
  reason,
  written,
} from "./support";

/** app/0 leads; app/1 to app/4 wait for the lock, in this order. */
function five(policy: string): Hook {
  const hook = new Hook("app/0").leads().policy(policy);
  for (let i = 1; i <= 4; i++) hook.bag("app/" + i.toString(), ids("restart", i));
  return hook;
}

/** How many grants an answer makes. */
function count(answer: string): i32 {
  return part(answer, "ok.grants").split('"unit"').length - 1;
}

function grantedBy(policy: string): i32 {
  return count(five(policy).started().end());
}

function check(policy: string): string {
  return new Hook("app/0").say('{"op": "check", "policy": ' + policy + "}");
}

/** How many grants pass the gate when the option has this value. */
function through(value: string): i32 {
  const hook = five('"gate:go"').started();
  if (asked(hook.end()) !== "config") return -1;
  return count(hook.answer("config", '{"go": ' + value + "}"));
}

describe("simple: one unit at a time, whatever the lock; that unit, all its locks", () => {
  it("is the default", () => {
    expect(part(new Hook("app/0").say('{"op": "check"}'), "ok.policy")).toBe('"simple"');
  });

  it("one unit", () => {
    expect(grantedBy('"simple"')).toBe(1);
  });

  it("all the locks of that unit", () => {
    const both = '{"a": "' + at(1) + '", "b": "' + at(1) + '"}';
    const hook = new Hook("app/0").leads().bag("app/1", both).bag("app/2", both).started();
    expect(part(hook.end(), "ok.grants")).toBe(
      '[{"unit": "app/1", "lock": "a"}, {"unit": "app/1", "lock": "b"}]',
    );
  });

  it("says who is in the way", () => {
    const hook = five('"simple"').grants(grant("app/1", "restart", 1));
    expect(reason(hook.started(), "app/2")).toBe("simple: app/1 holds restart");
  });
});

describe("serial: one holder per lock", () => {
  it("one of each lock", () => {
    const hook = new Hook("app/0").leads().policy('"serial"');
    hook.bag("app/1", ids("a", 1)).bag("app/2", ids("a", 2)).bag("app/3", ids("b", 3)).started();
    expect(part(hook.end(), "ok.grants")).toBe(
      '[{"unit": "app/1", "lock": "a"}, {"unit": "app/3", "lock": "b"}]',
    );
  });
});

describe("parallel: at most so many holders per lock, rounded down, never under one", () => {
  it("a number", () => {
    expect(grantedBy('"parallel:3"')).toBe(3);
  });

  it("a percentage of N, which is the members and this unit: 5", () => {
    expect(grantedBy('"parallel:59%"')).toBe(2);
    expect(grantedBy('"parallel:60%"')).toBe(3);
  });

  it("arithmetic on N", () => {
    expect(grantedBy('"parallel:N/2-1"')).toBe(1);
    expect(grantedBy('"parallel:(N+1)/2"')).toBe(3);
    expect(grantedBy('"parallel:N-2*1"')).toBe(3);
  });

  it("never under one: a rollout that may never begin would look like a hang", () => {
    expect(grantedBy('"parallel:N-9"')).toBe(1);
    expect(grantedBy('"parallel:1%"')).toBe(1);
  });

  it("says how many hold", () => {
    const hook = five('"parallel:1"').grants(grant("app/1", "restart", 1));
    expect(reason(hook.started(), "app/2")).toBe(
      "parallel: 1 of at most 1 hold restart, app/1 among them",
    );
  });
});

describe("available: as long as so many of the N units hold nothing, rounded up", () => {
  it("a number", () => {
    expect(grantedBy('"available:3"')).toBe(2);
  });

  it("a percentage", () => {
    expect(grantedBy('"available:61%"')).toBe(1);
    expect(grantedBy('"available:60%"')).toBe(2);
  });

  it("division by zero has no value, so nothing is permitted", () => {
    expect(grantedBy('"available:N/(N-5)"')).toBe(0);
  });

  it("a unit that holds one lock may have another", () => {
    const hook = new Hook("app/0").leads().policy('"available:1"');
    hook
      .bag("app/1", '{"a": "' + at(1) + '", "b": "' + at(2) + '"}')
      .grants(grant("app/1", "a", 1))
      .started();
    expect(count(hook.end())).toBe(1);
  });
});

describe("gate: only while a config option is set", () => {
  it("open", () => {
    expect(through("true")).toBe(4);
    expect(through("1")).toBe(4);
    expect(through('"blue"')).toBe(4);
  });

  it("closed", () => {
    expect(through("false")).toBe(0);
    expect(through("0.0")).toBe(0);
    expect(through('"OFF"')).toBe(0);
    expect(through('""')).toBe(0);
    expect(through("null")).toBe(0);
  });

  it("equal to a value", () => {
    const hook = five('{"rule": "gate", "option": "go", "is": "blue"}').started();
    hook.end();
    expect(count(hook.answer("config", '{"go": "blue"}'))).toBe(4);
  });

  it("config that cannot be read keeps it closed, and is reported", () => {
    const hook = five('"gate:go"').started();
    hook.end();
    const end = hook.fail("config", "failed");
    expect(count(end)).toBe(0);
    expect(problems(end)).toBe("ask_failed");
  });
});

describe("pause grants nothing and takes nothing back", () => {
  it("nothing is granted, what is held stays held", () => {
    const hook = five('"pause"').grants(grant("app/1", "restart", 1));
    expect(part(hook.started().end(), "ok.effects")).toBe("[]");
  });
});

describe("policy proposes, core checks", () => {
  it("limit holds whatever the rules say", () => {
    expect(grantedBy('{"rules": ["parallel:4"], "limit": 2}')).toBe(2);
    expect(grantedBy('{"rules": ["parallel:4"], "limit": {"restart": 1}}')).toBe(1);
    expect(grantedBy('{"rules": ["parallel:4"], "limit": {"other": 1}}')).toBe(4);
  });

  it("every rule must permit", () => {
    expect(grantedBy('["parallel:3", "serial"]')).toBe(1);
  });

  it("a rule may speak of some locks only", () => {
    expect(grantedBy('[{"rule": "pause", "locks": ["migrate"]}, "serial"]')).toBe(1);
  });

  it("an external policy's grants are granted, and its name goes with them", () => {
    const hook = five('{"external": {"name": "half", "sha256": "ab"}}').started();
    expect(asked(hook.end())).toBe("policy");
    const end = hook.answer("policy", '{"grant": [{"unit": "app/3", "lock": "restart"}]}');
    expect(written(end, "settings", "coordinator")).toBe(grant("app/3", "restart", 3));
    const name = '"policy": {"name": "half", "sha256": "ab"}';
    expect(found(written(end, "settings", "coordinator-v1"), name)).toBe(name);
  });

  it("one grant that nobody asked for, and nothing of it counts", () => {
    const hook = five('{"external": {"name": "half"}}').started();
    hook.end();
    const grants =
      '{"grant": [{"unit": "app/3", "lock": "restart"}, {"unit": "app/9", "lock": "restart"}]}';
    const end = hook.answer("policy", grants);
    expect(count(end)).toBe(0);
    expect(found(problems(end), "policy_failed")).toBe("policy_failed");
  });

  it("limit holds against it", () => {
    const hook = five('{"external": {"name": "half"}, "limit": 1}').started();
    hook.end();
    const grants =
      '{"grant": [{"unit": "app/3", "lock": "restart"}, {"unit": "app/4", "lock": "restart"}]}';
    expect(count(hook.answer("policy", grants))).toBe(1);
  });

  it("a policy that failed grants nothing, drops are made all the same", () => {
    const hook = five('{"external": {"name": "half"}}').grants(grant("app/1", "other", 1));
    hook.raw("app/5", "{}").started();
    hook.end();
    const end = hook.fail("policy", "trap");
    expect(count(end)).toBe(0);
    expect(problems(end)).toBe("policy_failed");
  });

  it("a policy that is not valid: nothing new, and it is reported", () => {
    const hook = five('"first"');
    expect(problems(hook.start())).toBe("bad_policy");
    expect(part(hook.end(), "ok.effects")).toBe("[]");
  });
});

describe("check says what is wrong with a policy, and where", () => {
  it("an unknown rule", () => {
    expect(errorCode(check('["serial", "first"]'))).toBe("bad_policy");
    expect(part(check('["serial", "first"]'), "error.path")).toBe('"policy[1]"');
  });

  it("wrong fields", () => {
    expect(part(check('{"rule": "parallel", "max": 1, "min": 2}'), "error.path")).toBe(
      '"policy.min"',
    );
    expect(part(check('{"rules": ["serial"], "limit": {"a": 0}}'), "error.path")).toBe(
      '"policy.limit.a"',
    );
    expect(part(check('"parallel:0"'), "error.path")).toBe('"policy.max"');
    expect(part(check('"parallel:N/"'), "error.path")).toBe('"policy.max"');
  });
});
