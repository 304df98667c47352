/**
 * The hook tools about addresses and ports. Every unit has a machine of its own with one address.
 *
 * @module
 */

import { allows, refuseMore, takes, usage } from "./arguments.js";
import { ToolError } from "./errors.js";
import { allFormats, noFormats, relationOption, type Tool } from "./tool.js";

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

export const networkTools: Readonly<Record<string, Tool>> = {
  "close-port": closePort,
  "network-get": networkGet,
  "open-port": openPort,
  "opened-ports": openedPorts,
  "unit-get": unitGet,
};
