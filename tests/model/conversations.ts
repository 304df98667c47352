/**
 * What hooks say to Juju and hear from it: a tree of calls and results, grown once by running the real library with the real core,
 * and then only walked. A hook that hears the same does the same, so a place in the tree is all that a state needs to hold of a
 * hook that is running.
 *
 * @module
 */

import type { Host, Store, Values } from "../../bindings/typescript/host.js";
import type { Locks } from "../e2e/rolling-charm.js";
import { call, event, hookName, isCommand, life, remoteOf } from "./calls.js";
import type { Contents, Writes } from "./contents.js";

/** A library under check: begins one hook. A fresh core for each. */
export interface Library {
  readonly name: string;
  open(host: Host): Locks & { withdraw?(lock: string): void };
  /** How many decisions of the core the library has asked for so far in this hook. */
  decisions(): number;
}

/** One place: what has been heard so far, and the call that comes next. */
export interface Place {
  readonly parent: number;
  /** The result that led here from the parent. */
  readonly result: number;
  readonly unit: number;
  readonly event: number;
  readonly next: number;
  readonly argument: number;
  /** How many decisions were made so far: between two of them the unit's clock may go on. */
  readonly decisions: number;
  /** is-leader has said True in this hook, or a write was accepted. */
  readonly led: boolean;
  /** Juju has said that the unit does not lead: that is final for the hook. */
  readonly minion: boolean;
  /** Leader settings as this context holds them, or -1. */
  readonly settings: number;
  /** The application databag as this context first touched it as leader, or -1. */
  readonly base: number;
  /** What the hook has buffered for the application databag, or -1. */
  readonly application: number;
  /** What the hook has buffered for its own databag, or -1. */
  readonly own: number;
  /** The locks it has operated under in this hook (bits). */
  readonly operated: number;
  readonly children: Map<number, number>;
}

/** In the argument of `operate`: the library says by its own record that the request is not granted. */
export const unmatched = 4;

class Suspended extends Error {}

export interface CharmOptions {
  readonly libraryOf: (unit: number) => Library;
  readonly store: Store;
  readonly locks: readonly string[];
  readonly policy: string;
  /** The locks that each unit's charm asks for (bits). */
  readonly wants: readonly number[];
  /** Once is-leader said False it says so until the hook ends. */
  readonly stickyFalse: boolean;
}

/** The tree. Places are numbered from 1. */
export class Conversations {
  readonly places: Place[] = [];
  /** What broken charms have said. */
  readonly messages: string[] = [];
  readonly #roots = new Map<number, number>();
  readonly #contents: Contents;
  readonly #writes: Writes;
  readonly #options: CharmOptions;

  constructor(options: CharmOptions, contents: Contents, writes: Writes) {
    this.#options = options;
    this.#contents = contents;
    this.#writes = writes;
    this.places.push(null as unknown as Place);
  }

  begin(unit: number, code: number): number {
    const key = unit * 32 + code;
    let root = this.#roots.get(key);
    if (root === undefined) {
      root = this.#grow(0, 0, unit, code);
      this.#roots.set(key, root);
    }
    return root;
  }

  follow(from: number, result: number): number {
    const place = this.places[from]!;
    let to = place.children.get(result);
    if (to === undefined) {
      to = this.#grow(from, result, place.unit, place.event);
      place.children.set(result, to);
    }
    return to;
  }

  /** What the hook that is at a place was asked and answered, from its beginning. */
  heard(number: number): { place: Place; result: number }[] {
    const heard: { place: Place; result: number }[] = [];
    for (let here = this.places[number]!; here.parent > 0; ) {
      const { result, parent } = here;
      here = this.places[parent]!;
      heard.push({ place: here, result });
    }
    return heard.reverse();
  }

  #grow(parent: number, result: number, unit: number, code: number): number {
    const results: number[] = [];
    if (parent > 0) results.push(...this.heard(parent).map((one) => one.result), result);
    const script = new Script(unit, code, results, this.#options, this.#contents, this.#writes);
    let [next, argument]: [number, number] = [call.exit, 0];
    try {
      runCharm(script, unit, code, this.#options);
    } catch (problem) {
      if (problem instanceof Suspended) [next, argument] = script.suspendedAt;
      else {
        [next, argument] = [call.broken, this.messages.length];
        this.messages.push(String(problem));
      }
    }
    const { decisions, led, minion, settings, base, application, own, operated } = script;
    this.places.push({
      ...{ parent, result, unit, event: code, next, argument, decisions, led, minion },
      ...{ settings, base, application, own, operated, children: new Map() },
    });
    return this.places.length - 1;
  }
}

/** The charm: asks for its locks on config-changed, and operates in any hook in which it holds one. */
function runCharm(script: Script, unit: number, code: number, options: CharmOptions): void {
  const locks = options.libraryOf(unit).open(script.host);
  let held = 0;
  let isUnmatched = false;
  if (code === event.withdraw) for (const lock of options.locks) locks.withdraw?.(lock);
  if (code === event.configChanged) {
    options.locks.forEach((lock, n) => {
      if (!((options.wants[unit]! >> n) & 1)) return;
      script.isAsking = true;
      if (locks.acquire(lock)) {
        held |= 1 << n;
        isUnmatched ||= !locks.granted(lock);
      }
      script.isAsking = false;
    });
  }
  if (!isCommand(code)) {
    options.locks.forEach((lock, n) => {
      if (locks.granted(lock)) held |= 1 << n;
    });
    if (held > 0) script.operate(held, isUnmatched);
  }
  script.end();
}

/** The ids of requests are times, with room between two readings of the clocks for ids that are made greater than another. */
export function timeOf(clock: number): string {
  return `2026-11-22 09:52:56.${String(100_000 + 8 * clock)}Z`;
}

/** Plays Juju to one run of a hook, by the results that are known; where they end the run is suspended. */
class Script {
  isAsking = false;
  suspendedAt: [number, number] = [call.exit, 0];
  led = false;
  minion = false;
  settings = -1;
  base = -1;
  application = -1;
  own = -1;
  operated = 0;
  readonly host: Host;
  readonly #results: readonly number[];
  readonly #options: CharmOptions;
  readonly #contents: Contents;
  readonly #writes: Writes;
  readonly #callbacks: (() => void)[] = [];
  readonly #begun: number;
  #at = 0;
  #isOpen: boolean | null = null;
  readonly #library: Library;

  constructor(
    unit: number,
    code: number,
    results: readonly number[],
    options: CharmOptions,
    contents: Contents,
    writes: Writes,
  ) {
    this.#results = results;
    this.#options = options;
    this.#contents = contents;
    this.#writes = writes;
    this.#library = options.libraryOf(unit);
    this.#begun = this.#library.decisions();
    this.host = this.#hostOf(unit, code);
  }

  get decisions(): number {
    return this.#library.decisions() - this.#begun;
  }

  end(): void {
    for (const callback of this.#callbacks.splice(0)) callback();
  }

  operate(locks: number, isUnmatched: boolean): void {
    this.#call(call.operate, isUnmatched ? locks | unmatched : locks);
    this.#call(call.operated, locks);
    this.operated |= locks;
  }

  #call(kind: number, argument = 0): number {
    if (this.#at < this.#results.length) return this.#results[this.#at++]!;
    this.suspendedAt = [kind, argument];
    throw new Suspended();
  }

  #read(): Values {
    const { store } = this.#options;
    if (store === "settings") {
      if (this.settings < 0) this.settings = this.#call(call.read) >> 1;
      return { ...this.#contents.values(this.settings) };
    }
    const result = this.#call(call.read);
    if ((result & 1) === 0) {
      this.minion = true;
      return { ...this.#contents.values(result >> 1) };
    }
    if (this.base < 0) this.base = result >> 1;
    return { ...this.#contents.values(this.#pending()) };
  }

  /** The application databag as this context, leading, sees it. */
  #pending(): number {
    if (this.application < 0) return this.base;
    return this.#contents.after(this.base, this.application, this.#writes);
  }

  #write(values: Values): boolean {
    if (this.minion && this.#options.stickyFalse) return false;
    const result = this.#call(call.write, this.#writes.number(values));
    if (result === 0) {
      this.minion = true;
      return false;
    }
    this.led = true;
    if (this.#options.store === "settings") {
      this.settings = -1;
      return true;
    }
    if (this.base < 0) this.base = result - 1;
    const before = this.#pending();
    const all =
      this.application < 0 ? values : { ...this.#writes.values(this.application), ...values };
    const number = this.#writes.number(all);
    if (this.#contents.after(this.base, number, this.#writes) !== before) this.application = number;
    return true;
  }

  /** The gate is looked at only where the option is asked for, and once in a hook, as config-get is. */
  #config(): Record<string, unknown> {
    const isOpen = () => {
      this.#isOpen ??= this.#call(call.gate) === 1;
      return this.#isOpen;
    };
    return {
      policy: this.#options.policy,
      get go() {
        return isOpen();
      },
    };
  }

  #hostOf(unit: number, code: number): Host {
    const remote = remoteOf(code);
    const name = (n: number) => `app/${n}`;
    const isDeparted = code >= event.departed;
    const departing = code >= event.departing ? unit : remote;
    return {
      leadership: {
        store: this.#options.store,
        isLeader: () => {
          if (this.minion && this.#options.stickyFalse) return false;
          const leads = this.#call(call.isLeader) === 1;
          if (leads) this.led = true;
          else this.minion = true;
          return leads;
        },
        read: () => this.#read(),
        write: (values) => this.#write(values),
      },
      peers: {
        own: () => ({ ...this.#contents.values(this.#call(call.own)) }),
        members: () => {
          const bits = this.#call(call.members);
          return [0, 1, 2, 3].filter((n) => (bits >> n) & 1).map(name);
        },
        of: (other) => ({
          ...this.#contents.values(this.#call(call.of, Number(other.slice(4)))),
        }),
        writeOwn: (values) => {
          const all = this.own < 0 ? values : { ...this.#writes.values(this.own), ...values };
          this.own = this.#writes.number(all);
        },
        planned: () => {
          const bits = this.#call(call.planned);
          const lives = [0, 1, 2, 3].map((n) => [name(n), (bits >> (2 * n)) & 3] as const);
          return Object.fromEntries(
            lives
              .filter(([, one]) => one !== life.dead)
              .map(([one, lives]) => [one, lives === life.dying ? "dying" : "active"]),
          );
        },
        readSaved: () => "",
        writeSaved: () => undefined,
      },
      flags: { current: () => [], set: () => undefined, clear: () => undefined },
      hook: {
        unit: name(unit),
        kind: code === event.exec ? "exec" : code === event.action ? "action" : "hook",
        name: hookName(code),
        remoteUnit: remote < 0 ? null : name(remote),
        departingUnit: isDeparted ? name(departing) : null,
        subordinate: false,
        now: () => {
          const isAsking = this.isAsking;
          this.isAsking = false;
          return timeOf(isAsking ? this.#call(call.now) : 0);
        },
        monotonic: () => (this.led ? 31 * this.#call(call.waits) : 0),
        config: () => this.#config(),
        resource: () => null,
        log: () => undefined,
        onEnd: (callback) => void this.#callbacks.push(callback),
      },
    };
  }
}
