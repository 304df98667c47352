/**
 * What the model's tests share: applications that are up, and hooks in one call.
 *
 * @module
 */

import type { HookContext } from "./context.js";
import { event, relationEvent } from "./events.js";
import { LocalJuju } from "./juju.js";
import type { Result } from "./lifecycle.js";
import type { Event, EventKind, JujuVersion, Options } from "./state.js";

type Body = (context: HookContext) => void;

/** Runs hooks that do nothing, one unit after the other, until nothing is due. */
export function settle(juju: LocalJuju): void {
  for (let ran = true; ran; ) {
    ran = false;
    for (const unit of juju.units) {
      const next = juju.next(unit);
      if (next === null) continue;
      juju.begin(unit, next).finish({ exit: 0 });
      ran = true;
    }
  }
}

/** An application whose units have started and know one another; app/0 leads. */
export function started(
  version: JujuVersion,
  count: number,
  options: Partial<Options> = {},
): LocalJuju {
  const juju = new LocalJuju({ version, seed: 1, ...options });
  for (let unit = 0; unit < count; unit++) juju.addUnit();
  settle(juju);
  return juju;
}

/** Runs the hook that Juju would give the unit next. */
export function runNext(juju: LocalJuju, unit: string, body: Body = () => {}): Result {
  const context = juju.begin(unit, juju.next(unit)!);
  body(context);
  return context.finish({ exit: 0 });
}

/** Runs one event's hook: by kind, and by the other unit for a relation event. */
export function runEvent(
  juju: LocalJuju,
  unit: string,
  kind: EventKind,
  remoteUnit: string | null = null,
  body: Body = () => {},
): Result {
  const context = juju.begin(unit, about(juju, unit, kind, remoteUnit));
  body(context);
  return context.finish({ exit: 0 });
}

/** Runs an update-status hook, which may happen at any time. */
export function inHook(juju: LocalJuju, unit: string, body: Body = () => {}): Result {
  const context = openHook(juju, unit);
  body(context);
  return context.finish({ exit: 0 });
}

/** Begins an update-status hook. */
export function openHook(juju: LocalJuju, unit: string): HookContext {
  juju.tick([unit]);
  return juju.begin(unit, event("update-status"));
}

function about(juju: LocalJuju, unit: string, kind: EventKind, remoteUnit: string | null): Event {
  if (remoteUnit === null) return event(kind);
  const due = juju.due(unit).find((one) => one.kind === kind && one.remoteUnit === remoteUnit);
  return due ?? relationEvent(kind, remoteUnit);
}

/** What is due, as `kind` or `kind unit`. */
export function due(juju: LocalJuju, unit: string): string[] {
  return juju.due(unit).map(label);
}

/** The hooks that a unit has ended, as `hook name` or `hook name unit`. */
export function hooksOf(juju: LocalJuju, unit: string): string[] {
  return juju.history
    .filter((record) => record.type === "hook" && record.unit === unit)
    .map((record) => (record.type === "hook" ? text(record.event, record.remoteUnit) : ""));
}

function label(one: Event): string {
  return text(one.kind, one.remoteUnit);
}

function text(name: string, unit: string | null): string {
  return unit === null ? name : `${name} ${unit}`;
}
