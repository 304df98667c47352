/**
 * An application in memory, as small as a script needs it: units with databags that are committed at the end of a hook, a
 * leader, and a place for the grants. The core is the real one; every hook has a fresh instance.
 *
 * @module
 */

import type { Effect, End, Input, Status, View } from "../../bindings/typescript/contract.js";
import { exchange } from "../../bindings/typescript/contract.js";
import { freshCore } from "../../bindings/typescript/core.js";
import type { Callable } from "../../bindings/typescript/engine.js";

type Values = Record<string, string>;
export type Options = Readonly<Record<string, string>>;

class Unit {
  databag: Values = {};
  saved = "";
  flags = new Set<string>();
  /** Units whose joined hook has not run yet. */
  readonly unmet = new Set<string>();
  /** What Juju's cache still says of other units, where it is old. */
  readonly stale = new Map<string, Values>();
  hook: Hook | null = null;
  /** In relation-list of the others. */
  isMember = true;
  isAlive = true;
}

/** One hook that runs. Nothing of it but leader settings is seen by others before it ends. */
interface Hook {
  readonly core: Callable;
  /** When is-leader last said True. */
  led: number | null;
  /** The application databag as this hook reads and will write it. */
  readonly application: Values;
}

const MORNING = Date.UTC(2026, 10, 22, 9);

export class Application {
  readonly #units = new Map<string, Unit>();
  #leader = "";
  #seconds = 0;
  #settings: Values = {};
  #application: Values = {};
  #options: Options = {};
  #lines: string[] = [];

  /** Carries out one command; answers the lines that tell what came of it. */
  run(command: string, args: readonly string[], options: Options): string[] {
    this.#lines = [];
    const [name = ""] = args;
    if (command === "units") this.#create(Number(name), options);
    else if (command === "leader") this.#leader = name;
    else if (command === "clock") this.#seconds += Number(name);
    else if (command === "hook" || command === "exec") this.#hook(command, args, options);
    else if (command === "begin") this.#begin("hook", args, options);
    else if (command === "acquire" || command === "withdraw") this.#ask(command, name, args[1]!);
    else if (command === "end") this.#end(name);
    else if (command === "status") this.#status(name);
    else if (command === "databag") this.#databag(name, options);
    else if (command === "settings") this.#show(Object.assign(this.#grants, options));
    else if (command === "set") this.#options = { ...this.#options, ...options };
    else if (command === "unmet") this.#unit(name).unmet.add(args[1]!);
    else if (command === "stale") this.#freeze(name, args[1]!);
    else if (command === "departs") this.#unit(name).isMember = false;
    else if (command === "dies")
      Object.assign(this.#unit(name), { isMember: false, isAlive: false });
    else throw new Error(`unknown command: ${command}`);
    return this.#lines;
  }

  #say(line: string): void {
    this.#lines.push(shorten(line));
  }

  #create(count: number, options: Options): void {
    for (let i = 0; i < count; i++) this.#units.set(`app/${i}`, new Unit());
    const { leader = "app/0", ...others } = options;
    this.#leader = leader;
    this.#options = others;
  }

  #unit(name: string): Unit {
    const unit = this.#units.get(name);
    if (unit === undefined) throw new Error(`no such unit: ${name}`);
    return unit;
  }

  get #isInSettings(): boolean {
    return this.#options.store !== "application";
  }

  get #grants(): Values {
    return this.#isInSettings ? this.#settings : this.#application;
  }

  #databag(name: string, options: Options): void {
    const unit = this.#unit(name);
    Object.assign(unit.databag, options);
    this.#show(unit.databag);
  }

  #show(values: Values): void {
    for (const [key, value] of Object.entries(values)) this.#say(`${key} = ${value}`);
  }

  #freeze(reader: string, of: string): void {
    this.#unit(reader).stale.set(of, { ...this.#unit(of).databag });
  }

  // ---- hooks

  /** A hook in one line: begin, acquire, and end unless it fails. */
  #hook(kind: string, args: readonly string[], options: Options): void {
    const [name = ""] = args;
    if (!this.#begin(kind, args, options)) return;
    if (options.withdraw !== undefined) this.#ask("withdraw", name, options.withdraw);
    if (options.acquire !== undefined) {
      for (const lock of options.acquire.split(",")) this.#ask("acquire", name, lock);
    }
    this.#seconds += Number(options.takes ?? 0);
    if (!args.includes("fails")) {
      this.#end(name);
      return;
    }
    this.#unit(name).hook = null;
    this.#say("fails: what it had not written at once is lost");
  }

  #begin(kind: string, args: readonly string[], options: Options): boolean {
    const [name = "", hook = ""] = args;
    const unit = this.#unit(name);
    this.#seconds += 1;
    const isLeader = this.#leader === name;
    if (options.remote !== undefined) unit.stale.delete(options.remote);
    unit.hook = {
      core: freshCore(),
      led: isLeader ? this.#seconds : null,
      application: { ...this.#application },
    };
    const view = this.#exchange<View>(name, {
      op: "start",
      context: kind === "hook" ? "hook" : "exec",
      hook: kind === "hook" ? hook : "",
      ...(kind === "hook" ? {} : { allow: options.allow?.split(",") ?? [] }),
      ...this.#snapshot(name, isLeader, options),
    });
    this.#view(unit, view);
    return true;
  }

  #snapshot(name: string, isLeader: boolean, options: Options): object {
    const members = isLeader ? this.#membersSeenBy(name) : [];
    const { policy, self_grant } = this.#options;
    return {
      unit: name,
      remote_unit: options.remote ?? null,
      departing_unit: options.departing ?? null,
      leader: isLeader,
      store: this.#isInSettings ? "settings" : "application",
      relation: true,
      databags: Object.fromEntries([name, ...members].map((of) => [of, this.#read(name, of)])),
      members,
      settings: this.#isInSettings ? this.#settings : this.#unit(name).hook!.application,
      flags: [...this.#unit(name).flags],
      ...(policy === undefined ? {} : { policy }),
      ...(self_grant === undefined ? {} : { self_grant }),
    };
  }

  #membersSeenBy(name: string): string[] {
    const { unmet } = this.#unit(name);
    return [...this.#units]
      .filter(([other, unit]) => other !== name && unit.isMember && !unmet.has(other))
      .map(([other]) => other);
  }

  #read(reader: string, of: string): Values {
    return this.#unit(reader).stale.get(of) ?? this.#unit(of).databag;
  }

  #running(name: string): Hook {
    const { hook } = this.#unit(name);
    if (hook === null) throw new Error(`no hook of ${name} runs`);
    return hook;
  }

  #ask(op: string, name: string, lock: string): void {
    this.#view(this.#unit(name), this.#exchange<View>(name, { op, lock }));
  }

  #end(name: string): void {
    const unit = this.#unit(name);
    const hook = this.#running(name);
    const end = this.#exchange<End>(name, { op: "end" });
    if (end === null) return;
    this.#log(end);
    for (const lock of end.released) this.#say(`releases ${lock}`);
    for (const effect of end.effects) this.#carryOut(name, unit, hook, effect);
    unit.hook = null;
  }

  #carryOut(name: string, unit: Unit, hook: Hook, effect: Effect): void {
    if (effect.do === "flags") {
      this.#flags(unit, effect);
    } else if (effect.do === "databag") {
      this.#write("relation-set", unit.databag, effect.values);
    } else if (effect.do === "saved") {
      unit.saved = effect.value;
    } else if (effect.do === "application") {
      this.#write("relation-set --app", hook.application, effect.values);
      // All that this hook knows of is committed, changed or not; only what it deleted goes away.
      for (const key of Object.keys(effect.values)) delete this.#application[key];
      Object.assign(this.#application, hook.application);
    } else if (this.#leader === name) {
      this.#write("leader-set", this.#settings, effect.values);
    } else {
      this.#say("leader-set is refused: this unit does not lead");
    }
  }

  #write(tool: string, target: Values, values: Values): void {
    for (const [key, value] of Object.entries(values)) {
      this.#say(`${tool} ${key}=${value}`);
      if (value === "") delete target[key];
      else target[key] = value;
    }
  }

  // ---- what the core is given and what it says

  #times(name: string): object {
    const { led } = this.#running(name);
    const now = new Date(MORNING + this.#seconds * 1000).toISOString();
    return {
      now: `${now.replace("T", " ").slice(0, -1)}000Z`,
      ...(led === null ? {} : { age: this.#seconds - led }),
    };
  }

  /** One operation and everything the core asks for on the way; null if it is refused. */
  #exchange<Ok>(name: string, input: Input): Ok | null {
    const { core } = this.#running(name);
    let answer = exchange(core, { ...input, ...this.#times(name) });
    while ("ask" in answer) {
      const { what, ...given } = answer.ask as { what: string };
      const result = this.#obtain(name, what, given as { units?: string[]; values?: Values });
      answer = exchange(core, { op: "answer", what, ...result, ...this.#times(name) });
    }
    if ("ok" in answer) return answer.ok as Ok;
    this.#say(`refused: ${answer.error.code}: ${answer.error.message}`);
    return null;
  }

  #obtain(name: string, what: string, given: { units?: string[]; values?: Values }): object {
    const hook = this.#running(name);
    const leads = this.#leader === name;
    if (what === "saved") return { result: this.#unit(name).saved };
    if (what === "units") return { result: this.#databagsOf(given.units!) };
    if (what === "planned") return { result: this.#planned() };
    if (what === "leader") {
      this.#say(`is-leader: ${leads ? "True" : "False"}`);
      if (leads) hook.led = this.#seconds;
      return { result: leads };
    }
    if (!leads) {
      this.#say("leader-set is refused: this unit does not lead");
      return { failure: "refused" };
    }
    this.#write("leader-set", this.#settings, given.values!);
    hook.led = this.#seconds;
    if (what === "publish") return { result: true };
    this.#say("leader-get");
    return { result: this.#settings };
  }

  #databagsOf(names: readonly string[]): object {
    const alive = names.filter((name) => this.#units.get(name)?.isAlive);
    this.#say(`relation-get of ${names.join(", ")}`);
    return Object.fromEntries(alive.map((name) => [name, this.#unit(name).databag]));
  }

  #planned(): object {
    const alive = [...this.#units].filter(([, unit]) => unit.isAlive);
    const states = alive.map(([name, unit]) => [name, unit.isMember ? "active" : "dying"] as const);
    this.#say(`goal-state: ${states.map(([name, state]) => `${name} ${state}`).join(", ")}`);
    return Object.fromEntries(states);
  }

  #view(unit: Unit, view: View | null): void {
    if (view === null) return;
    this.#log(view);
    this.#flags(unit, view.flags);
    if (view.granted.length > 0) this.#say(`holds ${view.granted.join(", ")}`);
    if (view.requested.length > 0) this.#say(`waits for ${view.requested.join(", ")}`);
  }

  /** Flags show in what is held and waited for; scripts do not print them. */
  #flags(unit: Unit, changes: { set: readonly string[]; clear: readonly string[] }): void {
    for (const flag of changes.set) unit.flags.add(flag);
    for (const flag of changes.clear) unit.flags.delete(flag);
  }

  #log({ log }: Pick<View, "log">): void {
    for (const { level, message } of log) this.#say(`${level} ${message}`);
  }

  #status(name: string): void {
    const isRunning = this.#unit(name).hook !== null;
    if (!isRunning) this.#begin("exec", [name], {});
    const status = this.#exchange<Status>(name, { op: "status" })!;
    if (!isRunning) this.#unit(name).hook = null;
    if (status.hold !== "") this.#say(`nothing can be decided: ${status.hold}`);
    for (const { unit, lock, id } of status.holders) this.#say(`${unit} holds ${lock} ${id}`);
    for (const one of status.queue) {
      this.#say(`${one.position}. ${one.unit} ${one.lock} ${one.id}: ${one.rule}: ${one.reason}`);
    }
    if (status.awaits !== "") this.#say(`awaits: ${status.awaits}`);
  }
}

/** Ids are long; all are of one morning. */
function shorten(line: string): string {
  return line.replace(/2026-11-22 (\d\d:\d\d:\d\d)\.(\d{6})Z/g, (_, time, fraction) =>
    fraction === "000000" ? time : `${time}.${fraction}`,
  );
}
