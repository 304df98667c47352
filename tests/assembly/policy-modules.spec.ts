/** What the author of a policy is promised: it is asked in order, told what it needs, and answers for it whatever comes in. */
import { addressOf, alloc, lengthOf, sliceOf } from "../../assembly/json/slice";
import { Config, Policy, Request, State } from "../../assembly/policy";
import { Module } from "../../assembly/policy/module/module";
import { sliceOfString } from "../../assembly/policy/module/string";
import { at, errorCode, part, quoted, unquoted } from "./support";

/** At most two holders per lock, the leader last. */
class Two extends Policy {
  rank(request: Request, state: State): f64 {
    return request.isLeader ? 1 : 0;
  }

  permits(request: Request, state: State): bool {
    return state.holdersOf(request.lock).length < 2;
  }

  reason(request: Request, state: State): string {
    return `${state.holdersOf(request.lock)[0].unit} holds ${request.lock}`;
  }
}

/** Reads all there is, and says it as the reason. */
class Curious extends Policy {
  private what: string = "";
  private most: i32 = 0;

  configure(config: Config): void {
    this.what = config.text("what", "");
    this.most = config.whole("most", 7);
    if (this.most === 13) config.refuse("most", "not thirteen");
    config.number("share", 0);
    config.flag("flag", false);
    config.texts("list");
    this.needOption("go");
    this.needStatuses();
    this.needReleases("app/1");
  }

  permits(request: Request, state: State): bool {
    return false;
  }

  reason(request: Request, state: State): string {
    state.retryAfter(request.unit === "app/1" ? 90 : 60);
    if (this.what === "data")
      return `${request.data.get("zone").text("none")} ${request.data.get("priority").number(-1)}`;
    if (this.what === "list") {
      const list = request.data.get("list");
      return `${list.items().length} ${list.names().join()} ${list.isThere}`;
    }
    if (this.what === "option") return state.options.get("go").flag().toString();
    if (this.what === "status") {
      const statuses = state.statuses;
      return statuses.has("app/1") ? statuses.get("app/1") : "unknown";
    }
    if (this.what === "released") return (state.now - state.released("restart")).toString();
    if (this.what === "released by")
      return (state.now - state.released("restart", "app/1")).toString();
    if (this.what === "since") return (state.now - request.since).toString();
    if (this.what === "units") return `${state.n} ${state.leader} ${state.units.join()}`;
    if (this.what === "half a pair") return "\ud83d";
    return `${request.unit} ${request.lock} ${request.id} ${this.most}`;
  }
}

/** A policy that ranks by what came with the request. */
class Ranking extends Policy {
  rank(request: Request, state: State): f64 {
    const rank = request.data.get("rank");
    return rank.text() === "NaN" ? NaN : rank.number();
  }

  permits(request: Request, state: State): bool {
    return true;
  }
}

/** Has more to say than an answer can hold. */
class Talker extends Policy {
  permits(request: Request, state: State): bool {
    return false;
  }

  reason(request: Request, state: State): string {
    return "é".repeat(request.unit === "app/1" ? 300000 : 40000);
  }
}

function call(policy: Policy, input: string): string {
  const bytes = String.UTF8.encode(input);
  const length = bytes.byteLength;
  const address = alloc(length);
  memory.copy(address, changetype<usize>(bytes), <usize>length);
  const module = new Module(sliceOfString("half"), sliceOfString("1"), policy);
  const answer = module.call(sliceOf(address, length));
  return String.UTF8.decodeUnsafe(addressOf(answer), <usize>lengthOf(answer));
}

/** One entry of the queue or of those who hold. */
function entry(unit: string, minute: i32, more: string = ""): string {
  return `{"unit": ${quoted(unit)}, "lock": "restart", "id": ${quoted(at(minute))}${more}}`;
}

/** What `decide` is given; app/0 leads three. */
function state(holders: string, queue: string, more: string = ""): string {
  return `{"op": "decide", "now": ${quoted(at(30))}, "leader": "app/0", "n": 3,
    "units": ["app/0", "app/1", "app/2"], "holders": [${holders}], "queue": [${queue}]${more}}`;
}

/** The units that are granted, in order. */
function granted(answer: string): string {
  const items = part(answer, "ok.grant").split('"unit": ');
  let units = "";
  for (let i = 1; i < items.length; i++) units += `${items[i].split('"')[1]} `;
  return units;
}

/** What `Curious` says of this to a request with this data. */
function tells(what: string, data: string, more: string = ""): string {
  const config = `, "config": {"what": ${quoted(what)}}${more}`;
  const answer = call(new Curious(), state("", entry("app/2", 1, `, "data": ${data}`), config));
  const reasons = part(answer, "ok.wait").split('"reason": ');
  return reasons[1].substring(1, reasons[1].indexOf('"', 1));
}

/** The code and the path of the error for a config. */
function refused(config: string): string {
  const answer = call(new Curious(), `{"op": "check", "config": ${config}}`);
  return errorCode(answer) + " " + unquoted(part(answer, "error.path"));
}

describe("deciding", () => {
  it("asks about each request in order, and counts those just granted", () => {
    const queue = `${entry("app/1", 1)}, ${entry("app/2", 2)}, ${entry("app/3", 3)}`;
    const answer = call(new Two(), state("", queue));
    expect(granted(answer)).toBe("app/1 app/2 ");
    expect(part(answer, "ok.wait")).toBe(
      '[{"unit": "app/3", "lock": "restart", "reason": "app/1 holds restart"}]',
    );
    expect(granted(call(new Two(), state(entry("app/4", 0), queue)))).toBe("app/1 ");
  });

  it("counts each lock by itself", () => {
    const other = '"lock": "migrate"';
    let queue = entry("app/1", 1);
    queue += `, ${entry("app/1", 1).replace('"lock": "restart"', other)}`;
    queue += `, ${entry("app/2", 2)}, ${entry("app/3", 3)}`;
    queue += `, ${entry("app/3", 3).replace('"lock": "restart"', other)}`;
    expect(granted(call(new Two(), state("", queue)))).toBe("app/1 app/1 app/2 app/3 ");
  });

  it("sorts by rank, and leaves those of one rank as they came", () => {
    const leads = `${entry("app/0", 1)}, ${entry("app/2", 2)}, ${entry("app/1", 3)}`;
    expect(granted(call(new Two(), state("", leads)))).toBe("app/2 app/1 ");
    let queue = entry("nan", 1, ', "data": {"rank": "NaN"}');
    queue += `, ${entry("high", 2, ', "data": {"rank": 1e9}')}`;
    queue += `, ${entry("none", 3)}, ${entry("zero", 4, ', "data": {"rank": -0}')}`;
    queue += `, ${entry("low", 5, ', "data": {"rank": -0.5}')}`;
    expect(granted(call(new Ranking(), state("", queue)))).toBe("low none zero high nan ");
  });

  it("sorts many, too", () => {
    let queue = entry("app/0", 0, ', "data": {"rank": 0}');
    let expected = "";
    for (let i = 199; i > 0; i--)
      queue += `, ${entry("app/" + i.toString(), 1, `, "data": {"rank": ${i}}`)}`;
    for (let i = 0; i < 200; i++) expected += `app/${i} `;
    expect(granted(call(new Ranking(), state("", queue)))).toBe(expected);
  });

  it("is asked again after the least of the seconds it named", () => {
    const answer = call(new Curious(), state("", `${entry("app/1", 1)}, ${entry("app/2", 2)}`));
    expect(part(answer, "ok.retry_after")).toBe("60");
    expect(part(call(new Two(), state("", "")), "ok")).toBe('{"grant": [], "wait": []}');
  });
});

describe("an answer has at most a mebibyte, and 1,000 reasons", () => {
  it("leaves out a reason that does not fit", () => {
    const queue = `${entry("app/1", 1)}, ${entry("app/2", 2)}`;
    const answer = call(new Talker(), state("", queue));
    expect(answer.length).toBeLessThan(1 << 20);
    expect(part(answer, "ok.wait").startsWith('[{"unit": "app/2"')).toBe(true);
    expect(part(answer, "ok.grant")).toBe("[]");
  });

  it("gives no more reasons to those behind", () => {
    const queue = new Array<string>();
    for (let i = 0; i < 1100; i++) queue.push(entry("app/" + i.toString(), 1));
    const answer = call(new Curious(), state("", queue.join()));
    expect(part(answer, "ok.wait").split('"reason"').length).toBe(1001);
  });
});

describe("what a policy is told", () => {
  it("the request: unit, lock, id, and when it was made", () => {
    expect(tells("", "{}")).toBe(`app/2 restart ${at(1)} 7`);
    expect(tells("since", "{}")).toBe("1740.0");
  });

  it("what came with it, whatever that is", () => {
    expect(tells("data", '{"zone": "a", "priority": 2.5}')).toBe("a 2.5");
    expect(tells("data", '{"zone": 1, "priority": "b"}')).toBe("none -1.0");
    expect(tells("data", "[]")).toBe("none -1.0");
    expect(tells("list", '{"list": [1, [2], "3"]}')).toBe("3  true");
    expect(tells("list", '{"list": {"a": 1, "b": 2}}')).toBe("0 a,b true");
    expect(tells("list", "null")).toBe("0  false");
  });

  it("the units, the leader, and how many there are", () => {
    expect(tells("units", "{}")).toBe("3 app/0 app/0,app/1,app/2");
  });

  it("what it said that it needs", () => {
    expect(part(call(new Curious(), '{"op": "check"}'), "ok")).toBe(
      '{"needs": {"options": ["go"], "units": true, "released": ["app/1"]}}',
    );
    expect(tells("option", "{}", ', "options": {"go": true}')).toBe("true");
    expect(tells("option", "{}")).toBe("false");
    expect(tells("status", "{}", ', "status": {"app/1": "error"}')).toBe("error");
    expect(tells("status", "{}")).toBe("unknown");
    const times = `{"restart": {"app/1": ${quoted(at(20))}, "app/2": ${quoted(at(29))}}}`;
    expect(tells("released", "{}", `, "released": ${times}`)).toBe("60.0");
    expect(tells("released by", "{}", `, "released": ${times}`)).toBe("600.0");
    expect(tells("released", "{}")).toBe("Infinity");
  });
});

describe("describe and check", () => {
  it("says who it is", () => {
    expect(call(new Two(), '{"op": "describe"}')).toBe(
      '{"ok": {"kind": "policy", "name": "half", "version": "1"}}',
    );
  });

  it("takes a config that it knows", () => {
    expect(call(new Two(), '{"op": "check"}')).toBe('{"ok": {}}');
    expect(call(new Two(), '{"op": "check", "config": {}}')).toBe('{"ok": {}}');
    expect(refused('{"what": "x", "most": 1, "share": 0.5, "flag": true, "list": ["a"]}')).toBe(
      " ",
    );
  });

  it("names the member that is wrong, or that it does not know", () => {
    expect(refused("[]")).toBe("bad_config config");
    expect(refused('{"what": 1}')).toBe("bad_config config.what");
    expect(refused('{"most": -1}')).toBe("bad_config config.most");
    expect(refused('{"most": 1e3}')).toBe("bad_config config.most");
    expect(refused('{"most": 4294967296}')).toBe("bad_config config.most");
    expect(refused('{"most": 13}')).toBe("bad_config config.most");
    expect(refused('{"share": "a"}')).toBe("bad_config config.share");
    expect(refused('{"flag": 1}')).toBe("bad_config config.flag");
    expect(refused('{"list": ["a", 1]}')).toBe("bad_config config.list");
    expect(refused('{"max": 1}')).toBe("bad_config config.max");
    const answer = call(new Two(), '{"op": "check", "config": {"max": 1}}');
    expect(unquoted(part(answer, "error.message"))).toBe(
      "unknown member; this policy has no config",
    );
  });
});

describe("odd input is an error with a code and a place, never a trap", () => {
  it("what is no JSON, and no operation", () => {
    expect(errorCode(call(new Two(), '{"op": '))).toBe("bad_json");
    expect(errorCode(call(new Two(), "[]"))).toBe("bad_input");
    expect(errorCode(call(new Two(), '{"op": "end"}'))).toBe("bad_input");
  });

  it("a state with something missing or wrong", () => {
    const fault = (input: string): string => unquoted(part(call(new Two(), input), "error.path"));
    expect(fault('{"op": "decide"}')).toBe("now");
    expect(fault(state("", "").replace(at(30), "noon"))).toBe("now");
    expect(fault(state("", "").replace('"app/0", "n"', '0, "n"'))).toBe("leader");
    expect(fault(state("", "").replace('"n": 3', '"n": -3'))).toBe("n");
    expect(fault(state("", "").replace('["app/0"', "[0"))).toBe("units");
    expect(fault(state("1", ""))).toBe("holders[0]");
    expect(fault(state("", `${entry("app/1", 1)}, {"unit": "app/2"}`))).toBe("queue[1]");
    expect(fault(state("", "").replace('"queue": []', '"queue": {}'))).toBe("queue");
  });

  it("half a surrogate pair in a reason", () => {
    expect(tells("half a pair", "{}")).toBe("\\ufffd");
  });
});
