import {
  field,
  firstOf,
  isObject,
  isString,
  member,
  NONE,
  Node,
  nextKey,
  nextOf,
  textOf,
  valueOf,
} from "../../json/document";
import { NO_TIME, parseTime, Time } from "../../json/time";
import { t } from "../../json/word";
import { Facts } from "../facts";
import { Request } from "./request";
import { State } from "./state";

/** What a built-in rule may look at, from what its module was told. */
export class Told extends Facts {
  /** The requests of each unit, whether they wait or are held. */
  private requestsOf: Array<Request | null>;

  constructor(private state: State) {
    super(state.unitNames, state.lockNames);
    this.now = parseTime(state.nowBytes);
    this.leader = state.leaderNumber;
    this.n = state.n;
    this.config = state.options.node;
    this.statuses = field(state.root, t("status"));
    this.requestsOf = new Array<Request | null>(state.unitNames.length);
    this.note(state.holders);
    this.note(state.queue);
    for (let i = 0; i < state.holders.length; i++) this.add(state.holders[i]);
  }

  /** A request is held. */
  add(holder: Request): void {
    this.addHolder(holder.unitNumber, holder.lockItself.number);
  }

  isMember(unit: i32): bool {
    return unit < this.state.memberCount;
  }

  /** A request of the leader itself that cannot be granted just now is not told: so it does not count. */
  wants(unit: i32, lock: i32): bool {
    return this.requestOf(unit, lock) !== null;
  }

  idOf(unit: i32, lock: i32): Time {
    const request = this.requestOf(unit, lock);
    return request === null ? NO_TIME : parseTime(request.idBytes);
  }

  dataOf(unit: i32, lock: i32): Node {
    const request = this.requestOf(unit, lock);
    return request === null ? NONE : request.dataNode;
  }

  releaseOf(unit: i32, lock: i32): Time {
    return this.timeOf(member(this.releases(lock), this.unitName(unit)));
  }

  lastRelease(lock: i32): Time {
    const times = this.releases(lock);
    let latest = NO_TIME;
    if (!isObject(times)) return latest;
    const stop = nextOf(times);
    for (let key = firstOf(times); key < stop; key = nextKey(key))
      latest = max(latest, this.timeOf(valueOf(key)));
    return latest;
  }

  unitOf(item: i32): i32 {
    return changetype<Request>(<usize>item).unitNumber;
  }

  lockOf(item: i32): i32 {
    return changetype<Request>(<usize>item).lockItself.number;
  }

  private note(requests: Array<Request>): void {
    for (let i = 0; i < requests.length; i++) {
      const request = requests[i];
      request.next = this.requestsOf[request.unitNumber];
      this.requestsOf[request.unitNumber] = request;
    }
  }

  private requestOf(unit: i32, lock: i32): Request | null {
    let request = this.requestsOf[unit];
    while (request !== null && request.lockItself.number !== lock) request = request.next;
    return request;
  }

  private releases(lock: i32): Node {
    return member(field(this.state.root, t("released")), this.lockName(lock));
  }

  /** A time that is written, but never one later than now; NO_TIME for what is none. */
  private timeOf(node: Node): Time {
    return isString(node) ? min(parseTime(textOf(node)), this.now) : NO_TIME;
  }
}
