/**
 * The transition system: which steps are possible in a state, and where they lead.
 *
 * A step of a hook is what happens up to and including the next thing that another unit, or the controller, could notice or
 * change; what only the unit itself knows is done on the way. Nothing that could be told apart is thereby left out.
 *
 * @module
 */

import type { Values } from "../../bindings/typescript/host.js";
import { action, decode, encode, spoil } from "./actions.js";
import type { Bound } from "./bound.js";
import { call, event, isCommand, life } from "./calls.js";
import { Contents, Writes } from "./contents.js";
import { Conversations, type Library, type Place, unmatched } from "./conversations.js";
import { Juju } from "./juju.js";
import { get, grantsAt, Layout, nobody, own, set, shared, type Words } from "./layout.js";
import { oldLibrary } from "./old.js";
import { Oracle } from "./oracle.js";
import { isBroken, isSpoiled, mended, spoiled } from "./spoil.js";

/** What the first leader's leader-elected has written on Juju 4. */
export const firstReign = {
  "coordinator-r1":
    '{"generation": 1, "grants": {}, "order": [], "policy": {"name": "serial"}, "v": 1, "writer": "app/0"}',
};

/** What a unit of the old library has written into its databag in its first hook. */
export const oldDatabag = { coordinator: "{}" };

/** The parts of a state that count how often something may still happen. */
const budgets = [
  ...(["moves", "fails", "crashes", "departures", "deaths", "skips", "waits"] as const),
  ...(["execs", "actions", "withdraws", "spoils", "turns", "restarts", "ticks"] as const),
] as const;

/** How a hook is made to end: as the charm does, or with a crash of the agent before or after the commit. */
const asItDoes = -1;

export class System {
  readonly bound: Bound;
  readonly layout: Layout;
  readonly juju: Juju;
  readonly oracle: Oracle;
  readonly contents = new Contents();
  readonly writes = new Writes();
  readonly conversations: Conversations;
  /** Told of each call of each hook and its result; of an exit, how the hook is made to end. */
  watch: ((unit: number, place: Place, result: number) => void) | null = null;
  readonly #due: number[] = [];

  constructor(bound: Bound, library: Library) {
    this.bound = bound;
    this.layout = new Layout(bound.acquires.length);
    this.juju = new Juju(bound, this.layout);
    this.oracle = new Oracle(bound, this.layout, this.contents);
    const { store, locks, policy, wants, stickyFalse, old } = bound;
    const libraryOf = (unit: number) => (old.includes(unit) ? oldLibrary : library);
    const options = { libraryOf, store, locks, policy, wants, stickyFalse };
    this.conversations = new Conversations(options, this.contents, this.writes);
  }

  /** All units started and quiet, `app/0` leading, nothing ever written. */
  initial(): Words {
    const s = new Int32Array(this.layout.length);
    const { acquires, young, old } = this.bound;
    for (const budget of budgets) set(s, shared[budget], this.bound[budget]);
    acquires.forEach((times, unit) => {
      const at = this.layout.at(unit);
      set(s, own.acquires, times, at);
      // A leader is told of leader settings only once it does not lead any more.
      set(s, own.seenSettings, unit === 0 ? 0 : 1, at);
      set(s, own.leaderFlag, unit === 0 ? 1 : 0, at);
      let members = 0;
      for (let other = 0; other < acquires.length; other++) {
        const isStrange = young.includes(unit) || young.includes(other);
        if (other !== unit && !isStrange) members |= 1 << other;
      }
      set(s, own.members, members, at);
      set(s, own.seen, members, at);
      if (old.includes(unit)) s[this.layout.bag(unit)] = this.contents.number(oldDatabag);
      if (this.bound.reigns)
        s[this.layout.seenApplication(unit)] = this.contents.number(firstReign);
    });
    if (this.bound.reigns) s[grantsAt] = this.contents.number(firstReign);
    return s;
  }

  // ---- what is possible

  /** Everything that can happen next. */
  enabled(s: Words, found: number[]): void {
    const leader = get(s, shared.leader);
    const mayMove = get(s, shared.moves) > 0 && !this.#isCommitting(s, leader);
    for (let unit = 0; unit < this.layout.units; unit++) {
      if (get(s, own.life, this.layout.at(unit)) === life.dead) continue;
      if (s[this.layout.place(unit)] === 0) this.#enabledIdle(s, unit, found);
      else this.#enabledRunning(s, unit, found);
      if (this.bound.oldLead || !this.bound.old.includes(unit)) {
        if (leader === nobody) {
          if (this.juju.isAlive(s, unit)) found.push(encode(action.lead, unit));
        } else if (unit !== leader && mayMove) found.push(encode(action.lead, unit));
      }
      if (get(s, shared.departures) > 0 && this.juju.isAlive(s, unit)) {
        found.push(encode(action.depart, unit));
      }
      if (get(s, shared.deaths) > 0) found.push(encode(action.die, unit));
    }
    if (get(s, shared.turns) > 0) found.push(encode(action.turn));
  }

  /** The leader's hook has decided for the last time, and has only to be committed. */
  #isCommitting(s: Words, leader: number): boolean {
    const { store, promptAfter } = this.bound;
    if (store === "settings" || promptAfter === "never" || leader === nobody) return false;
    const here = s[this.layout.place(leader)]!;
    if (here === 0) return false;
    const { next, application } = this.#placeOf(s, leader);
    if (next === call.write || (next === call.exit && application >= 0)) return true;
    const asked = this.conversations.places[this.#placeOf(s, leader).parent];
    if (asked?.next === call.isLeader && asked.decisions > 0) return true;
    if (next !== call.waits || promptAfter === "is-leader") return false;
    const after = this.conversations.follow(here, get(s, own.waits, this.layout.at(leader)));
    const then = this.conversations.places[after]!;
    return then.next === call.isLeader && then.decisions > 0;
  }

  #enabledIdle(s: Words, unit: number, found: number[]): void {
    const at = this.layout.at(unit);
    const due = this.#due;
    due.length = 0;
    this.juju.due(s, unit, due);
    const pending = get(s, own.pending, at);
    const isFixed = due.length === 1 && due[0] === pending;
    const stumbles = get(s, shared.fails) > 0 && this.#isWhole(s);
    for (const code of due) {
      found.push(encode(action.begin, unit, code));
      if (stumbles) found.push(encode(action.stumble, unit, code));
    }
    if (!isFixed && get(s, own.acquires, at) > 0 && this.juju.isAlive(s, unit)) {
      found.push(encode(action.begin, unit, event.configChanged));
      if (stumbles) found.push(encode(action.stumble, unit, event.configChanged));
    }
    const hasFailed = isFixed && !get(s, own.isQueued, at);
    if (hasFailed && get(s, shared.skips) > 0) found.push(encode(action.skip, unit));
    if (get(s, shared.execs) > 0) found.push(encode(action.begin, unit, event.exec));
    if (get(s, shared.actions) > 0) found.push(encode(action.begin, unit, event.action));
    if (!isFixed && this.#mayWithdraw(s, unit)) {
      found.push(encode(action.begin, unit, event.withdraw));
    }
    if (this.bound.spoils > 0) this.#enabledSpoils(s, unit, found);
    if (get(s, shared.restarts) > 0) found.push(encode(action.restart, unit));
  }

  #mayWithdraw(s: Words, unit: number): boolean {
    if (get(s, shared.withdraws) === 0 || !this.juju.isAlive(s, unit)) return false;
    return Object.keys(this.contents.requests(s[this.layout.bag(unit)]!)).length > 0;
  }

  #enabledSpoils(s: Words, unit: number, found: number[]): void {
    if (!this.juju.isAlive(s, unit)) return;
    const leads = this.juju.leads(s, unit);
    const isBagSpoiled = this.#isSpoiled(s[this.layout.bag(unit)]!);
    const areGrantsSpoiled = this.#isSpoiled(s[grantsAt]!);
    if (isBagSpoiled) found.push(encode(action.mend, unit, 0));
    if (leads && areGrantsSpoiled) found.push(encode(action.mend, unit, 1));
    if (get(s, shared.spoils) === 0) return;
    const { databag, databagVersion, grants, grantsVersion } = spoil;
    const bagWays = isBagSpoiled ? [] : [databag, databagVersion];
    const isThere = this.bound.store === "settings" || s[grantsAt] !== 0;
    const grantsWays = leads && isThere && !areGrantsSpoiled ? [grants, grantsVersion] : [];
    for (const way of [...bagWays, ...grantsWays]) found.push(encode(action.spoil, unit, way));
  }

  #isSpoiled(content: number): boolean {
    return this.bound.spoils > 0 && isSpoiled(this.contents.values(content));
  }

  #enabledRunning(s: Words, unit: number, found: number[]): void {
    const place = this.#placeOf(s, unit);
    const unread = this.#unread(s, unit, place);
    if (unread === 0) found.push(encode(action.go, unit));
    for (let other = 0; other < this.layout.units; other++) {
      if ((unread >> other) & 1) found.push(encode(action.read, unit, other));
    }
    // What a command has written stays, however it ends.
    const isCommanded = isCommand(place.event);
    if (get(s, shared.fails) > 0 && !isCommanded) {
      found.push(encode(action.fail, unit));
      if (place.next === call.operated) found.push(encode(action.fail, unit, 1));
    }
    if (get(s, shared.crashes) > 0 && this.#isNearExit(s, unit, place)) {
      found.push(encode(action.crash, unit, 0), encode(action.crash, unit, 1));
    }
    const isLate = get(s, own.waits, this.layout.at(unit)) > 0;
    if (get(s, shared.waits) > 0 && place.led && this.juju.leads(s, unit) && !isLate) {
      found.push(encode(action.wait, unit));
    }
  }

  /** The members whose databags the hook reads next, in whatever order (bits); 0 if it does not read. */
  #unread(s: Words, unit: number, place: Place): number {
    if (place.next !== call.of) return 0;
    const members = this.juju.members(s, unit);
    if (!((members >> place.argument) & 1)) return 0;
    let unread = 0;
    for (let other = 0; other < this.layout.units; other++) {
      const isUnread = (members >> other) & 1 && s[this.layout.cached(unit, other)] === 0;
      if (isUnread) unread |= 1 << other;
    }
    return unread;
  }

  /** Whether the next step would be the commit. */
  #isNearExit(s: Words, unit: number, place: Place): boolean {
    if (place.next === call.exit) return true;
    const trial = s.slice();
    const { found } = this.oracle;
    const { watch } = this;
    this.watch = null;
    this.#go(trial, unit, asItDoes);
    this.watch = watch;
    this.oracle.found = found;
    return trial[this.layout.place(unit)] === 0;
  }

  #placeOf(s: Words, unit: number): Place {
    return this.conversations.places[s[this.layout.place(unit)]!]!;
  }

  /** Whether leadership, or the 30 seconds for which it is sure, may still change. */
  #isUnsure(s: Words): boolean {
    const leader = get(s, shared.leader);
    return (
      get(s, shared.moves) + get(s, shared.deaths) + get(s, shared.waits) > 0 ||
      leader === nobody ||
      !this.juju.isAlive(s, leader)
    );
  }

  /** No hook runs and Juju has no event for anybody: only the operator, or a fault, could go on. */
  isQuiet(s: Words): boolean {
    if (get(s, shared.leader) === nobody) return false;
    const due = this.#due;
    for (let unit = 0; unit < this.layout.units; unit++) {
      if (s[this.layout.place(unit)] !== 0) return false;
      due.length = 0;
      this.juju.due(s, unit, due);
      if (due.length > 0) return false;
    }
    return true;
  }

  /** In a quiet state: what waits although nothing is due. @returns the step that may still help, or -1. */
  settle(s: Words): number {
    if (this.bound.spoils > 0 && this.#isAnythingSpoiled(s)) return -1;
    const waiting = this.oracle.waits(s);
    if (waiting === null) return -1;
    if (get(s, shared.ticks) > 0) return encode(action.tick);
    this.oracle.report(this.bound.ticks > 0 ? "healed" : "served", waiting);
    return -1;
  }

  /** Then it is somebody's turn to mend it. */
  #isAnythingSpoiled(s: Words): boolean {
    if (this.#isSpoiled(s[grantsAt]!)) return true;
    return this.bound.acquires.some(
      (_, unit) => this.juju.isAlive(s, unit) && this.#isSpoiled(s[this.layout.bag(unit)]!),
    );
  }

  // ---- steps

  /** Changes the state by one step. What goes wrong on the way the oracle has found. */
  apply(s: Words, code: number): void {
    const { kind, unit, parameter } = decode(code);
    switch (kind) {
      case action.begin:
        this.#begin(s, unit, parameter, true);
        break;
      case action.stumble:
        this.#begin(s, unit, parameter, false);
        this.#fail(s, unit, false);
        break;
      case action.go:
        this.#go(s, unit, asItDoes);
        break;
      case action.read:
        s[this.layout.cached(unit, parameter)] = s[this.layout.bag(parameter)]! + 1;
        break;
      case action.fail:
        this.#fail(s, unit, parameter === 1);
        break;
      case action.crash:
        this.#spend(s, "crashes");
        this.#go(s, unit, parameter);
        break;
      case action.spoil:
        this.#spoil(s, unit, parameter);
        break;
      case action.mend:
        this.#rewrite(s, unit, parameter === 1, mended);
        break;
      default:
        this.#fault(s, kind, unit);
    }
  }

  #fault(s: Words, kind: number, unit: number): void {
    const at = this.layout.at(unit);
    switch (kind) {
      case action.lead:
        this.#lead(s, unit);
        break;
      case action.wait:
        this.#spend(s, "waits");
        this.#wait(s, unit);
        break;
      case action.depart:
        this.#spend(s, "departures");
        this.juju.depart(s, unit);
        break;
      case action.die:
        this.#spend(s, "deaths");
        this.juju.die(s, unit);
        break;
      case action.skip:
        this.#spend(s, "skips");
        this.juju.remember(s, unit, get(s, own.pending, at), 1);
        this.juju.look(s, unit);
        break;
      case action.restart:
        this.#spend(s, "restarts");
        this.juju.forget(s, unit);
        break;
      case action.tick:
        this.#spend(s, "ticks");
        this.#tick(s);
        break;
      case action.turn:
        this.#spend(s, "turns");
        set(s, shared.isOpen, 1 - get(s, shared.isOpen));
        // An option that changes brings config-changed to all units; the sun rises without a word.
        if (this.bound.policy !== "dawn") this.#tick(s);
        break;
    }
  }

  #tick(s: Words): void {
    for (let unit = 0; unit < this.layout.units; unit++) {
      const isThere = get(s, own.life, this.layout.at(unit)) !== life.dead;
      if (isThere) set(s, own.tick, 1, this.layout.at(unit));
    }
  }

  #spoil(s: Words, unit: number, way: number): void {
    this.#spend(s, "spoils");
    const isVersion = way === spoil.databagVersion || way === spoil.grantsVersion;
    const isOfBag = way === spoil.databag || way === spoil.databagVersion;
    const isApplication = !isOfBag && this.bound.store === "application";
    // What it had asked for may be lost with its databag.
    if (way === spoil.databag) set(s, own.owed, 0, this.layout.at(unit));
    this.#rewrite(s, unit, !isOfBag, (values) => spoiled(values, isVersion, isApplication));
  }

  #rewrite(s: Words, unit: number, isOfGrants: boolean, edit: (values: Values) => Values): void {
    const at = isOfGrants ? grantsAt : this.layout.bag(unit);
    const after = this.contents.number(edit(this.contents.values(s[at]!)));
    if (isOfGrants) this.juju.writeGrants(s, after);
    else this.juju.writeBag(s, unit, after);
  }

  #spend(s: Words, what: (typeof budgets)[number]): void {
    set(s, shared[what], get(s, shared[what]) - 1);
  }

  /** A lease is never taken away within 30 seconds of a True: for the old leader's hook they are over. */
  #lead(s: Words, unit: number): void {
    const old = get(s, shared.leader);
    if (old !== nobody) {
      this.#spend(s, "moves");
      this.#wait(s, old);
    }
    this.juju.lead(s, unit);
  }

  #wait(s: Words, unit: number): void {
    if (s[this.layout.place(unit)] === 0 || !this.#placeOf(s, unit).led) return;
    const at = this.layout.at(unit);
    set(s, own.waits, Math.min(3, get(s, own.waits, at) + 1), at);
  }

  #begin(s: Words, unit: number, code: number, goesOn: boolean): void {
    const at = this.layout.at(unit);
    if (code === event.exec) this.#spend(s, "execs");
    if (code === event.action) this.#spend(s, "actions");
    if (code === event.withdraw && get(s, own.pending, at) !== code) this.#spend(s, "withdraws");
    const isFirst = get(s, own.pending, at) !== event.configChanged;
    if (code === event.configChanged && isFirst) {
      set(s, own.acquires, get(s, own.acquires, at) - 1, at);
    }
    this.juju.begin(s, unit, code, this.conversations.begin(unit, code));
    if (goesOn && this.#isWhole(s)) this.#go(s, unit, asItDoes);
  }

  /**
   * Whether hooks may be taken whole up to their operation: nobody else can come to lead, and none can crash in between. Then
   * only the leader writes grants and reads others' databags, and an event that arrives during a hook is the same after it.
   */
  #isWhole(s: Words): boolean {
    return !this.bound.fine && get(s, shared.crashes) === 0 && !this.#isUnsure(s);
  }

  #fail(s: Words, unit: number, afterOperation: boolean): void {
    this.#spend(s, "fails");
    if (afterOperation) set(s, own.inside, 0, this.layout.at(unit));
    this.juju.fail(s, unit);
  }

  /** Goes on to the next call that could be noticed, and makes it. */
  #go(s: Words, unit: number, ending: number): void {
    const { conversations, layout } = this;
    const isUnsure = this.#isUnsure(s);
    const isWhole = this.#isWhole(s);
    const first = s[layout.place(unit)]!;
    const { decisions } = conversations.places[first]!;
    let isNoticed = false;
    for (let here = first; ; ) {
      const place = conversations.places[here]!;
      s[layout.place(unit)] = here;
      const { next } = place;
      if (next === call.broken) {
        this.#checkWhole(unit, conversations.messages[place.argument]!);
        this.juju.fail(s, unit);
        if (ending !== asItDoes) this.juju.forget(s, unit);
        return;
      }
      if (next === call.exit) {
        const saysNothing = place.own < 0 && place.application < 0 && !this.bound.fine;
        if (!isNoticed || (saysNothing && ending === asItDoes)) this.#exit(s, unit, place, ending);
        return;
      }
      if (isNoticed || (next === call.operated && here !== first)) return;
      const mayWait = isUnsure && this.juju.leads(s, unit);
      if (next === call.waits && place.decisions > decisions && mayWait) return;
      if (next === call.of && !this.#readLast(s, unit, place, isWhole)) return;
      isNoticed = this.#isNoticed(s, unit, place, isUnsure, isWhole);
      const result = this.#resultOf(s, unit, place);
      this.watch?.(unit, place, result);
      here = conversations.follow(here, result);
    }
  }

  /** The old library fails where leader-set is refused; and nobody asks for a lock in data of a newer version. */
  #checkWhole(unit: number, message: string): void {
    if (this.bound.old.includes(unit) || message.includes("written by a newer version")) return;
    this.oracle.report("whole", message);
  }

  /** Reads the one databag that is left to be read, if it may; answers whether none is left. */
  #readLast(s: Words, unit: number, place: Place, isWhole: boolean): boolean {
    const unread = this.#unread(s, unit, place);
    if (unread === 0) return true;
    if (!isWhole || (unread & (unread - 1)) !== 0) return false;
    const other = 31 - Math.clz32(unread);
    s[this.layout.cached(unit, other)] = s[this.layout.bag(other)]! + 1;
    return true;
  }

  /** Whether the result of the hook's next call may depend on when it is made, or others may see it. */
  #isNoticed(s: Words, unit: number, place: Place, isUnsure: boolean, isWhole: boolean): boolean {
    switch (place.next) {
      case call.isLeader:
      case call.planned:
        return isUnsure;
      case call.read:
        return !isWhole;
      case call.gate:
        return get(s, shared.turns) > 0;
      case call.of:
        return !isWhole && !((this.juju.members(s, unit) >> place.argument) & 1);
      case call.write:
        return !isWhole || get(s, shared.fails) > 0;
      default:
        return false;
    }
  }

  #resultOf(s: Words, unit: number, place: Place): number {
    const { layout } = this;
    const leads = this.juju.leads(s, unit) && !(place.minion && this.bound.stickyFalse);
    switch (place.next) {
      case call.isLeader:
        return leads ? 1 : 0;
      case call.read:
        return s[grantsAt]! * 2 + (leads ? 1 : 0);
      case call.own:
        return s[layout.bag(unit)]!;
      case call.members:
        return this.juju.members(s, unit);
      case call.of: {
        const isMember = (this.juju.members(s, unit) >> place.argument) & 1;
        if (isMember) return s[layout.cached(unit, place.argument)]! - 1;
        return s[layout.bag(place.argument)]!;
      }
      case call.write:
        return this.#write(s, unit, place, leads);
      case call.planned:
        return this.juju.lives(s);
      case call.now:
        return this.#tell(s, unit);
      case call.waits:
        return get(s, own.waits, layout.at(unit));
      case call.gate:
        return get(s, shared.isOpen);
      case call.operate:
        this.oracle.operates(s, unit, place.argument);
        set(s, own.inside, place.argument & ~unmatched, layout.at(unit));
        return 0;
      case call.operated:
        set(s, own.inside, 0, layout.at(unit));
        set(s, own.owed, 0, layout.at(unit));
        return 0;
      default:
        return 0;
    }
  }

  /** The unit's clock, in units of its own. */
  #tell(s: Words, unit: number): number {
    if (this.bound.clock === "still") return 1;
    const bag = s[this.layout.bag(unit)]!;
    const requests = this.contents.requests(bag);
    // In data of a newer version nothing can be asked for, however often.
    const isNewer = this.#isSpoiled(bag) && !isBroken(this.contents.values(bag));
    const isNew = !isNewer && Object.keys(requests).length < this.bound.locks.length;
    const clock = get(s, shared.clock) + (isNew ? 1 : 0);
    set(s, shared.clock, clock);
    return this.bound.clock === "running" ? clock : 250 - clock;
  }

  #write(s: Words, unit: number, place: Place, leads: boolean): number {
    if (!leads) return 0;
    const before = s[grantsAt]!;
    if (this.bound.store === "settings") {
      const after = this.contents.after(before, place.argument, this.writes);
      this.#checkWritten(before, after, unit);
      this.juju.writeGrants(s, after);
      this.oracle.granted(s, before, unit);
    }
    return before + 1;
  }

  #checkWritten(before: number, after: number, unit: number): void {
    if (before === after || this.contents.bare(before) !== this.contents.bare(after)) return;
    if (this.bound.old.includes(unit)) return;
    const { "coordinator-generation": then } = this.contents.values(before);
    const { "coordinator-generation": now } = this.contents.values(after);
    if (then === now) this.oracle.report("quiet", `app/${unit} writes grants that say nothing new`);
  }

  #exit(s: Words, unit: number, place: Place, ending: number): void {
    const at = this.layout.at(unit);
    const code = get(s, own.running, at);
    this.watch?.(unit, place, ending);
    if (ending === 0 || this.juju.refuses(s, unit, place)) {
      this.juju.fail(s, unit);
      if (ending >= 0) this.juju.forget(s, unit);
      return;
    }
    this.#commit(s, unit, place);
    if (ending === 1) {
      this.juju.fail(s, unit);
      this.juju.forget(s, unit);
      return;
    }
    if (code === event.configChanged && place.operated === 0) set(s, own.owed, 1, at);
    if (code === event.withdraw) set(s, own.owed, 0, at);
    // With grants that cannot be read a unit holds nothing, and the retry of a hook that failed in its operation goes on without.
    if (!isCommand(code) && this.#isSpoiled(s[grantsAt]!)) set(s, own.inside, 0, at);
    this.juju.succeed(s, unit);
  }

  #commit(s: Words, unit: number, place: Place): void {
    const before = s[this.layout.bag(unit)]!;
    const bag = place.own < 0 ? -1 : this.contents.after(before, place.own, this.writes);
    this.oracle.exits(s, unit, place, bag);
    if (bag >= 0) this.juju.writeBag(s, unit, bag);
    if (place.application >= 0) this.#commitGrants(s, unit, place);
  }

  #commitGrants(s: Words, unit: number, place: Place): void {
    const before = s[grantsAt]!;
    const { base, application } = place;
    const after = this.contents.restored(before, base, application, this.writes);
    this.#checkWritten(before, after, unit);
    this.juju.writeGrants(s, after);
    this.oracle.granted(s, before, unit);
  }
}
