/**
 * One decision as a host has it made: the bytes of a leader's hook in which every unit waits for the same lock.
 *
 * @module
 */

import type { Callable } from "../../../bindings/typescript/engine.js";
import type { Store } from "../../../bindings/typescript/host.js";

/** What the core is given in one hook, in order. */
export interface Decision {
  readonly units: number;
  readonly store: Store;
  readonly inputs: readonly Uint8Array[];
  /** The bytes of all inputs. */
  readonly bytes: number;
}

const NOW = "2026-11-22 10:00:00.000000Z";

/** A second of its own for each unit of a minute, and a microsecond for each unit: no two ids are alike. */
function idOf(unit: number): string {
  const second = String(unit % 60).padStart(2, "0");
  return `2026-11-22 09:52:${second}.${String(unit).padStart(6, "0")}Z`;
}

/** As the core itself writes a databag: one request, nothing done yet. */
function databagOf(unit: number): Record<string, string> {
  return {
    coordinator: `{"restart": "${idOf(unit)}"}`,
    "coordinator-v1": '{"done": {}, "v": 1}',
  };
}

/**
 * The leader `app/0` of so many units, all others of which wait; nobody holds. One decision, made at the end: if the leader itself
 * waited there would be two in leader settings, its own grant having to stand there before it counts. Databags come in the
 * order of relation-list, which Juju sorts as text, and the leader's own last, as the bindings read them.
 */
export function decisionOf(units: number, store: Store): Decision {
  const members = Array.from({ length: units - 1 }, (_, index) => `app/${index + 1}`).sort();
  const idle = { coordinator: "{}", "coordinator-v1": '{"done": {}, "v": 1}' };
  const databags = [
    ...members.map((unit) => [unit, databagOf(Number(unit.slice(4)))]),
    ["app/0", idle],
  ];
  const start = {
    op: "start",
    unit: "app/0",
    context: "hook",
    hook: "update-status",
    remote_unit: null,
    departing_unit: null,
    leader: true,
    store,
    relation: true,
    databags: Object.fromEntries(databags),
    members,
    settings: {},
    flags: [],
    policy: "serial",
    key: "coordinator",
    subordinate: false,
    allow: [],
    now: NOW,
    age: 0.5,
  };
  const inputs = [start, { op: "end", now: NOW, age: 1 }].map((input) =>
    Buffer.from(JSON.stringify(input)),
  );
  const bytes = inputs.reduce((sum, { length }) => sum + length, 0);
  return { units, store, inputs, bytes };
}

/** Has it decided by an instance that has done nothing yet, bytes to bytes. @returns the last answer */
export function decide(core: Callable, { inputs }: Pick<Decision, "inputs">): Uint8Array {
  let answer: Uint8Array = new Uint8Array();
  for (const input of inputs) answer = core.call(input);
  return answer;
}

const decoder = new TextDecoder("utf-8", { fatal: true });

/** Parses the same bytes by V8's own means. @returns the last value */
export function parseAll({ inputs }: Decision): unknown {
  let value: unknown;
  for (const input of inputs) value = JSON.parse(decoder.decode(input));
  return value;
}

/** The units that the answer to `end` grants something to. @throws SyntaxError, TypeError if it is no such answer. */
export function grantedBy(answer: Uint8Array): string[] {
  const { ok } = JSON.parse(decoder.decode(answer)) as { ok: { grants: { unit: string }[] } };
  return ok.grants.map(({ unit }) => unit);
}
