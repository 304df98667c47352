/** Reading and writing JSON: malformed input is an error with its place, and what is written is json.dumps to the byte. */
import { errorCode, found, Hook, part, quoted, written } from "./support";

/** The code and the path of the error that an input is answered with. */
function fault(input: string): string {
  const answer = new Hook("app/0").say(input);
  return errorCode(answer) + " " + part(answer, "error.path");
}

function describing(value: string): string {
  return '{"op": "describe", "x": ' + value + "}";
}

const FINE: string = " ";

/** What a lock's name looks like in the databag. */
function asWritten(lockInJson: string): string {
  const hook = new Hook("app/1").started();
  hook.say('{"op": "acquire", "now": "2026-11-22 12:00:00.000000Z", "lock": "' + lockInJson + '"}');
  const requests = written(hook.end(), "databag", "coordinator");
  return requests.substring(1, requests.indexOf(": "));
}

describe("malformed input is bad_json with the byte at which it ends to be JSON, never a trap", () => {
  it("nothing, or cut off", () => {
    expect(fault("")).toBe('bad_json "0"');
    expect(fault('{"op": ')).toBe('bad_json "7"');
    expect(fault('{"op": "descr')).toBe('bad_json "13"');
    expect(fault('{"op": "\\')).toBe('bad_json "8"');
    expect(fault('{"op": "\\u12')).toBe('bad_json "8"');
  });

  it("what other readers let pass", () => {
    expect(fault(describing("[1,]"))).toBe('bad_json "27"');
    expect(fault(describing("01"))).toBe('bad_json "25"');
    expect(fault(describing("+1"))).toBe('bad_json "24"');
    expect(fault(describing("1."))).toBe('bad_json "26"');
    expect(fault(describing("NaN"))).toBe('bad_json "24"');
    expect(fault(describing("'x'"))).toBe('bad_json "24"');
    expect(fault('{"op": "describe"} x')).toBe('bad_json "19"');
    expect(fault(describing('"\t"'))).toBe('bad_json "25"');
  });

  it("lone surrogates, and pairs that are none", () => {
    expect(fault(describing('"\\ud800"'))).toBe('bad_json "25"');
    expect(fault(describing('"\\udc00"'))).toBe('bad_json "25"');
    expect(fault(describing('"\\ud800\\u0041"'))).toBe('bad_json "25"');
    expect(fault(describing('"\\ud83d\\ude00"'))).toBe(FINE);
  });

  it("duplicate keys, however they are written, among few and among many", () => {
    expect(fault('{"op": "describe", "op": "describe"}')).toBe('bad_json "19"');
    expect(fault('{"op": "describe", "\\u006fp": 1}')).toBe('bad_json "19"');
    const many = '{"a":1,"b":1,"c":1,"d":1,"e":1,"f":1,"g":1,"h":1,"i":1,"c":1}';
    expect(fault(describing(many))).toBe('bad_json "79"');
  });

  it("64 levels are read, 65 are not", () => {
    expect(fault(describing("[".repeat(63) + "]".repeat(63)))).toBe(FINE);
    expect(fault(describing("[".repeat(64) + "]".repeat(64)))).toBe('bad_json "87"');
    expect(fault(describing("[".repeat(10000)))).toBe('bad_json "87"');
  });

  it("all that RFC 8259 allows", () => {
    expect(
      fault(
        "\t{\r\n" +
          '"op" : "describe" , "x" : [ 1 , -0.5e-3 , {} , [] , null , true , false , "" ] }',
      ),
    ).toBe(FINE);
  });
});

describe("what is written is json.dumps(x, sort_keys=True) to the byte", () => {
  it("escapes", () => {
    expect(asWritten('\\"\\\\/\\b\\f\\n\\r\\t')).toBe('"\\"\\\\/\\b\\f\\n\\r\\t"');
    expect(asWritten("\\u0001\\u001f\\u007f")).toBe('"\\u0001\\u001f\\u007f"');
  });

  it("ASCII only, in lower case, in pairs beyond U+FFFF", () => {
    expect(asWritten("é€")).toBe('"\\u00e9\\u20ac"');
    expect(asWritten("\\u00E9\\uFFFF")).toBe('"\\u00e9\\uffff"');
    expect(asWritten("\u{1f512}\\ud83d\\ude00")).toBe('"\\ud83d\\udd12\\ud83d\\ude00"');
  });

  it("keys by code point, not by UTF-16", () => {
    const hook = new Hook("app/1").started();
    hook.acquire("\u{10000}");
    hook.acquire("\u{ffff}");
    hook.acquire("b");
    hook.acquire("B");
    const requests = written(hook.end(), "databag", "coordinator");
    const keys = requests.split(' "2026-11-22 12:00:00.000000Z"').join("");
    expect(keys).toBe('{"B":, "b":, "\\uffff":, "\\ud800\\udc00":}');
  });

  it("request data: sorted keys, numbers with the digits they came with", () => {
    const hook = new Hook("app/1").started();
    const data =
      '{"b": [1.50, -0, 1e3, 12345678901234567890], "a": {"z": null, "y": [true, false, {}]}}';
    hook.say(
      '{"op": "acquire", "now": "2026-11-22 12:00:00.000000Z", "lock": "x", "data": ' + data + "}",
    );
    const expected =
      '{"data": {"x": {"a": {"y": [true, false, {}], "z": null}, "b": [1.50, -0, 1e3, 12345678901234567890]}}';
    expect(found(written(hook.end(), "databag", "coordinator-v1"), expected)).toBe(expected);
  });

  it("an inner document is read out of its string, escapes within escapes", () => {
    const requests = '{"caf\\u00e9 \\"x\\"": "2026-11-22 09:00:00.000000Z"}';
    const hook = new Hook("app/1").raw("app/1", '{"coordinator": ' + quoted(requests) + "}");
    expect(part(hook.start(), "ok.requested")).toBe('["caf\\u00e9 \\"x\\""]');
  });
});

describe("bad fields are bad_input with the path of the field", () => {
  it("of start", () => {
    expect(fault('{"op": "start"}')).toBe('bad_input "unit"');
    expect(fault('{"op": 7}')).toBe('bad_input "op"');
    expect(fault('{"op": "rest"}')).toBe('bad_input "op"');
  });

  it("an error leaves the instance as it was", () => {
    const hook = new Hook("app/1").started();
    expect(errorCode(hook.acquire("restart", "2", "noon"))).toBe("bad_input");
    expect(part(hook.end(), "ok.effects")).toBe("[]");
  });

  it("operations out of order are bad_order", () => {
    expect(fault('{"op": "status"}')).toBe('bad_order "op"');
    const hook = new Hook("app/1").started();
    hook.end();
    expect(errorCode(hook.end())).toBe("bad_order");
    expect(errorCode(hook.start())).toBe("bad_order");
  });
});
