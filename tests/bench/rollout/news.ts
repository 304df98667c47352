/**
 * What is due to whom, and hooks that are counted without being run. In the model each hook looks through all units, and each
 * library through what it is given; a rollout of 1,000 units takes three million hooks, nearly all of them of units that learn
 * something which is none of their business. Here what is written is noted for each unit that has to hear of it. A test rolls
 * the same rollouts with every hook run in the model, and finds the same counts.
 *
 * @module
 */

import { publishedGrants } from "../../../host/juju/measure/wire.js";
import type { Writes } from "../../../host/juju/model/commit.js";
import { event, relationEvent } from "../../../host/juju/model/events.js";
import type { LocalJuju } from "../../../host/juju/model/juju.js";
import { below } from "../../../host/juju/model/random.js";
import type { Event, UnitState } from "../../../host/juju/model/state.js";
import type { Values } from "../../../host/juju/model/values.js";

/** News that one unit has not heard. */
interface Unheard {
  readonly unit: UnitState;
  settings: boolean;
  config: boolean;
  application: boolean;
  status: boolean;
  /** Numbers of the units whose databags have changed, in ascending order. */
  readonly databags: number[];
}

/** The events after which a unit can have nothing to do but look whether it was granted something. */
const mayBeNothing: readonly string[] = [
  "relation-changed",
  "leader-settings-changed",
  "update-status",
];

/** See the module's comment. Only for an application in which nobody comes, goes or takes over leadership. */
export class News {
  readonly #juju: LocalJuju;
  readonly #unheard = new Map<string, Unheard>();
  #read: Values | null = null;
  #holders: Readonly<Record<string, unknown>> = {};

  /** @param juju an application in which nothing is due. */
  constructor(juju: LocalJuju) {
    this.#juju = juju;
    for (const name of juju.units) {
      const nothing = { settings: false, config: false, application: false, status: false };
      this.#unheard.set(name, { unit: juju.state.units[name]!, ...nothing, databags: [] });
    }
  }

  configChanged(): void {
    for (const news of this.#unheard.values()) news.config = true;
  }

  updateStatus(): void {
    for (const news of this.#unheard.values()) news.status = true;
  }

  /** A hook of this unit has written leader settings: at once, whatever becomes of the hook. */
  settingsWritten(): void {
    for (const [name, news] of this.#unheard) news.settings = name !== this.#juju.leader;
  }

  /** A hook of this unit has committed. */
  committed(writer: string, writes: Writes): void {
    const { number } = this.#juju.unit(writer);
    for (const news of this.#unheard.values()) {
      if (writes.application !== null) news.application = true;
      if (writes.unit !== null && news.unit.number !== number) note(news.databags, number);
    }
  }

  /** The event that `LocalJuju.next` would name, and the same draw where it draws. From now on the unit has heard of it. */
  next(name: string): Event | null {
    const news = this.#unheard.get(name)!;
    const status = news.status;
    // Any hook takes the place of update-status.
    news.status = false;
    if (hear(news, "settings")) return event("leader-settings-changed");
    if (hear(news, "config")) return event("config-changed");
    if (hear(news, "application")) return event("relation-changed");
    const { databags } = news;
    if (databags.length === 0) return status ? event("update-status") : null;
    const drawn = databags.length === 1 ? 0 : below(this.#juju.state.random, databags.length);
    const [number] = databags.splice(drawn, 1);
    return relationEvent("relation-changed", this.#juju.state.names[number!]!);
  }

  /** Whether the unit's hook with this event does nothing but read: it does not lead, and no grant names it. */
  isNothing(unit: string, { kind }: Event): boolean {
    if (unit === this.#juju.leader || !mayBeNothing.includes(kind)) return false;
    const { juju, settings, applicationBag } = this.#juju.state;
    const values = juju === "3.6" ? settings.values : applicationBag.values;
    if (values !== this.#read) {
      this.#read = values;
      this.#holders = publishedGrants(this.#juju);
    }
    return !(unit in this.#holders);
  }

  /** Counts a hook as run: the unit's agent has seen what the event was about. */
  skip(name: string, { kind, remoteUnit }: Event): void {
    const { state } = this.#juju;
    const unit = state.units[name]!;
    unit.seenTicks = unit.ticks;
    if (kind === "leader-settings-changed") unit.seenSettings = state.settings.version;
    if (kind !== "relation-changed") return;
    if (remoteUnit === null) unit.seenApplication = state.applicationBag.version;
    else {
      unit.members[remoteUnit] = state.units[remoteUnit]!.bag!.version;
      delete unit.cached[remoteUnit];
    }
  }
}

/** Whether there are such news; there are none any more. */
function hear(news: Unheard, what: "settings" | "config" | "application"): boolean {
  const there = news[what];
  news[what] = false;
  return there;
}

/** Puts a number into its place in an ascending list, unless it is there. */
function note(numbers: number[], number: number): void {
  let from = 0;
  let to = numbers.length;
  while (from < to) {
    const middle = (from + to) >> 1;
    if (numbers[middle]! < number) from = middle + 1;
    else to = middle;
  }
  if (numbers[from] !== number) numbers.splice(from, 0, number);
}
