/**
 * The environment Juju gives a hook, without what depends on the machine it runs on: directories, PATH and the tools' socket.
 *
 * @module
 */

import { hookName, isRelationKind } from "./events.js";
import { draw, seeded } from "./random.js";
import type { Running, State, UnitState } from "./state.js";

const jujuVersions = { "3.6": "3.6.11", "4.0": "4.0.0" };

/** Variables that Juju always sets, empty here. */
const empty = [
  "CLOUD_API_VERSION",
  "JUJU_API_ADDRESSES",
  "JUJU_CHARM_FTP_PROXY",
  "JUJU_CHARM_HTTPS_PROXY",
  "JUJU_CHARM_HTTP_PROXY",
  "JUJU_CHARM_NO_PROXY",
  "JUJU_PRINCIPAL_UNIT",
];

export function environment(
  state: State,
  unit: UnitState,
  running: Running,
): Record<string, string> {
  const event = running.event;
  const name = event === null ? "" : hookName(state, event.kind);
  const env: Record<string, string> = {};
  for (const variable of empty) env[variable] = "";
  env.JUJU_UNIT_NAME = unit.name;
  env.JUJU_HOOK_NAME = name;
  env.JUJU_CONTEXT_ID = contextId(state, unit, running, name);
  env.JUJU_MODEL_NAME = "local";
  env.JUJU_MODEL_UUID = modelUuid(state);
  env.JUJU_MACHINE_ID = String(unit.number);
  env.JUJU_AVAILABILITY_ZONE = unit.zone;
  env.JUJU_VERSION = jujuVersions[state.juju];
  if (state.juju === "3.6") env.JUJU_SLA = "unsupported";
  if (event !== null) env.JUJU_DISPATCH_PATH = `hooks/${name}`;
  if (running.kind === "action") addAction(env, running);
  const related = event === null ? running.inRelation : isRelationKind(event.kind);
  if (related && state.relation !== null) addRelation(env, state, running);
  return env;
}

function addAction(env: Record<string, string>, running: Running): void {
  env.JUJU_DISPATCH_PATH = `actions/${running.action}`;
  env.JUJU_ACTION_NAME = running.action;
  env.JUJU_ACTION_UUID = String(running.began);
  env.JUJU_ACTION_TAG = `action-${running.began}`;
}

function addRelation(env: Record<string, string>, state: State, running: Running): void {
  env.JUJU_RELATION = state.relation!;
  env.JUJU_RELATION_ID = `${state.relation}:0`;
  env.JUJU_REMOTE_APP = running.event === null ? "" : state.application;
  env.JUJU_REMOTE_UNIT = running.event?.remoteUnit ?? "";
  const departing = running.event?.departingUnit ?? null;
  if (departing !== null) env.JUJU_DEPARTING_UNIT = departing;
}

/** `app/0-config-changed-` or `app/0-run-commands-`, and 32 hexadecimal digits that follow from the seed and the step. */
function contextId(state: State, unit: UnitState, running: Running, name: string): string {
  const kind = running.kind === "exec" ? "run-commands" : name || running.action;
  return `${unit.name}-${kind}-${hexadecimal(state.seed + running.began * 0x9e3779b1)}`;
}

function modelUuid(state: State): string {
  const digits = hexadecimal(state.seed);
  const third = `4${digits.slice(13, 16)}`;
  const fourth = `8${digits.slice(17, 20)}`;
  return [digits.slice(0, 8), digits.slice(8, 12), third, fourth, digits.slice(20)].join("-");
}

function hexadecimal(seed: number): string {
  const random = seeded(seed);
  return [0, 1, 2, 3].map(() => draw(random).toString(16).padStart(8, "0")).join("");
}
