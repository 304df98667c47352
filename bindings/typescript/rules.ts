/**
 * The built-in rules of policies as types, for the editor of a charm's author; what each permits stands in `host/abi.md`, "Policies".
 *
 * @module
 */

/** A rule by name (`"serial"`), with its main argument (`"parallel:2"`), or as an object: `{ rule: "parallel", max: 2 }`. */
export type Rule = string | (RuleFields & OfLocks);

interface OfLocks {
  /** The locks that the rule speaks of; all, if left out. */
  readonly locks?: readonly string[];
}

/** Of each rule its fields. Units are named as `app/0`. */
export type RuleFields =
  | { readonly rule: "simple" | "serial" | "pause" }
  | Parallel
  | Available
  | Gate
  | Window
  | Cooldown
  | Zones
  | Order
  | Canary
  | Halt;

/** At most so many holders of a lock. */
export interface Parallel {
  readonly rule: "parallel";
  /** A number, `"25%"` of the units, or arithmetic on N such as `"N/2-1"`. */
  readonly max: number | string;
}

/** As long as at least so many units hold nothing. */
export interface Available {
  readonly rule: "available";
  /** As {@link Parallel.max}. */
  readonly min: number | string;
}

/** Only while a config option is set. */
export interface Gate {
  readonly rule: "gate";
  readonly option: string;
  /** What it must be equal to; left out: anything that is not off. */
  readonly is?: string | number | boolean;
}

/** Only from one time of day to another. */
export interface Window {
  readonly rule: "window";
  /** `22:00` */
  readonly from: string;
  /** `04:00`; of the next day, if it is not later than `from`. */
  readonly to: string;
  /** On which it opens; default: all. */
  readonly days?: readonly ("mon" | "tue" | "wed" | "thu" | "fri" | "sat" | "sun")[];
  /** Of times and days from UTC; default: `+00:00`. */
  readonly offset?: string;
}

/** Nothing of a lock until so many seconds after its last release. */
export interface Cooldown {
  readonly rule: "cooldown";
  readonly seconds: number;
}

/** Units of one zone at a time. */
export interface Zones {
  readonly rule: "zones";
  /** Under which a request's data names the zone; default: `zone`. */
  readonly key?: string;
}

/** In which order requests are looked at; one of the three must be there. */
export interface Order {
  readonly rule: "order";
  /** Units that come before all others, in this order. */
  readonly first?: readonly string[];
  /** Where the leader comes among the others. */
  readonly leader?: "first" | "last";
  /** Under which a request's data has a number; the greater come first. */
  readonly priority?: string;
}

/** First these units, the others once these are done. */
export interface Canary {
  readonly rule: "canary";
  readonly units: readonly string[];
  /** How long ago they must have given the lock back; default: 0. */
  readonly seconds?: number;
  /** How many seconds before a request they may have done so; default: 3600. */
  readonly within?: number;
}

/** Nothing new once so many units have failed. */
export interface Halt {
  readonly rule: "halt";
  readonly failed: number;
  /** What goal-state calls a failure; default: `error`. */
  readonly status?: readonly string[];
}
