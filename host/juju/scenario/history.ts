/**
 * The history of a scenario as text, one line for each hook and each change.
 *
 * @module
 */

import type { HistoryRecord, HookRecord } from "../model/history.js";
import type { Values } from "../model/values.js";

const longestValue = 160;

function written(name: string, values: Values | null): string[] {
  return Object.entries(values ?? {}).map(([key, value]) => {
    const text = value.length > longestValue ? `${value.slice(0, longestValue)}…` : value;
    return `        ${name} ${key}=${text}`;
  });
}

function describeHook(record: HookRecord): string[] {
  const { unit, event, remoteUnit, ending, message, writes, logs } = record;
  const remote = remoteUnit === null ? "" : ` ${remoteUnit}`;
  const how = ending === "committed" ? "" : `: ${ending}${message === "" ? "" : `, ${message}`}`;
  return [
    `${String(record.step).padStart(5)}  ${unit} ${event}${remote}${how}`,
    ...written("databag", writes.unit),
    ...written("application databag", writes.application),
    ...written("leader settings", writes.settings),
    ...written("saved", writes.saved),
    ...logs.map(({ level, message: text }) => `        ${level} ${text}`),
  ];
}

/** The lines of a history. */
export function describeHistory(history: readonly HistoryRecord[]): string[] {
  return history.flatMap((record) =>
    record.type === "hook"
      ? describeHook(record)
      : [
          `${String(record.step).padStart(5)}  * ${[record.change, record.unit, record.detail]
            .filter((part) => part)
            .join(" ")}`,
        ],
  );
}
