/**
 * What can happen next, as small numbers that a history can be kept of.
 *
 * @module
 */

import { call, event, hookName, remoteOf } from "./calls.js";
import type { Place } from "./conversations.js";

export const action = {
  /** A unit begins the hook of the event `parameter`. */
  begin: 0,
  /** A running hook goes on to its next call that anybody could notice. */
  go: 1,
  /** A leader's hook reads the databag of the unit `parameter`. */
  read: 2,
  /** The hook exits with code 1: now (0), or after its operation ran to its end (1). */
  fail: 3,
  /** The hook exits with code 0 and the agent crashes before (0) or after (1) the commit. */
  crash: 4,
  /** Leadership goes to the unit. */
  lead: 5,
  /** 30 seconds pass in the unit's hook. */
  wait: 6,
  depart: 7,
  die: 8,
  /** `resolved --no-retry`. */
  skip: 9,
  restart: 10,
  /** The update-status timer fires in all units. */
  tick: 11,
  /** The hook of the event `parameter` begins, and exits with code 1 before it has done anything. */
  stumble: 12,
  /** Somebody spoils the unit's databag, or, if it leads, the grants: `parameter` is one of {@link spoil}. */
  spoil: 13,
  /** An operator puts back what was in the unit's databag, or, if it leads, the grants (1). */
  mend: 14,
  /** The policy's gate opens or closes. */
  turn: 15,
} as const;

/** Ways to spoil data: no JSON any more, or of a version that nobody here knows. */
export const spoil = { databag: 0, databagVersion: 1, grants: 2, grantsVersion: 3 } as const;

const perUnit = 32;
const perAction = perUnit * 8;

export function encode(kind: number, unit = 0, parameter = 0): number {
  return kind * perAction + unit * perUnit + parameter;
}

export function decode(code: number): { kind: number; unit: number; parameter: number } {
  return {
    kind: Math.floor(code / perAction),
    unit: Math.floor(code / perUnit) & 7,
    parameter: code % perUnit,
  };
}

const callNames: Readonly<Record<number, string>> = {
  [call.isLeader]: "asks is-leader",
  [call.read]: "reads the grants",
  [call.of]: "reads a databag",
  [call.write]: "writes the grants",
  [call.planned]: "asks goal-state",
  [call.gate]: "looks at the policy's gate",
  [call.operated]: "ends its operation",
  [call.exit]: "exits with code 0",
  [call.broken]: "throws",
};

const spoilNames: Readonly<Record<number, string>> = {
  [spoil.databag]: "its databag is made unreadable",
  [spoil.databagVersion]: "its databag is written by a newer version",
  [spoil.grants]: "the grants are made unreadable",
  [spoil.grantsVersion]: "the grants are written by a newer version",
};

function nameOf(code: number): string {
  if (code === event.exec) return "juju-exec";
  if (code === event.action) return "an action that decides";
  return code === event.withdraw ? "config-changed, and withdraws" : hookName(code);
}

/** One step of a history for a person; `place` is where the unit's hook was before it. */
export function describe(code: number, place: Place | null): string {
  const { kind, unit, parameter } = decode(code);
  const who = `app/${unit}`;
  switch (kind) {
    case action.begin: {
      const remote = remoteOf(parameter);
      const about = remote < 0 ? "" : ` app/${remote}`;
      return `${who} begins ${nameOf(parameter)}${about}`;
    }
    case action.stumble:
      return `${who} begins ${nameOf(parameter)} and fails`;
    case action.go:
      return `${who} goes on and ${callNames[place?.next ?? -1] ?? "decides"}`;
    case action.read:
      return `${who} reads the databag of app/${parameter}`;
    case action.fail:
      return `${who} fails${parameter === 1 ? " after its operation" : ""}`;
    case action.crash:
      return `${who} crashes ${parameter === 1 ? "after" : "before"} its commit`;
    case action.lead:
      return `${who} becomes the leader`;
    case action.wait:
      return `30 seconds pass for ${who}`;
    case action.depart:
      return `${who} is removed`;
    case action.die:
      return `${who} is removed by force`;
    case action.skip:
      return `${who} is resolved without a retry`;
    case action.restart:
      return `the agent of ${who} restarts`;
    case action.spoil:
      return `on ${who} ${spoilNames[parameter]}`;
    case action.mend:
      return `on ${who} ${parameter === 1 ? "the grants are" : "its databag is"} mended`;
    case action.turn:
      return "the policy's gate turns";
    default:
      return "update-status falls due in all units";
  }
}
