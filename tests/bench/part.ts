/**
 * What a part of the bench measures, in the forms in which it can be told: as tables, as targets with their state, as curves, and
 * as plain data.
 *
 * @module
 */

/** A part of the bench; each has a module of its own, and its place in `parts.ts`. */
export interface Part {
  /** As on the command line. */
  readonly name: string;
  /** One line for `--help`. */
  readonly summary: string;
  /**
   * @param effort `quick` measures little and takes seconds: for tests, and to see whether it works.
   * @param say is told what is being done, for whoever waits.
   */
  measure(effort: Effort, say: (line: string) => void): Promise<Findings> | Findings;
}

export type Effort = "full" | "quick";

export interface Findings {
  readonly tables: readonly Table[];
  readonly targets: readonly Target[];
  /** What could not be measured here, and why: one line each. */
  readonly missing: readonly string[];
  readonly curves?: readonly Curve[];
  /** For `--json`; its form is the part's own. */
  readonly data: unknown;
}

export interface Table {
  readonly title: string;
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
  /** Whether it is short and telling enough for the README; all are in `docs/bench.md`. */
  readonly isForReadme?: boolean;
}

export type State = "met" | "not met" | "not measured";

/** A figure that was aimed at. */
export interface Target {
  readonly what: string;
  readonly target: string;
  readonly found: string;
  readonly state: State;
}

/** Milliseconds by units. */
export interface Curve {
  readonly name: string;
  readonly points: readonly { readonly units: number; readonly milliseconds: number }[];
}

/** A target that was measured. */
export function target(what: string, aim: string, found: string, isMet: boolean): Target {
  return { what, target: aim, found, state: isMet ? "met" : "not met" };
}

/** A target that was not measured, and why. */
export function unmeasured(what: string, aim: string, why: string): Target {
  return { what, target: aim, found: why, state: "not measured" };
}
