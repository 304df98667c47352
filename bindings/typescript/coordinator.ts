/**
 * The API for charm authors: ask for a lock, see whether it is held, and let the end of the hook give it back.
 *
 * @module
 */

import { Asker } from "./asks.js";
import type { Effect, End, FlagChanges, Input, LogLine, Policy, Status, View } from "./contract.js";
import { exchange, isObject } from "./contract.js";
import { freshCore } from "./core.js";
import type { Callable } from "./engine.js";
import { ModuleError, PolicyError, UsageError } from "./errors.js";
import type { Host } from "./host.js";
import { documentOf, type PolicyFunction, PolicyModule } from "./policy.js";
import { isQuiet, type Snapshot } from "./quiet.js";
import type { Asking, InForce, PolicySource } from "./swap.js";
import { checkData, checkLock } from "./usage.js";

/** What an action or juju-exec may ask for by name; in a hook all of it is allowed. */
export type Act = "acquire" | "withdraw" | "release" | "decide";

export interface CoordinatorOptions {
  /** Rules, a function of the charm's own, or a module. Default: `"simple"`, one unit at a time whatever the lock. */
  readonly policy?: Policy | PolicyFunction | PolicyModule;
  /**
   * Rules that an operator gave, in place of `policy`; `""` and undefined mean that there are none. They are not checked here:
   * with rules that are wrong nothing new is granted, and {@link Coordinator.status} says why.
   */
  readonly operatorPolicy?: unknown;
  /** Where an operator's policy comes from, in place of `policy` and `operatorPolicy`. Default: nowhere. */
  readonly swap?: PolicySource;
  /** When the leader may act on a grant to itself. Default: `"published"`. `"unsafe"` may run beside another unit. */
  readonly selfGrant?: "published" | "committed" | "unsafe";
  /** The key in relation data and leader settings; all units must use the same. Default: `"coordinator"`. */
  readonly key?: string;
  /** Only looked at in an action or juju-exec. */
  readonly allow?: readonly Act[];
}

/** What the core answers to `start` in a hook with nothing to decide. */
const NOTHING: View = {
  granted: [],
  requested: [],
  leading: false,
  flags: { set: [], clear: [] },
  problems: [],
  log: [],
};

/** It becomes part of a hook tool's arguments: `key=value`. */
const KEY = /^[A-Za-z0-9][\w.-]*$/;

/**
 * The coordinator of one hook.
 *
 * @example
 * ```ts
 * const coordinator = new Coordinator(jujuHost(), { policy: "serial" });
 * coordinator.start();
 * coordinator.whenGranted("restart", () => restartService());
 * if (configChanged) coordinator.acquire("restart");
 * // The end of a hook that succeeds gives back what was held.
 * ```
 */
export class Coordinator {
  readonly #host: Host;
  readonly #options: CoordinatorOptions;
  readonly #key: string;
  readonly #asker: Asker;
  /** Whether the core may be left alone in a hook with nothing to decide. */
  readonly #mayBeQuiet: boolean;
  /** What `start` is to be told as soon as the core is asked, and null afterwards. */
  #unasked: Snapshot | null = null;
  #inForce: InForce | null = null;
  #view: View | null = null;
  #isOver = false;
  #waiting: { lock: string; run: () => void }[] = [];

  /**
   * @param core - asked in every hook; by default a fresh instance of the one in this package, which is made when there is something to
   * ask.
   */
  constructor(host: Host, options: CoordinatorOptions = {}, core?: Callable) {
    const { key = "coordinator" } = options;
    if (typeof key !== "string" || !KEY.test(key)) {
      throw new UsageError("bad_type", `key must be a word, not ${JSON.stringify(key)}`);
    }
    this.#host = host;
    this.#options = options;
    this.#key = key;
    this.#mayBeQuiet = core === undefined;
    this.#asker = new Asker(() => this.#checked(core ?? freshCore()), host, key);
  }

  /**
   * Reads what Juju says and finds out what this unit holds. To be called once, before anything else. Registers {@link end} for
   * the end of the hook; an action or juju-exec ends so only if it was allowed something.
   *
   * @throws HostError if Juju cannot be read: the hook must fail.
   * @throws PolicyError if the rules in `policy` are not valid. Where there is nothing to decide they are not looked at.
   */
  start(): void {
    const { hook } = this.#host;
    const { allow = [], swap } = this.#options;
    // First of all: to fetch a module may take long, and what is-leader says is good for 30 seconds.
    if (swap?.isDue(hook)) this.#inForce = swap.refresh(this.#asking());
    const snapshot = this.#snapshot();
    if (this.#view === null && this.#mayBeQuiet && isQuiet(snapshot)) {
      this.#unasked = snapshot;
      this.#view = NOTHING;
    } else {
      this.#begin(snapshot);
    }
    if (hook.kind === "hook" || allow.length > 0) hook.onEnd(() => this.end());
    this.#runGranted();
  }

  /**
   * Asks for a lock, unless it was asked for before.
   *
   * @param lock - 1 to 256 bytes.
   * @param data - for the policy; an object that JSON can say. Kept with the request.
   * @returns whether the lock is held now. If not, a later hook of this unit will find it granted.
   * @throws CoreError `bad_lock`, `bad_clock`, `not_in_hook`, `unknown_version`.
   */
  acquire(lock: string, data?: Readonly<Record<string, unknown>>): boolean {
    checkLock(lock);
    checkData(data);
    this.#take(this.#ask<View>({ op: "acquire", lock, ...(data === undefined ? {} : { data }) }));
    this.#runGranted();
    return this.granted(lock);
  }

  /** Whether this unit holds the lock now, until the end of this hook. */
  granted(lock: string): boolean {
    checkLock(lock);
    return this.#seen().granted.includes(lock);
  }

  /** Whether this unit has asked for the lock and does not hold it yet. */
  requested(lock: string): boolean {
    checkLock(lock);
    return this.#seen().requested.includes(lock);
  }

  /** Takes a request back, or gives up a lock that is held. */
  withdraw(lock: string): void {
    checkLock(lock);
    this.#take(this.#ask<View>({ op: "withdraw", lock }));
  }

  /** Who holds, who waits, and why. */
  status(): Status {
    const status = this.#ask<Status>({ op: "status" });
    const { problems = [] } = this.#inForce ?? {};
    return { ...status, problems: [...status.problems, ...problems] };
  }

  /**
   * Runs `run` once, as soon as the lock is held in this hook: at once, or inside {@link start} or {@link acquire}.
   *
   * @param run - must be done when it returns: a Promise would outlive the lock. `charm()` takes asynchronous handlers.
   */
  whenGranted(lock: string, run: () => void): void {
    checkLock(lock);
    if (typeof run !== "function") throw new UsageError("bad_type", "expected a function to run");
    this.#waiting.push({ lock, run });
    if (this.#view !== null) this.#runGranted();
  }

  /**
   * Gives back what is held, decides if this unit leads, and writes what has changed. A second call does nothing.
   *
   * @throws ModuleError or CoreError before anything is written; HostError if a write fails. The hook must fail in each case.
   */
  end(): void {
    if (this.#isOver) return;
    if (this.#unasked !== null) {
      this.#isOver = true;
      return;
    }
    const { effects, log } = this.#asker.request<End>({ op: "end" });
    this.#isOver = true;
    const acts = effects.map((effect) => this.#actOf(effect));
    this.#log(log);
    for (const act of acts) act();
  }

  #begin(snapshot: Snapshot): void {
    const { allow = [], policy, swap } = this.#options;
    this.#inForce ??=
      swap === undefined
        ? { document: this.#own(), module: null, problems: [] }
        : swap.inForce(this.#asking(), snapshot.leader);
    const { document, module } = this.#inForce;
    this.#asker.policy = module ?? (isExternal(policy) ? policy : null);
    this.#take(this.#asker.request<View>({ op: "start", ...snapshot, policy: document, allow }));
  }

  #asking(): Asking {
    return { host: this.#host, own: this.#own(), check: (policy) => this.#asker.check(policy) };
  }

  /** One operation between `start` and `end`, of which the core may not have heard yet. */
  #ask<Ok>(input: Input): Ok {
    if (this.#unasked !== null && !this.#isOver) {
      const snapshot = this.#unasked;
      this.#unasked = null;
      this.#begin(snapshot);
    }
    return this.#asker.request<Ok>(input);
  }

  /** The order is that of rule 4: is-leader, then this unit's data, then the grants; what only a leader needs comes last. */
  #snapshot(): Snapshot & Readonly<Record<string, unknown>> {
    const { leadership, peers, flags, hook } = this.#host;
    const leader = this.#asker.isLeader();
    const own = peers.own();
    const settings = this.#asker.grants(leadership.read());
    const members = leader && own !== null ? peers.members() : [];
    const databags = this.#asker.databags(members);
    if (own !== null) databags[hook.unit] = this.#asker.databag(own);
    return {
      unit: hook.unit,
      context: hook.kind,
      hook: hook.name,
      remote_unit: hook.remoteUnit,
      departing_unit: hook.departingUnit,
      leader,
      store: leadership.store,
      relation: own !== null,
      databags,
      members,
      settings,
      ...(own === null ? { saved: peers.readSaved(this.#key) } : {}),
      flags: flags.current(),
      self_grant: this.#options.selfGrant,
      key: this.#key,
      subordinate: hook.subordinate,
    };
  }

  /** The charm's own policy, and rules that it was given by its operator. */
  #own(): Policy | undefined {
    const { policy, operatorPolicy } = this.#options;
    if (operatorPolicy !== undefined && operatorPolicy !== "") return operatorPolicy as Policy;
    return policy === undefined ? undefined : documentOf(policy);
  }

  /** The core, once it has found the charm's own rules right. */
  #checked(core: Callable): Callable {
    const { policy } = this.#options;
    if (policy === undefined || typeof policy === "function") return core;
    const answer = exchange(core, { op: "check", policy: documentOf(policy) });
    if (!("error" in answer)) return core;
    const { code, message, path } = answer.error;
    throw new PolicyError(code, message, path);
  }

  #seen(): View {
    if (this.#view !== null && !this.#isOver) return this.#view;
    throw new UsageError("bad_order", "this can be told only between start() and end()");
  }

  #take(view: View): void {
    this.#view = view;
    this.#changeFlags(view.flags);
    this.#log(view.log);
  }

  #log(lines: readonly LogLine[]): void {
    for (const { level, message } of lines) this.#host.hook.log(level, message);
  }

  #changeFlags({ set, clear }: FlagChanges): void {
    for (const flag of clear) this.#host.flags.clear(flag);
    for (const flag of set) this.#host.flags.set(flag);
  }

  /** What runs may itself acquire, and so come back here: each is taken off the list before it runs. */
  #runGranted(): void {
    for (;;) {
      const next = this.#waiting.findIndex(({ lock }) => this.#seen().granted.includes(lock));
      if (next === -1) return;
      const [{ lock, run }] = this.#waiting.splice(next, 1) as [
        { lock: string; run: () => unknown },
      ];
      const result = run();
      if (isObject(result) && typeof result.then === "function") {
        throw new UsageError(
          "bad_type",
          `what runs when ${lock} is granted returned a Promise; it must be done when it returns`,
        );
      }
    }
  }

  #actOf(effect: Effect): () => void {
    const { leadership, peers } = this.#host;
    switch (effect.do) {
      case "flags":
        return () => this.#changeFlags(effect);
      case "databag":
        return () => peers.writeOwn(effect.values);
      case "saved":
        return () => peers.writeSaved(this.#key, effect.value);
      case "application":
      case "settings":
        return () => {
          // Leader settings are written at once, and time may have passed since the core decided.
          const isLate = effect.do === "settings" && this.#asker.isLate();
          if (!isLate && leadership.write(effect.values)) return;
          const message = isLate
            ? "the grants of this hook are not written: Juju said too long ago that this unit leads"
            : "Juju refused the grants of this hook: this unit does not lead any more";
          this.#host.hook.log("WARNING", message);
        };
      default:
        throw new ModuleError("bad_answer", `unknown effect ${JSON.stringify(effect)}`);
    }
  }
}

function isExternal(policy: unknown): policy is PolicyFunction | PolicyModule {
  return typeof policy === "function" || policy instanceof PolicyModule;
}
