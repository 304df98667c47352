/**
 * The local Juju of `host/juju`, taken along step by step: each call of each hook is made there too, and must give the same.
 *
 * @module
 */

import type { HookContext } from "../../host/juju/model/context.js";
import { ToolError } from "../../host/juju/model/errors.js";
import { hookName as modelHookName } from "../../host/juju/model/events.js";
import { LocalJuju } from "../../host/juju/model/juju.js";
import type { Outcome } from "../../host/juju/model/lifecycle.js";
import type { Event } from "../../host/juju/model/state.js";
import type { Values } from "../../host/juju/model/values.js";
import { action, decode, spoil } from "./actions.js";
import { call, event, hookName, isCommand, life, mostUnits, remoteOf } from "./calls.js";
import type { Place } from "./conversations.js";
import { get, grantsAt, nobody, own, shared, type Words } from "./layout.js";
import { firstReign, oldDatabag, type System } from "./system.js";

const nameOf = (unit: number) => `app/${unit}`;
const numberOf = (name: string) => Number(name.slice(4));

/** See the module's comment. */
export class Twin {
  readonly juju: LocalJuju;
  /** Where the two have differed, in words. */
  readonly differences: string[] = [];
  readonly #system: System;
  readonly #contexts = new Map<number, HookContext>();
  #configured = 1;

  constructor(system: System) {
    this.#system = system;
    const { store, acquires, young, old, lateElected, stickyFalse } = system.bound;
    this.juju = new LocalJuju({
      version: store === "settings" ? "3.6" : "4.0",
      config: { version: 1 },
      switches: { updateStatusSeconds: 0, retrySeconds: 0, stickyFalse },
    });
    for (let unit = 0; unit < acquires.length; unit++) this.juju.addUnit();
    const isOld = (name: string) => !young.includes(numberOf(name));
    const isStarted = (name: string) => this.juju.unit(name).started;
    this.#run(this.juju.units.filter(isOld), () => false, young);
    this.#run(this.juju.units, isStarted, []);
    if (system.bound.reigns) this.#reign();
    for (const unit of old) this.#age(nameOf(unit));
    if (lateElected) this.juju.setSwitches({ leaderElectedSuppressed: true });
    system.watch = (unit, place, result) => this.#call(unit, place, result);
  }

  /** The application databag is as the first leader's leader-elected leaves it, and everybody has heard of it. */
  #reign(): void {
    const context = this.juju.exec(nameOf(0));
    context.relationSet(firstReign, { application: true });
    context.finish({ exit: 0 });
    for (const unit of this.juju.units) {
      for (const due of this.juju.due(unit)) {
        if (this.#codeOf(due) !== event.applicationChanged) continue;
        this.juju.begin(unit, due).finish({ exit: 0 });
      }
    }
  }

  /** The unit's databag is as the old library leaves it, and everybody has heard of it. */
  #age(unit: string): void {
    const context = this.juju.exec(unit);
    context.relationSet(oldDatabag);
    context.finish({ exit: 0 });
    for (const other of this.juju.units) {
      const isOfIt = (one: Event) => one.remoteUnit === unit && this.#codeOf(one) >= event.changed;
      const due = this.juju.due(other).find(isOfIt);
      if (due !== undefined) this.juju.begin(other, due).finish({ exit: 0 });
    }
  }

  /** Runs empty hooks of these units until nothing is due, or `isOver`, but for those about strangers. */
  #run(
    units: readonly string[],
    isOver: (unit: string) => boolean,
    strangers: readonly number[],
  ): void {
    for (let isBusy = true; isBusy; ) {
      isBusy = false;
      for (const unit of units) {
        const isMet = ({ remoteUnit }: Event) =>
          remoteUnit === null || !strangers.includes(numberOf(remoteUnit));
        const due = this.juju.due(unit).find(isMet);
        if (due === undefined || isOver(unit)) continue;
        this.juju.begin(unit, due).finish({ exit: 0 });
        isBusy = true;
      }
    }
  }

  /** Takes one step in both; `s` is changed. */
  step(s: Words, code: number): void {
    const { kind, unit, parameter } = decode(code);
    const begins = kind === action.begin || kind === action.stumble;
    if (begins) this.#begin(unit, parameter);
    else if (kind === action.read) this.#context(unit).relationGet(nameOf(parameter));
    else if (kind === action.spoil || kind === action.mend) this.#rewrite(s, code);
    else if (kind !== action.go && kind !== action.crash && kind !== action.fail) {
      this.#happen(kind, unit);
    }
    this.#system.apply(s, code);
    const context = this.#contexts.get(unit);
    const isOver = s[this.#system.layout.place(unit)] === 0;
    if (context !== undefined && isOver) {
      this.#contexts.delete(unit);
      if (context.open) context.finish(outcomeOf(kind, parameter));
    }
    this.#compare(s);
  }

  /** Somebody writes into the unit's databag, or over the grants, with juju-exec: what, only the checker knows. */
  #rewrite(s: Words, code: number): void {
    const { layout, contents, bound } = this.#system;
    const { kind, unit, parameter } = decode(code);
    const isOfGrants = kind === action.mend ? parameter === 1 : parameter >= spoil.grants;
    const after = s.slice();
    this.#system.apply(after, code);
    const before = contents.values(s[isOfGrants ? grantsAt : layout.bag(unit)]!);
    const values = contents.values(after[isOfGrants ? grantsAt : layout.bag(unit)]!);
    const gone = Object.keys(before).map((key) => [key, ""]);
    const written = { ...Object.fromEntries(gone), ...values };
    const context = this.juju.exec(nameOf(unit));
    if (!isOfGrants) context.relationSet(written);
    else if (bound.store === "settings") context.leaderSet(written);
    else context.relationSet(written, { application: true });
    context.finish({ exit: 0 });
  }

  #context(unit: number): HookContext {
    return this.#contexts.get(unit)!;
  }

  #begin(unit: number, code: number): void {
    const name = nameOf(unit);
    if (isCommand(code)) {
      const isExec = code === event.exec;
      this.#contexts.set(unit, isExec ? this.juju.exec(name) : this.juju.action(name, "decide"));
      return;
    }
    const hook = this.juju.unit(name).hook;
    const wanted = code === event.withdraw ? event.configChanged : code;
    if (wanted === event.configChanged && hook?.event.kind !== "config-changed") {
      this.juju.setConfig({ version: ++this.#configured }, [name]);
    }
    const due = this.juju.due(name).find((one) => this.#codeOf(one) === wanted);
    if (due === undefined) this.#differ(`${name}: ${hookName(code)} is not due`);
    else this.#contexts.set(unit, this.juju.begin(name, due));
  }

  /** The event as the checker's number. */
  #codeOf({ kind, remoteUnit, departingUnit }: Event): number {
    const name = modelHookName(this.juju.state, kind);
    const remote = remoteUnit === null ? -1 : numberOf(remoteUnit);
    for (let code = 1; code < event.departing + mostUnits; code++) {
      const isSame = hookName(code) === name && remoteOf(code) === remote;
      const isDeparting = departingUnit !== null && departingUnit !== remoteUnit;
      if (isSame && isDeparting === code >= event.departing) return code;
    }
    return event.none;
  }

  #happen(kind: number, unit: number): void {
    const name = nameOf(unit);
    switch (kind) {
      case action.lead:
        this.juju.moveLeader(name);
        break;
      case action.depart:
        this.juju.removeUnit(name);
        break;
      case action.die: {
        this.#unled(() => this.juju.removeUnit(name, { force: true }), name);
        break;
      }
      case action.skip:
        this.juju.resolved(name, { retry: false });
        break;
      case action.restart:
        this.juju.stopAgent(name);
        this.juju.startAgent(name);
        break;
      case action.tick:
        this.juju.tick();
        break;
      case action.turn:
        if (this.#system.bound.policy !== "dawn") this.juju.tick();
        break;
    }
  }

  // ---- calls

  #call(unit: number, place: Place, result: number): void {
    const context = this.#contexts.get(unit);
    if (context === undefined) return;
    if (place.next === call.exit) {
      this.#exit(unit, place, result);
      return;
    }
    const found = this.#resultOf(context, place, result);
    if (found !== result) {
      const what = Object.keys(call).find((key) => call[key as keyof typeof call] === place.next);
      this.#differ(`${nameOf(unit)}: ${what} gives ${found}, expected ${result}`);
    }
  }

  #resultOf(context: HookContext, place: Place, result: number): number {
    const { contents, bound, writes } = this.#system;
    switch (place.next) {
      case call.isLeader:
        return context.isLeader() ? 1 : 0;
      case call.read:
        if (bound.store === "settings")
          return contents.number(ours(context.leaderGet())) * 2 + (result & 1);
        return (
          contents.number(ours(context.relationGet("app", { application: true }))) * 2 +
          (result & 1)
        );
      case call.own:
        return contents.number(ours(context.relationGet(context.unit)));
      case call.members:
        return context.relationList().reduce((bits, name) => bits | (1 << numberOf(name)), 0);
      case call.of:
        return contents.number(ours(context.relationGet(nameOf(place.argument))));
      case call.write:
        return this.#write(context, writes.values(place.argument)) ? result : 0;
      case call.planned: {
        const { units } = context.goalState();
        let bits = 0;
        for (let unit = 0; unit < 4; unit++) {
          const status = units[nameOf(unit)]?.status;
          const lives =
            status === undefined ? life.dead : status === "dying" ? life.dying : life.alive;
          bits |= lives << (2 * unit);
        }
        return bits;
      }
      default:
        return result;
    }
  }

  #write(context: HookContext, values: Values): boolean {
    try {
      if (this.#system.bound.store === "settings") context.leaderSet(values);
      else context.relationSet(values, { application: true });
      return true;
    } catch (problem) {
      if (problem instanceof ToolError && problem.code === "not_leader") return false;
      throw problem;
    }
  }

  /** `ending`: -1 exit code 0, 0 and 1 a crash before and after the commit. */
  #exit(unit: number, place: Place, ending: number): void {
    const context = this.#context(unit);
    if (place.own >= 0) context.relationSet(this.#system.writes.values(place.own));
    this.#contexts.delete(unit);
    const crash = ending === 0 ? "before-commit" : "after-commit";
    const outcome = ending < 0 ? { exit: 0 } : ({ crash } as Outcome);
    if (place.event !== event.remove) context.finish(outcome);
    else this.#unled(() => context.finish(outcome), nameOf(unit));
  }

  /** A unit dies. Who leads after it is a step of its own here; the local Juju would choose at once. */
  #unled(die: () => void, unit: string): void {
    const led = this.juju.leader === unit;
    const { leaderElectedSuppressed } = this.juju.state.switches;
    this.juju.setSwitches({ leaderElectedSuppressed: true });
    die();
    if (led && this.juju.unit(unit).life === "dead") this.juju.moveLeader(null);
    this.juju.setSwitches({ leaderElectedSuppressed });
  }

  // ---- the same state?

  #compare(s: Words): void {
    const { layout, contents, bound, juju } = this.#system;
    const { state } = this.juju;
    this.#same("leader", state.leader ?? "nobody", leaderName(get(s, shared.leader)));
    const grants = bound.store === "settings" ? state.settings.values : state.applicationBag.values;
    this.#same("grants", contents.number(ours(grants)), s[grantsAt]!);
    for (let unit = 0; unit < layout.units; unit++) {
      const name = nameOf(unit);
      const there = this.juju.unit(name);
      const lives = get(s, own.life, layout.at(unit));
      this.#same(`life of ${name}`, life[there.life], lives);
      this.#same(
        `databag of ${name}`,
        contents.number(ours(there.bag!.values)),
        s[layout.bag(unit)]!,
      );
      if (lives === life.dead) continue;
      for (let other = 0; other < layout.units; other++) {
        if (other === unit) continue;
        const kept = there.cached[nameOf(other)];
        const cached = kept === undefined ? 0 : contents.number(ours(kept)) + 1;
        this.#same(`${name}'s copy of ${nameOf(other)}`, cached, s[layout.cached(unit, other)]!);
      }
      if (s[layout.place(unit)] !== 0) continue;
      const due: number[] = [];
      juju.due(s, unit, due);
      const found = this.juju.due(name).map((one) => this.#codeOf(one));
      this.#same(`due for ${name}`, names(found), names(due));
    }
  }

  #same(what: string, found: string | number, expected: string | number): void {
    if (found !== expected) this.#differ(`${what}: ${found}, expected ${expected}`);
  }

  #differ(text: string): void {
    this.differences.push(text);
  }
}

function outcomeOf(kind: number, parameter: number): Outcome {
  if (kind === action.crash) return { crash: parameter === 0 ? "before-commit" : "after-commit" };
  return { exit: 1 };
}

function leaderName(leader: number): string {
  return leader === nobody ? "nobody" : nameOf(leader);
}

function names(codes: readonly number[]): string {
  return codes
    .map((code) => (code === event.withdraw ? event.configChanged : code))
    .map((code) => `${hookName(code)} ${remoteOf(code)}`)
    .sort()
    .join(", ");
}

/** Only the library's keys: the addresses that Juju puts into a databag are none of its business. */
function ours(values: Values): Record<string, string> {
  return Object.fromEntries(
    Object.entries(values).filter(([key]) => key.startsWith("coordinator")),
  );
}
