/** Request ids are UTC times: the calendar, and ids that increase whatever the clock does. */
import { errorCode, Hook, part, written } from "./support";

/** The id of a request made at a time, or the code of the error. */
function idAt(now: string): string {
  const hook = new Hook("app/1").started();
  const view = hook.acquire("x", "2", now);
  if (errorCode(view) !== "") return errorCode(view);
  return idIn(written(hook.end(), "databag", "coordinator"));
}

/** The id of a request made by a slow clock after another was done. */
function idAfter(done: string): string {
  const hook = new Hook("app/1").bag("app/1", "{}", '{"x": "' + done + '"}').started();
  const view = hook.acquire("x", "2", "2020-01-01 00:00:00.000000Z");
  if (errorCode(view) !== "") return errorCode(view);
  return idIn(written(hook.end(), "databag", "coordinator"));
}

function idIn(requests: string): string {
  return requests.substring(7, requests.length - 2);
}

describe("a time is written as the old library writes it, and every day exists", () => {
  it("comes back as it went in", () => {
    expect(idAt("0001-01-01 00:00:00.000000Z")).toBe("0001-01-01 00:00:00.000000Z");
    expect(idAt("1999-12-31 23:59:59.999999Z")).toBe("1999-12-31 23:59:59.999999Z");
    expect(idAt("2000-02-29 12:30:45.000001Z")).toBe("2000-02-29 12:30:45.000001Z");
    expect(idAt("9999-12-31 23:59:59.999999Z")).toBe("9999-12-31 23:59:59.999999Z");
  });

  it("every day of four hundred years", () => {
    const lengths = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    // One day a month and each month's last suffice: days in between differ in the day alone.
    for (let year = 1900; year < 2300; year += 25) {
      for (let month = 1; month <= 12; month++) {
        const isLeap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
        const last = lengths[month - 1] + (month === 2 && isLeap ? 1 : 0);
        const begin = year.toString() + "-" + month.toString().padStart(2, "0") + "-";
        expect(idAt(begin + last.toString() + " 00:00:00.000000Z")).toBe(
          begin + last.toString() + " 00:00:00.000000Z",
        );
        expect(idAt(begin + (last + 1).toString() + " 00:00:00.000000Z")).toBe("bad_input");
      }
    }
  });

  it("another format is none", () => {
    expect(idAt("2026-11-22T09:00:00.000000Z")).toBe("bad_input");
    expect(idAt("2026-11-22 09:00:00.000Z")).toBe("bad_input");
    expect(idAt("2026-11-22 09:00:00.000000+00:00")).toBe("bad_input");
    expect(idAt("2026-11-22 24:00:00.000000Z")).toBe("bad_input");
    expect(idAt("2026-11-22 09:60:00.000000Z")).toBe("bad_input");
    expect(idAt("2026-11-22 09:00:60.000000Z")).toBe("bad_input");
    expect(idAt("0000-11-22 09:00:00.000000Z")).toBe("bad_input");
    expect(idAt("2026-11-22 09:00:00.00000 Z")).toBe("bad_input");
  });
});

describe("ids increase, whatever the clock does", () => {
  it("a microsecond is added to what was done", () => {
    expect(idAfter("2026-11-22 09:00:00.999999Z")).toBe("2026-11-22 09:00:01.000000Z");
  });

  it("over the end of a year", () => {
    expect(idAfter("2026-12-31 23:59:59.999999Z")).toBe("2027-01-01 00:00:00.000000Z");
  });

  it("into a leap day, and past 28 February where there is none", () => {
    expect(idAfter("2028-02-28 23:59:59.999999Z")).toBe("2028-02-29 00:00:00.000000Z");
    expect(idAfter("2028-02-29 23:59:59.999999Z")).toBe("2028-03-01 00:00:00.000000Z");
    expect(idAfter("2100-02-28 23:59:59.999999Z")).toBe("2100-03-01 00:00:00.000000Z");
  });

  it("after the year 9999 there is no greater one: bad_clock, and other locks are not concerned", () => {
    expect(idAfter("9999-12-31 23:59:59.999999Z")).toBe("bad_clock");
    const hook = new Hook("app/1")
      .bag("app/1", "{}", '{"x": "9999-12-31 23:59:59.999999Z"}')
      .started();
    expect(errorCode(hook.acquire("x"))).toBe("bad_clock");
    expect(part(hook.acquire("y"), "ok.requested")).toBe('["y"]');
  });
});
