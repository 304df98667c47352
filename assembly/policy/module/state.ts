/**
 * What a policy decides on, as the core tells it (host/abi.md, `decide`): who holds and who waits, and what the policy has asked to be
 * told besides.
 */
import {
  ARRAY,
  field,
  firstOf,
  isObject,
  isString,
  kindOf,
  member,
  Node,
  nextKey,
  nextOf,
  textOf,
  valueOf,
} from "../../json/document";
import { Names } from "../../json/names";
import { NOT_WHOLE, wholeOf } from "../../json/number";
import { EMPTY, equal, Slice } from "../../json/slice";
import { areStrings } from "../../json/strings";
import { Text } from "../../json/text";
import { bytesOf, t, Word } from "../../json/word";
import { Lock, Request } from "./request";
import { secondsOf } from "./seconds";
import { sliceOfString, stringOf } from "./string";
import { Value } from "./value";

export class State {
  /** The moment of the decision, in seconds since 1970, UTC. */
  now: f64 = 0;
  /** The number of units: those of relation-list, and the leader. */
  n: i32 = 0;
  /** The unit that leads, and decides. */
  leader: string = "";
  /** Who holds a lock. A request that is permitted is among them from then on. */
  holders: Array<Request> = new Array<Request>();
  /** Who waits, in the order in which they are looked at. */
  queue: Array<Request> = new Array<Request>();

  // For the module itself.

  /** What is wrong with the input, and where; EMPTY if nothing is. */
  fault: Slice = EMPTY;
  path: Slice = EMPTY;
  /** After how many seconds the policy wants to be asked again; 0 if it does not say. */
  retrySeconds: i32 = 0;
  nowBytes: Slice = EMPTY;
  /** All units that are spoken of, by number; first the members of the application, and the leader behind them if it is none. */
  unitNames: Names = new Names();
  memberCount: i32 = 0;
  leaderNumber: i32 = 0;
  lockNames: Names = new Names();

  private locks: Array<Lock> = new Array<Lock>();
  /** The lock whose holders were asked for last. */
  private last: Lock | null = null;
  private unitList: Array<string> | null = null;
  private statusByUnit: Map<string, string> | null = null;

  constructor(readonly root: Node) {
    this.nowBytes = this.textAt(t("now"));
    this.now = secondsOf(this.nowBytes);
    if (F64.isNaN(this.now))
      this.fail(t("now"), t("expected a UTC time such as 2026-11-22 09:52:56.123456Z"));
    const leader = this.textAt(t("leader"));
    this.leader = stringOf(leader);
    const n = wholeOf(field(root, t("n")));
    if (n === NOT_WHOLE || n > i32.MAX_VALUE) this.fail(t("n"), t("expected a whole number"));
    this.n = <i32>n;
    const units = field(root, t("units"));
    if (areStrings(units)) this.readUnits(units);
    else this.fail(t("units"), t("expected a list of units"));
    this.memberCount = this.unitNames.length;
    this.leaderNumber = this.unitNames.add(leader);
    this.read(t("holders"), this.holders);
    for (let i = 0; i < this.holders.length; i++) this.hold(this.holders[i]);
    this.read(t("queue"), this.queue);
  }

  /** The names of all units, the leader's among them. */
  get units(): Array<string> {
    let units = this.unitList;
    if (units !== null) return units;
    units = new Array<string>();
    for (let i = 0; i < this.memberCount; i++) units.push(stringOf(this.unitNames.at(i)));
    this.unitList = units;
    return units;
  }

  /** Who holds this lock. */
  holdersOf(lock: string): Array<Request> {
    let found = this.last;
    if (found === null || found.name !== lock) {
      const number = this.lockNames.find(sliceOfString(lock));
      if (number < 0) return new Array<Request>();
      found = this.locks[number];
      this.last = found;
    }
    return found.holders;
  }

  /** The config options of the charm that `needOption` asked for, by name; those without a value are not there. */
  get options(): Value {
    return new Value(field(this.root, t("options")));
  }

  /** The status of each unit in goal-state, such as `active` or `error`; none without `needStatuses`. */
  get statuses(): Map<string, string> {
    let known = this.statusByUnit;
    if (known !== null) return known;
    known = new Map<string, string>();
    this.statusByUnit = known;
    const statuses = field(this.root, t("status"));
    if (!isObject(statuses)) return known;
    const stop = nextOf(statuses);
    for (let key = firstOf(statuses); key < stop; key = nextKey(key)) {
      if (isString(valueOf(key))) known.set(stringOf(textOf(key)), stringOf(textOf(valueOf(key))));
    }
    return known;
  }

  /**
   * When this unit has last released the lock, or where no unit is named anyone: in seconds since 1970, UTC. -Infinity, long ago, if
   * that is not known, as without `needReleases`.
   */
  released(lock: string, unit: string = ""): f64 {
    const times = member(field(this.root, t("released")), sliceOfString(lock));
    let latest = -Infinity;
    if (!isObject(times)) return latest;
    const wanted = sliceOfString(unit);
    const stop = nextOf(times);
    for (let key = firstOf(times); key < stop; key = nextKey(key)) {
      if (unit.length > 0 && !equal(textOf(key), wanted)) continue;
      const time = isString(valueOf(key)) ? secondsOf(textOf(valueOf(key))) : NaN;
      if (time > latest) latest = time;
    }
    return latest;
  }

  /** Says after how many seconds time alone will have changed the decision; of several the least counts. */
  retryAfter(seconds: i32): void {
    if (seconds > 0 && (this.retrySeconds === 0 || seconds < this.retrySeconds))
      this.retrySeconds = seconds;
  }

  /** A request is granted. */
  grant(request: Request): void {
    this.holders.push(request);
    this.hold(request);
  }

  private hold(request: Request): void {
    request.lockItself.holders.push(request);
  }

  private readUnits(units: Node): void {
    const stop = nextOf(units);
    for (let item = firstOf(units); item < stop; item = nextOf(item))
      this.unitNames.add(textOf(item));
  }

  private read(list: Word, into: Array<Request>): void {
    const node = field(this.root, list);
    if (kindOf(node) !== ARRAY) return this.fail(list, t("expected a list of requests"));
    const unitKey = bytesOf(t("unit"));
    const lockKey = bytesOf(t("lock"));
    const idKey = bytesOf(t("id"));
    const dataKey = bytesOf(t("data"));
    const stop = nextOf(node);
    for (let item = firstOf(node); item < stop; item = nextOf(item)) {
      const unit = member(item, unitKey);
      const lock = member(item, lockKey);
      const id = member(item, idKey);
      if (!isString(unit) || !isString(lock) || !isString(id))
        return this.failItem(list, into.length);
      const number = this.unitNames.add(textOf(unit));
      into.push(
        new Request(
          number,
          textOf(unit),
          this.lockOf(textOf(lock)),
          textOf(id),
          member(item, dataKey),
          number === this.leaderNumber,
        ),
      );
    }
  }

  private lockOf(name: Slice): Lock {
    const number = this.lockNames.add(name);
    if (number === this.locks.length) this.locks.push(new Lock(number, name));
    return this.locks[number];
  }

  private failItem(list: Word, place: i32): void {
    const path = new Text().ascii(list).byte(0x5b).number(place).byte(0x5d).slice();
    this.failAt(path, t("expected an object with unit, lock and id"));
  }

  private textAt(name: Word): Slice {
    const node = field(this.root, name);
    if (isString(node)) return textOf(node);
    this.fail(name, t("expected a text"));
    return EMPTY;
  }

  private fail(name: Word, what: Word): void {
    this.failAt(bytesOf(name), what);
  }

  private failAt(path: Slice, what: Word): void {
    if (this.fault !== EMPTY) return;
    this.fault = bytesOf(what);
    this.path = path;
  }
}
