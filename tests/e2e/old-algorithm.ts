/**
 * What the old library does (`charmhelpers.coordinator` with its `Serial`, and `SimpleCoordinator` of the layer), retold from its
 * behaviour, its faults included: the scenarios show with it what they would catch. Used in tests only.
 *
 * @module
 */

import type { Host } from "../../bindings/typescript/host.js";
import type { Algorithm, Disk, Locks } from "./rolling-charm.js";

/** Ids by unit and lock. The old library reads whatever JSON it finds. */
type Table = Record<string, Record<string, string>>;

const key = "coordinator";

interface Rules {
  /** Whether `unit`, which waits for `lock`, is granted it now. `queue` is in the order of the requests. */
  grants(grants: Table, lock: string, unit: string, queue: readonly string[]): boolean;
  /** Whether the leader looks at the queue again after its own release. */
  readonly decidesAtEnd: boolean;
}

const holdsAny = (grants: Table, unit: string) => Object.keys(grants[unit] ?? {}).length > 0;

const serialRules: Rules = {
  grants: (grants, lock, unit, queue) =>
    queue[0] === unit && !Object.values(grants).some((locks) => lock in locks),
  decidesAtEnd: false,
};

/** What authors write who need more than one at a time: the library has no such policy of its own. */
const parallelRules = (most: number): Rules => ({
  grants: (grants, lock, unit, queue) =>
    queue[0] === unit && Object.values(grants).filter((locks) => lock in locks).length < most,
  decidesAtEnd: false,
});

const simpleRules: Rules = {
  grants: (grants, _lock, unit, queue) =>
    holdsAny(grants, unit) ||
    (queue[0] === unit && !Object.keys(grants).some((other) => holdsAny(grants, other))),
  decidesAtEnd: true,
};

class OldLocks implements Locks {
  readonly #host: Host;
  readonly #disk: Disk;
  readonly #rules: Rules;
  readonly #unit: string;
  readonly #grants: Table;
  readonly #requests: Table = {};
  readonly #related: boolean;
  /** Units that wait for a lock, in order, as long as nothing changes: with 1,000 units each sorting counts. */
  readonly #queues = new Map<string, string[]>();

  /** Grants are read first, then requests; only then is-leader is asked. */
  constructor(host: Host, disk: Disk, rules: Rules) {
    this.#host = host;
    this.#disk = disk;
    this.#rules = rules;
    this.#unit = host.hook.unit;
    this.#grants = parse(host.leadership.read()[key]) as Table;
    const own = host.peers.own();
    this.#related = own !== null;
    for (const unit of this.#related ? host.peers.members() : []) {
      this.#load(unit, host.peers.of(unit)?.[key]);
    }
    this.#load(this.#unit, own?.[key] ?? disk.requests);
    this.#handle();
    host.hook.onEnd(() => this.#end());
  }

  #load(unit: string, text: string | undefined): void {
    if (text) this.#requests[unit] = parse(text) as Record<string, string>;
  }

  /** @returns whether the charm may operate: on the leader whatever `#grant` says, which compares no ids. */
  acquire(lock: string): boolean {
    this.#requests[this.#unit] ??= {};
    this.#requests[this.#unit]![lock] ??= this.#host.hook.now();
    this.#queues.clear();
    if (this.granted(lock)) return true;
    return this.#host.leadership.isLeader() && this.#grant(lock, this.#unit);
  }

  granted(lock: string): boolean {
    const id = this.#requests[this.#unit]?.[lock];
    return id !== undefined && this.#grants[this.#unit]?.[lock] === id;
  }

  /** The leader takes grants back whose request it does not see any more, and grants what waits. */
  #handle(): void {
    if (!this.#host.leadership.isLeader()) return;
    this.#queues.clear();
    for (const [unit, locks] of Object.entries(this.#grants)) {
      for (const [lock, id] of Object.entries(locks)) {
        if (this.#requests[unit]?.[lock] !== id) delete locks[lock];
      }
    }
    for (const [unit, locks] of Object.entries(this.#requests)) {
      for (const lock of Object.keys(locks)) this.#grant(lock, unit);
    }
  }

  #grant(lock: string, unit: string): boolean {
    if (this.#grants[unit]?.[lock] !== undefined) return true;
    if (!this.#rules.grants(this.#grants, lock, unit, this.#queue(lock))) return false;
    this.#grants[unit] ??= {};
    this.#grants[unit][lock] = this.#requests[unit]![lock]!;
    this.#queues.clear();
    return true;
  }

  #queue(lock: string): string[] {
    const known = this.#queues.get(lock);
    if (known !== undefined) return known;
    const queue = Object.entries(this.#requests)
      .filter(([unit, locks]) => lock in locks && this.#grants[unit]?.[lock] === undefined)
      .map(([unit, locks]) => ({ unit, order: `${locks[lock]} ${unit}` }))
      .sort((a, b) => (a.order < b.order ? -1 : 1))
      .map(({ unit }) => unit);
    this.#queues.set(lock, queue);
    return queue;
  }

  /** Only here anything is written, so a grant of the leader to itself is known to nobody while it acts on it. */
  #end(): void {
    const own = this.#requests[this.#unit] ?? {};
    for (const lock of Object.keys(own)) if (this.granted(lock)) delete own[lock];
    if (this.#rules.decidesAtEnd) this.#handle();
    const { leadership, peers } = this.#host;
    if (leadership.isLeader() && !leadership.write({ [key]: print(this.#grants) })) {
      throw new Error("leader-set failed");
    }
    if (this.#related) peers.writeOwn({ [key]: JSON.stringify(own) });
    else this.#disk.requests = JSON.stringify(own);
  }
}

function parse(text: string | undefined): unknown {
  return text === undefined || text === "" ? {} : JSON.parse(text);
}

/** With units in order, so that a hook that changes nothing writes nothing new. */
function print(grants: Table): string {
  const units = Object.entries(grants).filter(([, locks]) => Object.keys(locks).length > 0);
  return JSON.stringify(Object.fromEntries(units.sort(([a], [b]) => (a < b ? -1 : 1))));
}

/** `Serial` of `charmhelpers.coordinator`. */
export const oldSerial: Algorithm = {
  name: "charmhelpers Serial",
  open: (host, disk) => new OldLocks(host, disk, serialRules),
};

/** `SimpleCoordinator` of the layer. */
export const oldSimple: Algorithm = {
  name: "layer SimpleCoordinator",
  open: (host, disk) => new OldLocks(host, disk, simpleRules),
};

/** `BaseCoordinator` of `charmhelpers.coordinator` with a `default_grant` that lets so many hold each lock. */
export const oldParallel = (most: number): Algorithm => ({
  name: `charmhelpers, ${most} at a time`,
  open: (host, disk) => new OldLocks(host, disk, parallelRules(most)),
});
