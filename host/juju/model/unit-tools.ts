/**
 * The hook tools about the unit itself: configuration, status, saved state, log, network, ports, resources, actions.
 *
 * @module
 */

import { allows, keyValues, refuseMore, takes, usage } from "./arguments.js";
import { type StatusWord, statusWords } from "./context.js";
import { ToolError } from "./errors.js";
import type { Status } from "./state.js";
import { allFormats, fileValues, noFormats, oneOrAll, relationOption, type Tool } from "./tool.js";

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

const networkFields = {
  "bind-address": "bind-addresses",
  "egress-subnets": "egress-subnets",
  "ingress-address": "ingress-addresses",
} as const;

const networkGet: Tool = {
  usage: "[options] <binding-name> [--ingress-address] [--bind-address] [--egress-subnets]",
  options: {
    ...relationOption,
    ...allows("bind-address"),
    ...allows("egress-subnets"),
    ...allows("ingress-address"),
    ...allows("primary-address"),
  },
  formats: allFormats,
  run({ context, words, options }) {
    const binding = words[0];
    if (binding === undefined) throw usage("no arguments specified");
    refuseMore(words, 1);
    if (binding !== context.relationName && binding !== "juju-info") {
      throw new ToolError(
        "not_found",
        `no network config found for binding ${JSON.stringify(binding)}`,
      );
    }
    const network = context.networkGet();
    const address = network["ingress-addresses"][0]!;
    if (options["primary-address"] === "true") return address;
    const asked = Object.keys(networkFields).filter((field) => options[field] === "true");
    if (asked.length === 0) return network;
    const answers = asked.map((field) => [
      field,
      field === "egress-subnets" ? network["egress-subnets"].join(",") : address,
    ]);
    return answers.length === 1 ? answers[0]![1] : Object.fromEntries(answers);
  },
};

const unitGet: Tool = {
  usage: "[options] <setting>",
  options: {},
  formats: allFormats,
  run({ context, words }) {
    refuseMore(words, 1);
    const setting = words[0];
    if (setting === undefined) throw usage("no setting specified");
    if (setting !== "private-address" && setting !== "public-address") {
      throw usage(`unknown setting ${JSON.stringify(setting)}`);
    }
    return context.unitGet();
  },
};

/** `80`, `80/tcp`, `8000-8010/udp` or `icmp`, in Juju's own spelling. */
function portRange(words: readonly string[]): string {
  const text = words[0];
  if (text === undefined) throw usage("no port or range specified");
  if (text === "icmp") return text;
  const match = /^(\d+)(?:-(\d+))?(?:\/(tcp|udp))?$/.exec(text);
  const from = Number(match?.[1]);
  const to = Number(match?.[2] ?? match?.[1]);
  if (match === null || from < 1 || to > 65535 || from > to) {
    throw usage(`invalid port range ${JSON.stringify(text)}: expected <port>[-<port>][/tcp|/udp]`);
  }
  return `${from === to ? from : `${from}-${to}`}/${match[3] ?? "tcp"}`;
}

const openPort: Tool = {
  usage: "[options] <port>[/<protocol>] or <from>-<to>[/<protocol>] or icmp",
  options: takes("endpoints"),
  formats: noFormats,
  run({ context, words }) {
    refuseMore(words, 1);
    context.openPort(portRange(words));
  },
};

const closePort: Tool = {
  ...openPort,
  run({ context, words }) {
    refuseMore(words, 1);
    context.closePort(portRange(words));
  },
};

const openedPorts: Tool = {
  usage: "[options]",
  options: {},
  formats: allFormats,
  run({ context, words }) {
    refuseMore(words, 0);
    return context.openedPorts();
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

export const unitTools: Readonly<Record<string, Tool>> = {
  "application-version-set": applicationVersionSet,
  "close-port": closePort,
  "config-get": configGet,
  "juju-log": jujuLog,
  "network-get": networkGet,
  "open-port": openPort,
  "opened-ports": openedPorts,
  "resource-get": resourceGet,
  "state-delete": stateDelete,
  "state-get": stateGet,
  "state-set": stateSet,
  "status-get": statusGet,
  "status-set": statusSet,
  "unit-get": unitGet,
};

export const actionTools: Readonly<Record<string, Tool>> = {
  "action-fail": actionFail,
  "action-get": actionGet,
  "action-log": actionLog,
  "action-set": actionSet,
};
