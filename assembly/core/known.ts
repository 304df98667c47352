/** What rules may look at, from what this hook has read. */
import { NONE, Node } from "../json/document";
import { NO_TIME, Time } from "../json/time";
import { Facts } from "../policy/facts";
import { Hook } from "./hook";
import { Entry, entryOf, idOf, Unit } from "./unit";

export class Known extends Facts {
  private hook: Hook;

  /** Who holds now is told at once; the grants to come are told by `addHolder`. */
  constructor(hook: Hook) {
    super(hook.ledger.unitNames, hook.ledger.lockNames);
    const ledger = hook.ledger;
    this.hook = hook;
    this.now = hook.now;
    this.leader = hook.self.number;
    this.n = ledger.size;
    for (let i = 0; i < ledger.holders.length; i++) {
      const unit = ledger.holders[i];
      let grant = unit.grants;
      while (grant !== null) {
        this.addHolder(unit.number, grant.lock);
        grant = grant.next;
      }
    }
  }

  isMember(unit: i32): bool {
    return this.at(unit).member;
  }

  wants(unit: i32, lock: i32): bool {
    const one = this.at(unit);
    if (entryOf(one.grants, lock) !== null) return true;
    return idOf(one.done, lock) < idOf(one.requests, lock) && one.mayBeGranted();
  }

  idOf(unit: i32, lock: i32): Time {
    return idOf(this.at(unit).requests, lock);
  }

  /** Of a holder only what came with the very request that was granted. */
  dataOf(unit: i32, lock: i32): Node {
    const one = this.at(unit);
    const request = entryOf(one.requests, lock);
    if (request === null || one.isQuarantined) return NONE;
    const grant = entryOf(one.grants, lock);
    return grant === null || grant.id === request.id ? request.data : NONE;
  }

  releaseOf(unit: i32, lock: i32): Time {
    const one = this.at(unit);
    const time = this.hook.releases.latest(one, lock);
    return min(time === NO_TIME ? idOf(one.done, lock) : time, this.now);
  }

  lastRelease(lock: i32): Time {
    return min(this.hook.releases.latest(null, lock), this.now);
  }

  unitOf(item: i32): i32 {
    return changetype<Entry>(<usize>item).unit.number;
  }

  lockOf(item: i32): i32 {
    return changetype<Entry>(<usize>item).lock;
  }

  private at(unit: i32): Unit {
    return this.hook.ledger.units[unit];
  }
}
