/**
 * The history: one plain record for each hook that ended and for each change from outside.
 *
 * @module
 */

import type { Writes } from "./commit.js";
import type { HookContext } from "./context.js";
import type { Ending, Outcome, Result } from "./lifecycle.js";
import type { ContextKind, LogLine, State } from "./state.js";

export interface HookRecord {
  readonly type: "hook";
  /** The step at which it ended; `began` is the step at which it began. */
  readonly step: number;
  readonly began: number;
  /** Microseconds since 1970, simulated. */
  readonly time: number;
  readonly unit: string;
  readonly kind: ContextKind;
  /** The hook's name, the action's name, or `juju-exec`. */
  readonly event: string;
  readonly remoteUnit: string | null;
  readonly outcome: Outcome;
  readonly ending: Ending;
  readonly message: string;
  readonly writes: Writes;
  /** Hook tools called, by name. */
  readonly tools: Readonly<Record<string, number>>;
  readonly logs: readonly LogLine[];
}

export interface ChangeRecord {
  readonly type: "change";
  readonly step: number;
  readonly time: number;
  /** The unit concerned; null for all, or for nobody. */
  readonly unit: string | null;
  /** `add-unit`, `remove-unit`, `config`, `upgrade`, `resource`, `leader`, `resolved` or `agent`. */
  readonly change: string;
  readonly detail: string;
}

export type HistoryRecord = HookRecord | ChangeRecord;

export function hookRecord(
  state: State,
  context: HookContext,
  result: Result,
  outcome: Outcome,
): HookRecord {
  return {
    type: "hook",
    step: state.step,
    began: context.began,
    time: state.time,
    unit: context.unit,
    kind: context.kind,
    event: context.hookName || context.actionName || "juju-exec",
    remoteUnit: context.remoteUnit,
    outcome,
    ending: result.ending,
    message: result.message,
    writes: result.writes,
    tools: context.tools,
    logs: context.logs,
  };
}

export function changeRecord(
  state: State,
  unit: string | null,
  change: string,
  detail: string,
): ChangeRecord {
  return { type: "change", step: state.step, time: state.time, unit, change, detail };
}
