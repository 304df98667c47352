/**
 * The host of a real charm: Juju's hook tools, run one after another. Each takes 20 to 50 ms, so none is run that need not be.
 *
 * @module
 */

import { Clock } from "./clock.js";
import { isObject } from "./contract.js";
import { HookToolError, HostError } from "./errors.js";
import { MemoryFlags } from "./flags.js";
import type {
  ContextKind,
  Hook,
  Host,
  Leadership,
  LogLevel,
  Peers,
  Store,
  Values,
} from "./host.js";
import { peerRelationName } from "./metadata.js";
import { type RunTool, runTool, Tools, unexpected } from "./tools.js";

export interface JujuOptions {
  /** The peer relation. Default: `coordinator` if the charm's metadata has it, else its first peer relation by name. */
  readonly relation?: string;
  /** Where the grants are kept. Default: the application databag on Juju 4 and later, else leader settings. */
  readonly store?: Store;
  /** Default: the environment of this process. */
  readonly env?: NodeJS.ProcessEnv;
  readonly run?: RunTool;
}

/** Linux takes no longer argument; NUL included. */
const LONGEST_ARGUMENT = 131_071;
const UNIT_NAME = /^[a-z0-9][a-z0-9-]*\/[0-9]+$/;

/**
 * The host of the hook that runs now.
 *
 * What is registered by `hook.onEnd` runs when this process exits with code 0, as the last thing it does; if that fails, the
 * process exits with code 1 instead.
 *
 * @throws HostError `no_hook` outside a hook.
 */
export function jujuHost(options: JujuOptions = {}): Host {
  const { env = process.env, run = runTool } = options;
  const unit = env.JUJU_UNIT_NAME;
  if (!unit) {
    throw new HostError("no_hook", "JUJU_UNIT_NAME is not set: this must run in a hook of Juju");
  }
  const store = options.store ?? (majorVersion(env) >= 4 ? "application" : "settings");
  const tools = new Tools(run);
  const relation = new PeerRelation(tools, unit, () => options.relation ?? peerRelationName(env));
  const leadership =
    store === "settings" ? new LeaderSettings(tools) : new ApplicationDatabag(tools, relation);
  return {
    leadership,
    peers: relation,
    flags: new MemoryFlags(),
    hook: new JujuHook(tools, relation, unit, env),
  };
}

function majorVersion(env: NodeJS.ProcessEnv): number {
  return Number.parseInt(env.JUJU_VERSION ?? "", 10) || 0;
}

/** Juju ≤ 3.6. leader-set takes no file, so each value must fit into one argument. */
class LeaderSettings implements Leadership {
  readonly store = "settings";
  readonly #tools: Tools;

  constructor(tools: Tools) {
    this.#tools = tools;
  }

  isLeader(): boolean {
    return this.#tools.isLeader();
  }

  read(): Values {
    return this.#tools.values("leader-get", "-");
  }

  write(values: Values): boolean {
    const args = Object.entries(values).map(([key, value]) => `${key}=${value}`);
    return this.#tools.write(/not the leader|cannot write leadership settings/, "leader-set", args);
  }
}

/** Juju ≥ 4.0, or by choice. */
class ApplicationDatabag implements Leadership {
  readonly store = "application";
  readonly #tools: Tools;
  readonly #relation: PeerRelation;

  constructor(tools: Tools, relation: PeerRelation) {
    this.#tools = tools;
    this.#relation = relation;
  }

  isLeader(): boolean {
    return this.#tools.isLeader();
  }

  read(): Values {
    const { id, application } = this.#relation;
    if (id === null) return {};
    return this.#tools.values("relation-get", "-r", id, "--app", "-", application);
  }

  write(values: Values): boolean {
    const args = ["-r", this.#relation.existing(), "--app", "--file", "-"];
    return this.#tools.write(
      /not the leader|cannot write relation settings/,
      "relation-set",
      args,
      JSON.stringify(values),
    );
  }
}

class PeerRelation implements Peers {
  readonly application: string;
  readonly #tools: Tools;
  readonly #unit: string;
  readonly #name: () => string | null;
  #id: string | null | undefined;

  constructor(tools: Tools, unit: string, name: () => string | null) {
    this.#tools = tools;
    this.#unit = unit;
    this.#name = name;
    this.application = unit.slice(0, unit.indexOf("/"));
  }

  /** The relation's id, asked for once; null if there is none. */
  get id(): string | null {
    if (this.#id === undefined) {
      const name = this.#name();
      this.#id = (name !== null && this.#tools.strings("relation-ids", name).sort()[0]) || null;
    }
    return this.#id;
  }

  existing(): string {
    if (this.id === null) throw new HostError("no_relation", "there is no peer relation yet");
    return this.id;
  }

  own(): Values | null {
    return this.id === null ? null : this.#read(this.id, this.#unit);
  }

  members(): string[] {
    return this.id === null ? [] : this.#tools.strings("relation-list", "-r", this.id);
  }

  of(unit: string): Values | null {
    // The names come out of data that any unit may write: nothing that a hook tool could take for an option.
    if (this.id === null || !UNIT_NAME.test(unit)) return null;
    try {
      return this.#read(this.id, unit);
    } catch (error) {
      if (error instanceof HookToolError && error.exitCode !== null) return null;
      throw error;
    }
  }

  writeOwn(values: Values): void {
    const args = ["-r", this.existing(), "--file", "-"];
    this.#tools.run("relation-set", args, JSON.stringify(values));
  }

  planned(): Record<string, string> {
    const state = this.#tools.json("goal-state");
    const units = isObject(state) ? state.units : undefined;
    if (!isObject(units)) throw unexpected("goal-state", "units", JSON.stringify(state));
    return Object.fromEntries(
      Object.entries(units).map(([unit, about]) => [
        unit,
        isObject(about) ? `${about.status}` : "",
      ]),
    );
  }

  readSaved(key: string): string {
    const value = this.#tools.json("state-get", key) ?? "";
    if (typeof value === "string") return value;
    throw unexpected("state-get", "a string", JSON.stringify(value));
  }

  writeSaved(key: string, value: string): void {
    this.#tools.run("state-set", ["--file", "-"], JSON.stringify({ [key]: value }));
  }

  #read(id: string, unit: string): Values {
    return this.#tools.values("relation-get", "-r", id, "-", unit);
  }
}

class JujuHook implements Hook {
  readonly unit: string;
  readonly kind: ContextKind;
  readonly name: string;
  readonly subordinate: boolean;
  readonly #tools: Tools;
  readonly #relation: PeerRelation;
  readonly #env: NodeJS.ProcessEnv;
  readonly #callbacks: (() => void)[] = [];
  readonly #clock = new Clock();

  constructor(tools: Tools, relation: PeerRelation, unit: string, env: NodeJS.ProcessEnv) {
    this.#tools = tools;
    this.#relation = relation;
    this.#env = env;
    this.unit = unit;
    this.name = env.JUJU_HOOK_NAME ?? "";
    this.kind = env.JUJU_ACTION_NAME ? "action" : this.name === "" ? "exec" : "hook";
    this.subordinate = Boolean(env.JUJU_PRINCIPAL_UNIT);
  }

  get remoteUnit(): string | null {
    return this.#ofThisRelation(this.#env.JUJU_REMOTE_UNIT);
  }

  get departingUnit(): string | null {
    return this.#ofThisRelation(this.#env.JUJU_DEPARTING_UNIT);
  }

  /** A second peer relation has the same units in it, but in its hooks Juju has not read this one's databags anew. */
  #ofThisRelation(unit: string | undefined): string | null {
    if (!unit || this.#env.JUJU_RELATION_ID !== this.#relation.id) return null;
    return unit;
  }

  now(): string {
    return `${new Date().toISOString().replace("T", " ").slice(0, -1)}000Z`;
  }

  monotonic(): number {
    return this.#clock.seconds();
  }

  config(): Record<string, unknown> {
    const answer = this.#tools.json("config-get");
    if (isObject(answer)) return answer;
    throw unexpected("config-get", "options", JSON.stringify(answer));
  }

  resource(name: string): string | null {
    try {
      return this.#tools.run("resource-get", [name]).replace(/\n$/, "");
    } catch (error) {
      if (error instanceof HookToolError && /not found/.test(error.stderr) && error.exitCode === 1)
        return null;
      throw error;
    }
  }

  /**
   * What a hook prints is logged by Juju at DEBUG, without the price of a hook tool. Messages quote what other units wrote, so
   * no control character is passed on. A line that cannot be logged goes to stderr and does not fail the hook.
   */
  log(level: LogLevel, message: string): void {
    const line = message.replace(/\p{Cc}/gu, " ");
    if (level === "DEBUG" || level === "INFO") {
      process.stdout.write(`${level} ${line}\n`);
      return;
    }
    const argument = beginningOf(line, LONGEST_ARGUMENT);
    try {
      this.#tools.run("juju-log", ["-l", level, "--", argument]);
    } catch (error) {
      if (!(error instanceof HookToolError)) throw error;
      process.stderr.write(`${level} ${line}\n`);
    }
  }

  onEnd(callback: () => void): void {
    if (this.#callbacks.length === 0) process.once("exit", (code) => this.#finish(code));
    this.#callbacks.push(callback);
  }

  #finish(code: number): void {
    if (code !== 0) return;
    try {
      for (const callback of this.#callbacks) callback();
    } catch (error) {
      console.error(error);
      process.exitCode = 1;
    }
  }
}

/** As many whole characters as fit into so many bytes. */
function beginningOf(text: string, most: number): string {
  const bytes = Buffer.from(text);
  let end = most;
  while (end < bytes.length && (bytes[end]! & 0xc0) === 0x80) end--;
  return bytes.subarray(0, end).toString();
}
