/** Requests made before there is a peer relation: saved with state-set, and moved to the databag when it appears. */
import {
  asked,
  at,
  errorCode,
  granted,
  Hook,
  ids,
  part,
  problems,
  quoted,
  requested,
  written,
} from "./support";

/** What was saved: a request of minute 2, and another lock done at minute 1. */
function saved(): string {
  return '{"done": ' + ids("other", 1) + ', "requests": ' + ids("restart", 2) + ', "v": 1}';
}

function installing(): Hook {
  return new Hook("app/1").withoutRelation().field("hook", '"install"');
}

function created(): Hook {
  return new Hook("app/1").field("hook", '"coordinator-relation-created"');
}

describe("without a peer relation requests are saved", () => {
  it("with the end of the hook", () => {
    const hook = installing().started();
    expect(requested(hook.acquire("restart"))).toBe('["restart"]');
    const value = '{"done": {}, "requests": {"restart": "2026-11-22 12:00:00.000000Z"}, "v": 1}';
    expect(part(hook.end(), "ok.effects")).toBe(
      '[{"do": "saved", "value": ' + quoted(value) + "}]",
    );
  });

  it("and read again in the next", () => {
    expect(requested(installing().field("saved", quoted(saved())).start())).toBe('["restart"]');
  });

  it("a leader grants to itself on leader settings all the same", () => {
    const hook = new Hook("app/0").leads().withoutRelation().started();
    expect(asked(hook.acquire("restart"))).toBe("publish");
    expect(granted(hook.answer("publish", "true"))).toBe('["restart"]');
  });

  it("on the application databag there is nowhere to grant", () => {
    const hook = new Hook("app/0").leads().withoutRelation().onApplicationDatabag().started();
    expect(requested(hook.acquire("restart"))).toBe('["restart"]');
    expect(part(hook.status(), "ok.hold")).toBe('"there is no peer relation yet"');
  });
});

describe("when the relation appears they move to the databag, and away from where they were (row 12)", () => {
  it("in one commit", () => {
    const hook = created();
    expect(asked(hook.start())).toBe("saved");
    expect(requested(hook.answer("saved", quoted(saved())))).toBe('["restart"]');
    const end = hook.end();
    expect(written(end, "databag", "coordinator")).toBe(ids("restart", 2));
    expect(written(end, "databag", "coordinator-v1")).toBe(
      '{"done": {"other": "' + at(1) + '"}, "v": 1}',
    );
    expect(end.includes('{"do": "saved", "value": ""}')).toBe(true);
  });

  it("once coordinator-v1 is there nothing is looked for: nothing comes back", () => {
    expect(errorCode(created().bag("app/1", "{}").start())).toBe("");
    expect(asked(created().bag("app/1", "{}").start())).toBe("");
  });

  it("what cannot be read is reported, and the unit starts without", () => {
    const hook = created().started();
    const view = hook.answer("saved", quoted("{"));
    expect(problems(view)).toBe("bad_saved");
    expect(requested(view)).toBe("[]");
  });

  it("what is wrong in part is not taken over in part", () => {
    const hook = created().started();
    const view = hook.answer("saved", quoted('{"requests": ' + ids("restart", 2) + ', "v": 0}'));
    expect(problems(view)).toBe("bad_saved");
    expect(requested(view)).toBe("[]");
  });

  it("state-get failed: the unit starts without, and says so", () => {
    const hook = created().started();
    expect(problems(hook.fail("saved", "failed"))).toBe("ask_failed");
  });
});
