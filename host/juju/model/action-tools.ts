/**
 * The hook tools of actions.
 *
 * @module
 */

import { keyValues, refuseMore, usage } from "./arguments.js";
import { allFormats, noFormats, type Tool } from "./tool.js";

const actionGet: Tool = {
  usage: "[options] [<key>[.<key>.<key>...]]",
  options: {},
  formats: allFormats,
  run({ context, words }) {
    refuseMore(words, 1);
    let value: unknown = context.actionGet();
    for (const key of words[0]?.split(".") ?? []) {
      const holds = value !== null && typeof value === "object" && Object.hasOwn(value, key);
      value = holds ? (value as Record<string, unknown>)[key] : null;
    }
    return value;
  },
};

const actionSet: Tool = {
  usage: "<key>=<value> [<key>=<value> ...]",
  options: {},
  formats: noFormats,
  run({ context, words }) {
    context.actionSet(keyValues(words));
  },
};

const actionFail: Tool = {
  usage: '["<failure message>"]',
  options: {},
  formats: noFormats,
  run({ context, words }) {
    refuseMore(words, 1);
    context.actionFail(words[0] ?? "action failed without reason given, check action for errors");
  },
};

const actionLog: Tool = {
  usage: "<message>",
  options: {},
  formats: noFormats,
  run({ context, words }) {
    if (words.length === 0) throw usage("no message specified");
    context.actionLog(words.join(" "));
  },
};

export const actionTools: Readonly<Record<string, Tool>> = {
  "action-fail": actionFail,
  "action-get": actionGet,
  "action-log": actionLog,
  "action-set": actionSet,
};
