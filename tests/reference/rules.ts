/**
 * The built-in rules of policies in plain TypeScript, as `host/abi.md` tells them.
 *
 * @module
 */

import { amount } from "../../host/juju/measure/allowed.js";
import type { Holders, Ledger, Request, Unit } from "./decision.js";
import type { Releases } from "./releases.js";
import { havePassed, microseconds } from "./time.js";

/** The fields of a rule as an object. */
export interface Fields {
  readonly rule: string;
  readonly locks?: readonly string[];
  readonly [field: string]: unknown;
}

/** What rules look at. */
export interface Facts {
  readonly now: string;
  readonly ledger: Ledger;
  readonly holders: Holders;
  readonly releases: Releases;
  /** What the host answered: config options, and goal-state's statuses; null where it could not. */
  readonly options: Readonly<Record<string, unknown>> | null;
  readonly statuses: Readonly<Record<string, string>> | null;
}

export type Permits = (request: Request, facts: Facts) => boolean;

/** Which field a rule's argument behind a colon stands for. */
export const mainField: Readonly<Record<string, string>> = {
  ...{ parallel: "max", available: "min", gate: "option" },
  ...{ cooldown: "seconds", zones: "key", halt: "failed" },
};

export const rules: Readonly<Record<string, (fields: Fields) => Permits>> = {
  simple:
    () =>
    ({ unit }, { holders }) =>
      holders.units === 0 || (holders.units === 1 && holders.has(unit)),

  serial:
    () =>
    ({ lock }, { holders }) =>
      holders.of(lock).length === 0,

  parallel:
    ({ max }) =>
    ({ lock }, { holders }) => {
      const most = Math.floor(amount(String(max), holders.n));
      return holders.of(lock).length < (most >= 1 && Number.isFinite(most) ? most : 1);
    },

  available:
    ({ min }) =>
    ({ unit }, { holders }) => {
      const left = holders.n - holders.members - (holders.has(unit) ? 0 : 1);
      return left >= Math.ceil(amount(String(min), holders.n));
    },

  gate:
    ({ option, is }) =>
    (_request, { options }) => {
      const value = options?.[String(option)];
      if (is !== undefined) return value === is;
      if (typeof value !== "string") return value === true || (Number(value) || 0) !== 0;
      return value !== "" && !/^(false|no|off|closed|0)$/i.test(value);
    },

  pause: () => () => false,

  window:
    (fields) =>
    (_request, { now }) =>
      isOpen(fields, now),

  cooldown:
    ({ seconds }) =>
    ({ lock }, { releases, now }) => {
      const last = releases.last(lock);
      return last === undefined || havePassed(Number(seconds), last, now);
    },

  zones:
    ({ key = "zone" }) =>
    ({ unit, lock }, { holders }) => {
      const zones = holders.of(lock).map((holder) => zoneOf(holder, lock, String(key)));
      const own = zoneOf(unit, lock, String(key));
      return zones.every((zone) => zone !== null && zone === own);
    },

  order: () => () => true,

  canary: ({ units, seconds = 0, within = 3600 }) => {
    const named = units as readonly string[];
    return ({ unit, lock, id }, { ledger, releases, now }) => {
      if (named.includes(unit.name)) return true;
      const members = named.flatMap((name) => ledger.units.get(name) ?? []);
      return members
        .filter(({ isMember }) => isMember)
        .every((one) => {
          const released = releases.by(one, lock, now);
          return (
            released !== undefined &&
            !wants(one, lock) &&
            havePassed(Number(seconds), released, now) &&
            microseconds(released) + BigInt(Number(within)) * 1_000_000n >= microseconds(id)
          );
        });
    };
  },

  halt:
    ({ failed, status = ["error"] }) =>
    (_request, { statuses }) => {
      const bad = status as readonly string[];
      const many = Object.values(statuses ?? {}).filter((one) => bad.includes(one)).length;
      return statuses !== null && many < Number(failed);
    },
};

/** In which order two requests come by a rule `order`; 0 where it has none. Of other locks it says nothing. */
export function comparison({ first = [], leader, priority, locks }: Fields, { self }: Ledger) {
  const named = first as readonly string[];
  const isSpokenOf = ({ lock }: Request): boolean => locks === undefined || locks.includes(lock);
  const placeOf = (request: Request): number => {
    const { unit } = request;
    if (!isSpokenOf(request)) return 1;
    const place = named.indexOf(unit.name);
    if (place >= 0) return place - named.length;
    if (unit !== self || leader === undefined) return 1;
    return leader === "first" ? 0 : 2;
  };
  const priorityOf = (request: Request): number => {
    if (!isSpokenOf(request)) return 0;
    const value = typeof priority === "string" ? request.data?.[priority] : 0;
    return typeof value === "number" ? value : 0;
  };
  return (a: Request, b: Request): number =>
    placeOf(a) - placeOf(b) || priorityOf(b) - priorityOf(a);
}

const names = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];

/** Looks back from now, minute by minute, for the opening of a window that has not closed since. */
function isOpen({ days = names, from, to, offset = "+00:00" }: Fields, now: string): boolean {
  const minutesOf = (clock: string): number =>
    Number(clock.slice(0, 2)) * 60 + Number(clock.slice(3));
  const [opens, closes] = [minutesOf(String(from)), minutesOf(String(to))];
  const shift = minutesOf(String(offset).slice(1)) * (String(offset)[0] === "-" ? -1 : 1);
  const minute = Number(microseconds(now) / 60_000_000n) + shift;
  for (let back = 0; back < 1440; back++) {
    const local = new Date((minute - back) * 60_000);
    const time = local.getUTCHours() * 60 + local.getUTCMinutes();
    if (time === closes && back >= 0 && !(time === opens)) return false;
    if (time === opens) return (days as readonly string[]).includes(names[local.getUTCDay()]!);
  }
  return false;
}

/** The zone of a unit's request, or of the request that it holds by; null if it cannot be seen. */
function zoneOf({ requests, grants, isReadable }: Unit, lock: string, key: string): string | null {
  const request = requests.get(lock);
  const grant = grants.get(lock);
  if (request === undefined || !isReadable) return null;
  if (grant !== undefined && grant.id !== request.id) return null;
  const zone = request.data?.[key];
  return typeof zone === "string" && zone !== "" ? zone : null;
}

function wants(unit: Unit, lock: string): boolean {
  if (unit.grants.has(lock)) return true;
  const request = unit.requests.get(lock);
  if (request === undefined || !unit.isReadable || unit.isDying) return false;
  return (unit.done.get(lock) ?? "") < request.id;
}
