/**
 * The local Juju once more, over {@link Layout}: which events are due, how a hook begins and ends, who is told of what. Every rule
 * is one of `host/juju/model`; a test steps both side by side.
 *
 * @module
 */

import type { Bound } from "./bound.js";
import { event, isCommand, kindOf, life, remoteOf } from "./calls.js";
import type { Place } from "./conversations.js";
import { get, grantsAt, type Layout, nobody, own, set, shared, type Words } from "./layout.js";

/** Juju's side of a bound. Its methods change the state they are given. */
export class Juju {
  readonly layout: Layout;
  readonly #inSettings: boolean;
  readonly #lateElected: boolean;

  constructor(bound: Bound, layout: Layout) {
    this.layout = layout;
    this.#inSettings = bound.store === "settings";
    this.#lateElected = bound.lateElected;
  }

  isAlive(s: Words, unit: number): boolean {
    return get(s, own.life, this.layout.at(unit)) === life.alive;
  }

  leads(s: Words, unit: number): boolean {
    return get(s, shared.leader) === unit;
  }

  /** A queued leader-elected of a unit that does not lead any more, which is dropped without being run. */
  #isSkipped(s: Words, unit: number): boolean {
    const pending = get(s, own.pending, this.layout.at(unit));
    return pending === event.leaderElected && !this.leads(s, unit);
  }

  /** Every event that Juju may deliver next to a unit that runs nothing; the charm's own wish for config-changed left out. */
  due(s: Words, unit: number, found: number[]): void {
    const at = this.layout.at(unit);
    const lives = get(s, own.life, at);
    if (lives === life.dead) return;
    const pending = get(s, own.pending, at);
    if (pending !== event.none && !this.#isSkipped(s, unit)) {
      found.push(pending);
      return;
    }
    if (lives === life.dying) this.#dueWhenDying(s, unit, found);
    else this.#dueWhenAlive(s, unit, found);
  }

  #dueWhenDying(s: Words, unit: number, found: number[]): void {
    const at = this.layout.at(unit);
    const changed = get(s, own.changedPending, at);
    const members = get(s, own.members, at);
    if (changed > 0) found.push(event.changed + changed - 1);
    else if (members === 0) found.push(get(s, own.isStopped, at) ? event.remove : event.stop);
    else {
      for (let other = 0; other < this.layout.units; other++) {
        if ((members >> other) & 1) found.push(event.departing + other);
      }
    }
  }

  #dueWhenAlive(s: Words, unit: number, found: number[]): void {
    const at = this.layout.at(unit);
    const leads = this.leads(s, unit);
    if (leads && !get(s, own.leaderFlag, at)) found.push(event.leaderElected);
    if (this.#inSettings && !leads && !get(s, own.seenSettings, at)) {
      found.push(event.settingsChanged);
    }
    if (get(s, own.tick, at)) found.push(event.updateStatus);
    const changed = get(s, own.changedPending, at);
    if (changed > 0) {
      found.push(event.changed + changed - 1);
      return;
    }
    if (s[this.layout.seenApplication(unit)] !== s[grantsAt] && !this.#inSettings) {
      found.push(event.applicationChanged);
    }
    const members = get(s, own.members, at);
    const seen = get(s, own.seen, at);
    for (let other = 0; other < this.layout.units; other++) {
      if (other === unit) continue;
      const isMember = (members >> other) & 1;
      if (!this.isAlive(s, other)) {
        if (isMember) found.push(event.departed + other);
      } else if (!isMember) found.push(event.joined + other);
      else if (!((seen >> other) & 1)) found.push(event.changed + other);
    }
  }

  /** The unit begins a hook; its conversation begins at `place`. */
  begin(s: Words, unit: number, code: number, place: number): void {
    const at = this.layout.at(unit);
    const isAgain = get(s, own.pending, at) !== event.none && !this.#isSkipped(s, unit);
    if (!isCommand(code)) {
      if (!isAgain) set(s, own.pending, event.none, at);
      if (!this.leads(s, unit)) set(s, own.leaderFlag, 0, at);
      if (code === event.leaderElected) set(s, own.leaderFlag, 1, at);
      if (!isAgain) this.#giveVersion(s, unit, code);
    }
    set(s, own.isNewestSettings, 1, at);
    set(s, own.running, code, at);
    const remote = remoteOf(code);
    if (remote >= 0) s[this.layout.cached(unit, remote)] = 0;
    s[this.layout.place(unit)] = place;
  }

  /** What counts as seen when the hook succeeds. A retry does not renew it. */
  #giveVersion(s: Words, unit: number, code: number): void {
    if (remoteOf(code) >= 0) set(s, own.isNewest, 1, this.layout.at(unit));
    if (code === event.applicationChanged) {
      s[this.layout.givenApplication(unit)] = s[grantsAt]!;
    }
  }

  /** relation-list in the running hook: a bit for each unit. */
  members(s: Words, unit: number): number {
    const at = this.layout.at(unit);
    const members = get(s, own.members, at);
    const code = get(s, own.running, at);
    const remote = remoteOf(code);
    if (remote < 0) return members;
    return code >= event.departed ? members & ~(1 << remote) : members | (1 << remote);
  }

  /** Two bits for each of four units; those that there never were are dead. */
  lives(s: Words): number {
    let lives = 0;
    for (let unit = 0; unit < 4; unit++) {
      const one = unit < this.layout.units ? get(s, own.life, this.layout.at(unit)) : life.dead;
      lives |= one << (2 * unit);
    }
    return lives;
  }

  /** Leader settings or the application databag have new content. */
  writeGrants(s: Words, content: number): void {
    if (s[grantsAt] === content) return;
    s[grantsAt] = content;
    if (!this.#inSettings) return;
    for (let unit = 0; unit < this.layout.units; unit++) {
      set(s, own.seenSettings, 0, this.layout.at(unit));
      set(s, own.isNewestSettings, 0, this.layout.at(unit));
    }
  }

  writeBag(s: Words, unit: number, content: number): void {
    if (s[this.layout.bag(unit)] === content) return;
    s[this.layout.bag(unit)] = content;
    for (let other = 0; other < this.layout.units; other++) {
      if (other === unit) continue;
      const at = this.layout.at(other);
      set(s, own.seen, get(s, own.seen, at) & ~(1 << unit), at);
      const code = get(s, own.running, at) || get(s, own.pending, at);
      const isTold = isCommand(code) ? get(s, own.pending, at) : code;
      if (remoteOf(isTold) === unit) set(s, own.isNewest, 0, at);
    }
  }

  /** Whether the controller would refuse the commit of a hook that ended so. */
  refuses(s: Words, unit: number, place: Place): boolean {
    return !this.#inSettings && place.application >= 0 && !this.leads(s, unit);
  }

  /** The agent writes down that the hook has run. */
  succeed(s: Words, unit: number): void {
    const at = this.layout.at(unit);
    const code = get(s, own.running, at);
    this.#end(s, unit);
    if (!isCommand(code)) this.remember(s, unit, code, get(s, own.isNewestSettings, at));
    set(s, own.isNewestSettings, 0, at);
    this.look(s, unit);
  }

  /** The event counts as delivered. */
  remember(s: Words, unit: number, code: number, isNewestSettings: number): void {
    const at = this.layout.at(unit);
    set(s, own.pending, event.none, at);
    set(s, own.isQueued, 0, at);
    set(s, own.tick, 0, at);
    const remote = remoteOf(code);
    switch (kindOf(code)) {
      case event.settingsChanged:
        set(s, own.seenSettings, isNewestSettings, at);
        break;
      case event.applicationChanged:
        s[this.layout.seenApplication(unit)] = s[this.layout.givenApplication(unit)]!;
        break;
      case event.joined:
        this.#see(s, unit, remote);
        set(s, own.changedPending, remote + 1, at);
        break;
      case event.changed:
        this.#see(s, unit, remote);
        set(s, own.changedPending, 0, at);
        break;
      case event.departed:
      case event.departing:
        set(s, own.members, get(s, own.members, at) & ~(1 << remote), at);
        set(s, own.seen, get(s, own.seen, at) & ~(1 << remote), at);
        s[this.layout.cached(unit, remote)] = 0;
        break;
      case event.stop:
        set(s, own.isStopped, 1, at);
        break;
      case event.remove:
        this.die(s, unit);
        break;
    }
    set(s, own.isNewest, 0, at);
    s[this.layout.givenApplication(unit)] = 0;
  }

  #see(s: Words, unit: number, remote: number): void {
    const at = this.layout.at(unit);
    set(s, own.members, get(s, own.members, at) | (1 << remote), at);
    const seen = get(s, own.seen, at) & ~(1 << remote);
    set(s, own.seen, seen | (get(s, own.isNewest, at) << remote), at);
  }

  /** The hook has failed and is run again later; a command is just over. */
  fail(s: Words, unit: number): void {
    const at = this.layout.at(unit);
    const code = get(s, own.running, at);
    this.#end(s, unit);
    set(s, own.isNewestSettings, 0, at);
    if (kindOf(code) === event.joined) s[this.layout.cached(unit, remoteOf(code))] = 0;
    if (!isCommand(code)) {
      set(s, own.pending, code, at);
      set(s, own.isQueued, 0, at);
    }
    this.look(s, unit);
  }

  #end(s: Words, unit: number): void {
    const at = this.layout.at(unit);
    set(s, own.running, event.none, at);
    set(s, own.waits, 0, at);
    s[this.layout.place(unit)] = 0;
  }

  /** What an agent holds in memory only. */
  forget(s: Words, unit: number): void {
    for (let other = 0; other < this.layout.units; other++) {
      if (other !== unit) s[this.layout.cached(unit, other)] = 0;
    }
    set(s, own.seenSettings, 0, this.layout.at(unit));
  }

  /** Leadership goes to a unit, or to nobody. */
  lead(s: Words, unit: number): void {
    set(s, shared.leader, unit);
    if (this.#lateElected) return;
    for (let one = 0; one < this.layout.units; one++) this.look(s, one);
  }

  /** What a unit's agent does about leadership between two hooks. */
  look(s: Words, unit: number): void {
    const at = this.layout.at(unit);
    if (s[this.layout.place(unit)] !== 0 || get(s, own.life, at) === life.dead) return;
    const leads = this.leads(s, unit) && this.isAlive(s, unit);
    if (!leads) set(s, own.leaderFlag, 0, at);
    else if (!get(s, own.leaderFlag, at) && get(s, own.pending, at) === event.none) {
      set(s, own.leaderFlag, 1, at);
      set(s, own.pending, event.leaderElected, at);
      set(s, own.isQueued, 1, at);
    }
  }

  depart(s: Words, unit: number): void {
    set(s, own.life, life.dying, this.layout.at(unit));
    this.look(s, unit);
  }

  /** The unit is gone; its databag stays readable, and its lease is free. */
  die(s: Words, unit: number): void {
    const at = this.layout.at(unit);
    const bag = s[this.layout.bag(unit)]!;
    s.fill(0, at, at + 5 + this.layout.units);
    s[this.layout.bag(unit)] = bag;
    set(s, own.life, life.dead, at);
    if (this.leads(s, unit)) set(s, shared.leader, nobody);
  }
}
