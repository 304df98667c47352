/**
 * Drives the core through one hook, as a host would, and picks parts out of its answers. It knows the JSON of host/abi.md and
 * nothing of the core's inside but the one class that takes bytes and answers bytes.
 */
import { Coordinator } from "../../assembly/core/coordinator";
import { addressOf, alloc, lengthOf, sliceOf } from "../../assembly/json/slice";

/** The time of every operation, unless a test says otherwise; all ids of `at` are before it. */
export const NOW: string = "2026-11-22 12:00:00.000000Z";

/** The id of a request made at so many minutes past nine. */
export function at(minute: i32): string {
  return "2026-11-22 09:" + minute.toString().padStart(2, "0") + ":00.000000Z";
}

/** `{"restart": "2026-11-22 09:01:00.000000Z"}`: one lock with its id, as requests, grants and done have it. */
export function ids(lock: string, minute: i32): string {
  return "{" + quoted(lock) + ": " + quoted(at(minute)) + "}";
}

/** `{"app/1": {"restart": "…"}}`: one grant. */
export function grant(unit: string, lock: string, minute: i32): string {
  return "{" + quoted(unit) + ": " + ids(lock, minute) + "}";
}

/** A text as a JSON string. */
export function quoted(text: string): string {
  return '"' + text.replaceAll("\\", "\\\\").replaceAll('"', '\\"') + '"';
}

/** Gives the core one input and answers what it answers. */
export function call(core: Coordinator, input: string): string {
  const bytes = String.UTF8.encode(input);
  const length = bytes.byteLength;
  // As in a host, the input's bytes are the core's to keep.
  const address = alloc(length);
  memory.copy(address, changetype<usize>(bytes), <usize>length);
  const answer = core.call(sliceOf(address, length));
  return String.UTF8.decodeUnsafe(addressOf(answer), <usize>lengthOf(answer));
}

/** One hook: first what the host read, in any order, then the operations. */
export class Hook {
  private core: Coordinator = new Coordinator();
  private context: string = "hook";
  private store: string = "settings";
  private others: string = "";
  private leader: bool = false;
  private relation: bool = true;
  private own: string = "";
  private databags: string = "";
  private members: string = "";
  private settings: string = "";

  constructor(private unit: string) {}

  /** is-leader said True, and everything had been read so many seconds later. */
  leads(age: string = "1"): Hook {
    this.leader = true;
    return this.field("age", age);
  }

  /** Any other field of `start`, as JSON. */
  field(name: string, json: string): Hook {
    this.others += ", " + quoted(name) + ": " + json;
    return this;
  }

  /** Not in a hook but in an `action` or an `exec`. */
  in(context: string): Hook {
    this.context = context;
    return this;
  }

  onApplicationDatabag(): Hook {
    this.store = "application";
    return this;
  }

  withoutRelation(): Hook {
    this.relation = false;
    return this;
  }

  policy(json: string): Hook {
    return this.field("policy", json);
  }

  flags(json: string): Hook {
    return this.field("flags", json);
  }

  /** A databag as it stands, of this unit or of a member. */
  raw(unit: string, values: string): Hook {
    if (unit === this.unit) {
      this.own = values;
      return this;
    }
    this.databags += ", " + quoted(unit) + ": " + values;
    this.members += (this.members === "" ? "" : ", ") + quoted(unit);
    return this;
  }

  /** A databag as this library writes it. */
  bag(unit: string, requests: string, done: string = "{}"): Hook {
    return this.raw(unit, bagOf(requests, done));
  }

  /** A databag as the old library writes it. */
  old(unit: string, requests: string): Hook {
    return this.raw(unit, '{"coordinator": ' + quoted(requests) + "}");
  }

  /** Leader settings, or the application databag. */
  setting(key: string, value: string): Hook {
    this.settings += (this.settings === "" ? "" : ", ") + quoted(key) + ": " + quoted(value);
    return this;
  }

  grants(grants: string): Hook {
    return this.setting("coordinator", grants);
  }

  // ---- operations

  start(): string {
    const own = this.own === "" ? "{}" : this.own;
    const input =
      '{"op": "start", "unit": ' +
      quoted(this.unit) +
      ', "now": ' +
      quoted(NOW) +
      ', "context": ' +
      quoted(this.context) +
      ', "store": ' +
      quoted(this.store) +
      ', "leader": ' +
      this.leader.toString() +
      ', "relation": ' +
      this.relation.toString() +
      ', "databags": {' +
      (this.relation ? quoted(this.unit) + ": " + own : "") +
      this.databags +
      '}, "members": [' +
      this.members +
      '], "settings": {' +
      this.settings +
      "}" +
      this.others +
      "}";
    return this.say(input);
  }

  /** `start`, where only what comes later matters. */
  started(): Hook {
    this.start();
    return this;
  }

  acquire(lock: string, age: string = "2", now: string = NOW): string {
    return this.say(operation("acquire", age, now) + ', "lock": ' + quoted(lock) + "}");
  }

  withdraw(lock: string): string {
    return this.say(operation("withdraw", "2", NOW) + ', "lock": ' + quoted(lock) + "}");
  }

  status(): string {
    return this.say(operation("status", "2", NOW) + "}");
  }

  end(age: string = "2"): string {
    return this.say(operation("end", age, NOW) + "}");
  }

  answer(what: string, result: string, age: string = "0"): string {
    const begin = operation("answer", age, NOW);
    return this.say(begin + ', "what": ' + quoted(what) + ', "result": ' + result + "}");
  }

  fail(what: string, failure: string): string {
    const begin = '{"op": "answer", "what": ' + quoted(what);
    return this.say(begin + ', "failure": ' + quoted(failure) + "}");
  }

  say(input: string): string {
    return call(this.core, input);
  }
}

/** A databag as this library writes it, as JSON; `data` is by lock. */
export function bagOf(requests: string, done: string = "{}", data: string = "{}"): string {
  const extra = '{"data": ' + data + ', "done": ' + done + ', "v": 1}';
  return '{"coordinator": ' + quoted(requests) + ', "coordinator-v1": ' + quoted(extra) + "}";
}

function operation(op: string, age: string, now: string): string {
  return '{"op": ' + quoted(op) + ', "now": ' + quoted(now) + ', "age": ' + age;
}

// ---- parts of an answer

/** A part of an answer as JSON, by its path: `part(answer, "ok.granted")`; empty if it is not there. */
export function part(json: string, path: string): string {
  const names = path.split(".");
  let from = 0;
  for (let i = 0; i < names.length; i++) {
    from = valueOf(json, from, names[i]);
    if (from < 0) return "";
  }
  return json.substring(from, behind(json, from));
}

export function granted(answer: string): string {
  return part(answer, "ok.granted");
}

/** Why a unit's request waits, as `status` says it: `serial: app/2 holds restart`. */
export function reason(hook: Hook, unit: string): string {
  const entry = queued(hook.status(), unit);
  return unquoted(part(entry, "rule")) + ": " + unquoted(part(entry, "reason"));
}

/** A unit's entry of the queue in an answer to `status`; empty if it has none. */
export function queued(answer: string, unit: string): string {
  const queue = part(answer, "ok.queue");
  const from = queue.indexOf('"unit": ' + quoted(unit));
  return from < 0 ? "" : queue.substring(queue.lastIndexOf('{"position": ', from));
}

export function requested(answer: string): string {
  return part(answer, "ok.requested");
}

/** What the core asks for; empty if it does not. */
export function asked(answer: string): string {
  return unquoted(part(answer, "ask.what"));
}

export function errorCode(answer: string): string {
  return unquoted(part(answer, "error.code"));
}

/** A value that an effect, or a `publish`, writes under a key; `nothing` if it writes nothing there. */
export function written(answer: string, what: string, key: string): string {
  if (part(answer, "ask.what") === quoted(what)) return textIn(answer, "ask.values", key);
  const effects = part(answer, "ok.effects");
  let from = 1;
  while (from < effects.length && effects.charCodeAt(from) === 0x7b) {
    const to = behind(effects, from);
    const effect = effects.substring(from, to);
    if (part(effect, "do") === quoted(what)) return textIn(effect, "values", key);
    from = to + 2;
  }
  return "nothing";
}

/** What was looked for if the text has it, else the whole text, so that a test that fails shows where it looked. */
export function found(text: string, what: string): string {
  return text.includes(what) ? what : text;
}

/** The codes of all problems, in order. */
export function problems(answer: string): string {
  const list = part(answer, "ok.problems");
  let codes = "";
  let from = list.indexOf('{"code": ');
  while (from >= 0) {
    const code = unquoted(part(list.substring(from), "code"));
    codes += (codes === "" ? "" : " ") + code;
    from = list.indexOf('{"code": ', from + 1);
  }
  return codes;
}

function textIn(json: string, path: string, key: string): string {
  const values = part(json, path);
  const from = valueOf(values, 0, key);
  return from < 0 ? "nothing" : unquoted(values.substring(from, behind(values, from)));
}

export function unquoted(json: string): string {
  if (json.length < 2) return "";
  return json
    .substring(1, json.length - 1)
    .replaceAll('\\"', '"')
    .replaceAll("\\\\", "\\");
}

/** Where the value of a member begins in the object at `from`, or -1. */
function valueOf(json: string, from: i32, name: string): i32 {
  if (json.charCodeAt(from) !== 0x7b) return -1;
  let key = from + 1;
  while (json.charCodeAt(key) === 0x22) {
    const value = behind(json, key) + 2;
    if (json.substring(key, value - 2) === quoted(name)) return value;
    key = behind(json, value) + 2;
  }
  return -1;
}

/** Where the value that begins at `from` has ended. */
function behind(json: string, from: i32): i32 {
  let depth = 0;
  let inText = false;
  for (let i = from; i < json.length; i++) {
    const c = json.charCodeAt(i);
    if (inText) {
      if (c === 0x5c) i += 1;
      else if (c === 0x22) inText = false;
      else continue;
      if (!inText && depth === 0) return i + 1;
      continue;
    }
    if (c === 0x22) inText = true;
    else if (c === 0x7b || c === 0x5b) depth += 1;
    else if ((c === 0x7d || c === 0x5d) && --depth <= 0) return depth === 0 ? i + 1 : i;
    else if (c === 0x2c && depth === 0) return i;
  }
  return json.length;
}
