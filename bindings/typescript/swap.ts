/**
 * The operator's policy: a module in a charm resource or in a file of the charm, and rules in a config option. What is new is loaded,
 * described and checked before it takes the place of the old; if it fails, the old one goes on, and the operator is told.
 *
 * @module
 */

import { join, resolve } from "node:path";
import { type ErrorAnswer, isObject, type Policy, type Problem } from "./contract.js";
import { ModuleError } from "./errors.js";
import type { Hook, Host } from "./host.js";
import { type Kept, KeptFolder, NOTHING_KEPT, type Origin, type Refused } from "./kept.js";
import { type File, findOffer, messageOf, type Places, Refusal } from "./offer.js";
import { keptPolicy, loadPolicy, type PolicyModule, sha256Of } from "./policy.js";

export interface SwapOptions {
  /** The charm resource that holds a module, or null. An empty file is none. Default: `"coordinator-policy"`. */
  readonly resource?: string | null;
  /** The config option that holds rules, as YAML, or null. Default: `"coordinator-policy"`. */
  readonly option?: string | null;
  /** A module among the charm's files, for when the resource has none. Default: null. */
  readonly file?: string | null;
  /** The module's config, where the option gives none. Default: `{}`. */
  readonly config?: unknown;
  /** Where the policy in force is kept. Default: `.coordinator-policy` in the charm's directory. */
  readonly folder?: string;
  /** Milliseconds that one operation of a module may take, if its fuel lasts. Default: 2,000. */
  readonly time?: number;
}

/** What decides in this hook. */
export interface InForce {
  /** As the core takes it; undefined: its default. */
  readonly document: Policy | undefined;
  readonly module: PolicyModule | null;
  readonly problems: readonly Problem[];
}

/** What a {@link PolicySource} needs of the coordinator. */
export interface Asking {
  readonly host: Host;
  /** The charm's own policy, which decides where the operator gives none. */
  readonly own: Policy | undefined;
  /** What the core has against a policy, or null. */
  readonly check: (policy: Policy) => ErrorAnswer | null;
}

/** In these Juju tells of a new resource, a new option, or that this unit leads. */
const REFRESHING = ["install", "start", "upgrade-charm", "config-changed", "leader-elected"];

/** Where an operator puts a policy. */
const NAME = "coordinator-policy";

/**
 * For `swap` of a {@link Coordinator}, or of `charm()`.
 *
 * @example
 * ```ts
 * // juju attach-resource my-charm coordinator-policy=./half.wasm
 * // juju config my-charm coordinator-policy="parallel:2"
 * const c = charm({ policy: "serial", swap: new PolicySource() });
 * c.on("config-changed", ({ acquire }) => void acquire("restart"));
 * c.when("coordinator.granted.restart", () => restartService());
 * await c.run();
 * ```
 */
export class PolicySource {
  readonly #options: SwapOptions;
  readonly #places: Places;
  readonly #folder: KeptFolder;

  constructor(options: SwapOptions = {}) {
    const { resource = NAME, option = NAME, file = null, folder = `.${NAME}` } = options;
    const charm = process.env.JUJU_CHARM_DIR || process.env.CHARM_DIR || process.cwd();
    this.#options = options;
    this.#places = { resource, option, file: file === null ? null : resolve(charm, file) };
    this.#folder = new KeptFolder(join(resolve(charm, folder)));
  }

  /** Whether there may be something new in this hook. In all others no hook tool is run for it, unless nothing was kept. */
  isDue({ kind, name }: Hook): boolean {
    return kind === "hook" && REFRESHING.includes(name);
  }

  /** What was kept; a leader with nothing kept looks for what there is. */
  inForce(asking: Asking, leader: boolean): InForce {
    const { kept, problems } = this.#read();
    if (kept === null && leader && asking.host.hook.kind === "hook") return this.refresh(asking);
    const old = kept ?? NOTHING_KEPT;
    return { ...this.#of(asking.own, old, null), problems: [...problems, ...this.#told(old)] };
  }

  /** Looks for what is new, and takes all of it or nothing. */
  refresh(asking: Asking): InForce {
    const { hook } = asking.host;
    const { kept: found, problems } = this.#read();
    for (const { message } of problems) hook.log("WARNING", message);
    const old = found ?? NOTHING_KEPT;
    try {
      const { kept, module, file } = this.#load(asking, old);
      this.#keep(kept, file);
      if (JSON.stringify(kept) !== JSON.stringify(old)) {
        hook.log("INFO", `the policy is now ${describe(kept)}`);
      }
      return { ...this.#of(asking.own, kept, module), problems };
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      const inForce = this.#goOn(asking, old, error.refused);
      return { ...inForce, problems: [...problems, ...inForce.problems] };
    }
  }

  #read(): { kept: Kept | null; problems: Problem[] } {
    try {
      return { kept: this.#folder.read(), problems: [] };
    } catch (error) {
      const message = `what was kept of the policy cannot be read: ${messageOf(error)}`;
      return { kept: null, problems: [{ code: "bad_record", message }] };
    }
  }

  /** What is there now, checked. @throws Refusal */
  #load(
    { host, own, check }: Asking,
    old: Kept,
  ): { kept: Kept; module: PolicyModule | null; file: File | null } {
    const { file, option } = findOffer(host.hook, this.#places, old.from === "resource");
    const config = option.config ?? this.#options.config ?? {};
    const module = file === null ? null : this.#loadModule(host.hook, file, config);
    const { name, version, sha256, needs } = module ?? NOTHING_KEPT;
    const { rules, limit } = option;
    const from = file === null ? ("" as const) : file.from;
    const about = { from, name, version, sha256, config: module === null ? {} : config, needs };
    const kept: Kept = { v: 1, ...about, rules, limit, refused: null };

    // The charm's own is not the operator's to mend; it is looked at when the core is asked.
    const isOwn = file === null && rules === null && limit === null;
    const error = isOwn ? null : check(documentOf(own, kept)!);
    if (error === null) return { kept, module, file };
    const at = file === null || rules !== null || limit !== null ? "option" : file.from;
    throw new Refusal(at, error.code, `${error.message} (at ${error.path})`, file?.sha256);
  }

  #loadModule(hook: Hook, { from, bytes, sha256 }: File, config: unknown): PolicyModule {
    const { time } = this.#options;
    const log = (line: string): void => hook.log("WARNING", `${this.#keyOf(from)}: ${line}`);
    try {
      return loadPolicy(bytes, { config, log, ...(time === undefined ? {} : { time }) });
    } catch (error) {
      // Whatever else it is must not cost the hook either.
      const code = error instanceof ModuleError ? error.code : "policy_failed";
      throw new Refusal(from, code, messageOf(error), sha256);
    }
  }

  /** The old policy goes on, and everybody is told why. */
  #goOn({ host, own }: Asking, old: Kept, refused: Refused): InForce {
    const kept = { ...old, refused };
    const problems = this.#told(kept);
    try {
      this.#keep(kept, null);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      if (refused.code !== error.refused.code) problems.push(this.#problemOf(error.refused));
    }
    for (const { key, message } of problems) {
      const line = `${key} is refused: ${message}; the policy is still ${describe(old)}`;
      host.hook.log("WARNING", line);
    }
    return { ...this.#of(own, old, null), problems };
  }

  /** @throws Refusal */
  #keep(kept: Kept, file: File | null): void {
    try {
      this.#folder.write(kept, file?.bytes ?? null);
    } catch (error) {
      const message = `it cannot be kept: ${messageOf(error)}`;
      throw new Refusal(file?.from ?? "option", "folder_failed", message, file?.sha256);
    }
  }

  #of(own: Policy | undefined, kept: Kept, module: PolicyModule | null): Omit<InForce, "problems"> {
    const document = documentOf(own, kept);
    if (kept.from === "") return { document, module: null };
    return { document, module: module ?? this.#moduleOf(kept) };
  }

  /** The module in the folder, loaded when it is first asked. */
  #moduleOf(kept: Kept): PolicyModule {
    const { time } = this.#options;
    const read = (): Uint8Array => {
      const bytes = this.#folder.module();
      if (bytes !== null && sha256Of(bytes) === kept.sha256) return bytes;
      this.#folder.forget();
      throw new ModuleError("lost", "the file that was kept is not there any more");
    };
    return keptPolicy(kept, read, { config: kept.config, ...(time === undefined ? {} : { time }) });
  }

  #told({ refused }: Kept): Problem[] {
    return refused === null ? [] : [this.#problemOf(refused)];
  }

  #problemOf({ from, code, message }: Refused): Problem {
    return { code: "policy_refused", key: this.#keyOf(from), message: `${code}: ${message}` };
  }

  #keyOf(from: Origin): string {
    return `${from} ${from === "file" ? this.#options.file : this.#places[from]}`;
  }
}

/** A module alone, or with the option's rules; without a module those rules, else the charm's own. */
function documentOf(own: Policy | undefined, kept: Kept): Policy | undefined {
  const { from, name, sha256, needs, rules, limit } = kept;
  const bound = limit === null ? {} : { limit };
  if (from !== "") {
    const external = { name, sha256, needs };
    return { ...(rules === null ? {} : { rules }), external, ...bound } as Policy;
  }
  if (rules !== null) return { rules, ...bound } as Policy;
  if (limit === null) return own;
  const isParts = isObject(own) && !Object.hasOwn(own, "rule");
  return { ...(isParts ? own : { rules: own ?? "simple" }), limit } as Policy;
}

/** For a person. */
function describe({ from, name, version, sha256, rules, limit }: Kept): string {
  const parts: string[] = [];
  if (from !== "") {
    parts.push(`${name} ${version} (sha256 ${sha256.slice(0, 12)}), from the ${from}`);
  }
  if (rules !== null || limit !== null) {
    const said = limit === null ? rules : { ...(rules === null ? {} : { rules }), limit };
    parts.push(`${JSON.stringify(said)}, from the option`);
  }
  return parts.join(", and ") || "the charm's own";
}
