/**
 * The hook tools about the peer relation and leadership.
 *
 * @module
 */

import { allows, keyValues, refuseMore, takes, usage } from "./arguments.js";
import type { HookContext } from "./context.js";
import {
  allFormats,
  fileValues,
  noFormats,
  oneOrAll,
  relationOption,
  requireRelation,
  type Tool,
} from "./tool.js";

const unitName = /^[a-z][a-z0-9]*(-[a-z0-9]*[a-z][a-z0-9]*)*\/(0|[1-9][0-9]*)$/;
const applicationName = /^[a-z][a-z0-9]*(-[a-z0-9]*[a-z][a-z0-9]*)*$/;

const relationIds: Tool = {
  usage: "[options] <name>",
  options: {},
  formats: allFormats,
  run({ context, words }) {
    refuseMore(words, 1);
    const name = words[0] ?? (context.defaultRelation === null ? null : context.relationName);
    if (name === null) throw usage("no endpoint name specified");
    return context.relationIds(name);
  },
};

const relationList: Tool = {
  usage: "[options]",
  options: { ...relationOption, ...allows("app") },
  formats: allFormats,
  run(call) {
    refuseMore(call.words, 0);
    requireRelation(call);
    if (call.options.app !== "true") return call.context.relationList();
    call.context.count("relation-list");
    return call.context.application;
  },
};

const relationGet: Tool = {
  usage: "[options] <key> <unit id>",
  options: { ...relationOption, ...allows("app") },
  formats: allFormats,
  run(call) {
    requireRelation(call);
    refuseMore(call.words, 2);
    const [key, named] = call.words;
    const { target, application } = targetOf(call.context, named, call.options.app === "true");
    const values = call.context.relationGet(target, { application });
    return oneOrAll(values, key);
  },
};

/** Whose databag: the one named, else the hook's remote unit, else its remote application. */
function targetOf(
  context: HookContext,
  named: string | undefined,
  application: boolean,
): { target: string; application: boolean } {
  const isPlain = context.event !== null && context.remoteUnit === null;
  const remoteApplication =
    isPlain && context.defaultRelation !== null ? context.application : null;
  const target = named ?? context.remoteUnit ?? remoteApplication;
  if (target === null) throw usage("no unit or application specified");
  if (application || (named === undefined && context.remoteUnit === null)) {
    const name = unitName.test(target) ? target.slice(0, target.indexOf("/")) : target;
    if (!applicationName.test(name)) {
      throw usage(`invalid application name ${JSON.stringify(target)}`);
    }
    return { target: name, application: true };
  }
  if (unitName.test(target)) return { target, application: false };
  throw usage(
    applicationName.test(target)
      ? `expected unit name, got application name ${JSON.stringify(target)}`
      : `invalid unit name ${JSON.stringify(target)}`,
  );
}

const relationSet: Tool = {
  usage: "[options] key=value [key=value ...]",
  options: { ...relationOption, ...allows("app"), ...takes("file"), ...takes("format") },
  formats: noFormats,
  run(call) {
    requireRelation(call);
    const words = keyValues(call.words);
    if (call.options.format !== undefined) {
      call.warn('--format flag deprecated for command "relation-set"');
    }
    const values = { ...fileValues(call), ...words };
    call.context.relationSet(values, { application: call.options.app === "true" });
  },
};

const isLeader: Tool = {
  usage: "[options]",
  options: {},
  formats: allFormats,
  run({ context, words }) {
    refuseMore(words, 0);
    return context.isLeader();
  },
};

const leaderGet: Tool = {
  usage: "[options] [<key>]",
  options: {},
  formats: allFormats,
  run({ context, words }) {
    refuseMore(words, 1);
    return oneOrAll(context.leaderGet(), words[0]);
  },
};

const leaderSet: Tool = {
  usage: "<key>=<value> [...]",
  options: {},
  formats: noFormats,
  run({ context, words }) {
    context.leaderSet(keyValues(words));
  },
};

const goalState: Tool = {
  usage: "[options]",
  options: {},
  formats: ["yaml", "json"],
  run({ context, words }) {
    refuseMore(words, 0);
    return context.goalState();
  },
};

export const relationTools: Readonly<Record<string, Tool>> = {
  "relation-ids": relationIds,
  "relation-list": relationList,
  "relation-get": relationGet,
  "relation-set": relationSet,
  "is-leader": isLeader,
  "goal-state": goalState,
};

/** Gone in Juju 4.0. */
export const leaderTools: Readonly<Record<string, Tool>> = {
  "leader-get": leaderGet,
  "leader-set": leaderSet,
};
