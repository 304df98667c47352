/**
 * The hook tools about the unit itself: configuration, status, saved state, log, resources.
 *
 * @module
 */

import { allows, keyValues, refuseMore, takes, usage } from "./arguments.js";
import { type StatusWord, statusWords } from "./context.js";
import { ToolError } from "./errors.js";
import type { Status } from "./state.js";
import { allFormats, fileValues, noFormats, oneOrAll, type Tool } from "./tool.js";

const configGet: Tool = {
  usage: "[options] [<key>]",
  options: allows("a", "all"),
  formats: allFormats,
  run({ context, words, options }) {
    refuseMore(words, 1);
    const key = words[0];
    const values = context.configGet();
    if (key !== undefined && key !== "-") return oneOrAll(values, key);
    if (options.all === "true") return values;
    const set = Object.entries(values).filter(([, value]) => value !== null);
    return Object.fromEntries(set);
  },
};

const statusSet: Tool = {
  usage: "[options] <maintenance | blocked | waiting | active> [message]",
  options: allows("application"),
  formats: noFormats,
  run({ context, words, options }) {
    const [word, message = ""] = words;
    if (word === undefined) throw usage("invalid args, require <status> [message]");
    const status = statusWords.find((one): one is StatusWord => one === word);
    if (status === undefined) {
      const expected = statusWords.join(" ");
      throw usage(`invalid status ${JSON.stringify(word)}, expected one of [${expected}]`);
    }
    refuseMore(words, 2);
    context.statusSet(status, message, { application: options.application === "true" });
  },
};

const statusGet: Tool = {
  usage: "[options] [--include-data] [--application]",
  options: { ...allows("include-data"), ...allows("application") },
  formats: allFormats,
  run({ context, words, options, format }) {
    refuseMore(words, 0);
    const withData = options["include-data"] === "true";
    if (options.application !== "true") {
      const status = context.statusGet();
      return !withData && format === "smart" ? status.status : statusFields(status, withData);
    }
    const found = context.applicationStatusGet();
    if (!withData && format === "smart") return found.application.status;
    const units = Object.fromEntries(
      Object.entries(found.units).map(([name, status]) => [name, statusFields(status, withData)]),
    );
    return { "application-status": { ...statusFields(found.application, withData), units } };
  },
};

function statusFields(status: Status, withData: boolean): Record<string, unknown> {
  if (!withData) return { status: status.status };
  return { message: status.message, status: status.status, "status-data": {} };
}

const jujuLog: Tool = {
  usage: "[options] <message>",
  options: { ...takes("l", "log-level"), ...allows("debug"), ...takes("format") },
  formats: noFormats,
  run({ context, words, options }) {
    if (words.length === 0) throw usage("no message specified");
    const level = options.debug === "true" ? "DEBUG" : (options["log-level"] ?? "INFO");
    context.jujuLog(level, words.join(" "));
  },
};

const stateGet: Tool = {
  usage: "[options] [<key>]",
  options: allows("strict"),
  formats: allFormats,
  run({ context, words, options, format }) {
    refuseMore(words, 1);
    const key = words[0];
    const values = context.stateGet();
    if (key === undefined || key === "-" || key === "") {
      const isNull =
        context.version === "4.0" && format === "json" && Object.keys(values).length === 0;
      return isNull ? null : values;
    }
    if (Object.hasOwn(values, key)) return values[key];
    if (options.strict === "true") {
      throw new ToolError("not_found", `${JSON.stringify(key)} not found`);
    }
    return "";
  },
};

const stateSet: Tool = {
  usage: "[options] key=value [key=value ...]",
  options: takes("file"),
  formats: noFormats,
  run(call) {
    const words = keyValues(call.words);
    call.context.stateSet({ ...fileValues(call), ...words });
  },
};

const stateDelete: Tool = {
  usage: "<key>",
  options: {},
  formats: noFormats,
  run({ context, words }) {
    refuseMore(words, 1);
    if (words[0] === undefined) throw usage("a key is required");
    context.stateDelete(words[0]);
  },
};

const applicationVersionSet: Tool = {
  usage: "<new-version>",
  options: {},
  formats: noFormats,
  run({ context, words }) {
    if (words[0] === undefined) throw usage("no version specified");
    refuseMore(words, 1);
    context.applicationVersionSet(words[0]);
  },
};

const resourceGet: Tool = {
  usage: "<resource name>",
  options: {},
  formats: ["smart"],
  run({ context, words }) {
    if (words[0] === undefined) throw usage("missing required resource name");
    refuseMore(words, 1);
    return context.resourceGet(words[0]);
  },
};

export const unitTools: Readonly<Record<string, Tool>> = {
  "application-version-set": applicationVersionSet,
  "config-get": configGet,
  "juju-log": jujuLog,
  "resource-get": resourceGet,
  "state-delete": stateDelete,
  "state-get": stateGet,
  "state-set": stateSet,
  "status-get": statusGet,
  "status-set": statusSet,
};
