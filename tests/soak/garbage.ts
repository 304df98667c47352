/**
 * Makes data unreadable in a stage, and puts back what was there. What only its own unit may write and can mend is left to it.
 *
 * @module
 */

import { publishedGrants } from "../../host/juju/measure/wire.js";
import type { Random } from "../../host/juju/model/random.js";
import { below } from "../../host/juju/model/random.js";
import type { Values } from "../../host/juju/model/values.js";
import type { Stage } from "../e2e/stage.js";
import { spoiledDatabag, spoiledGrants } from "./corruption.js";

interface Spoiled {
  readonly key: string;
  readonly was: string;
  readonly is: string;
  /** The grants in force when it was spoiled. */
  readonly grants: ReturnType<typeof publishedGrants>;
}

/** See the module's comment. */
export class Garbage {
  /** Values spoiled so far. */
  values = 0;
  readonly #stage: Stage;
  readonly #random: Random;
  /** What a unit cannot mend: data that a newer version seems to have written. */
  readonly #newer = new Map<string, { was: string; is: string }>();
  #grants: Spoiled | null = null;

  constructor(stage: Stage, random: Random) {
    this.#stage = stage;
    this.#random = random;
    stage.grants = () => this.#spoiled()?.grants ?? publishedGrants(stage.juju);
  }

  /** Somebody writes what nobody can read into the databag of a unit that runs nothing. */
  spoilDatabag(unit: string): void {
    const now = this.#databag(unit);
    if (now === null) return;
    const values = spoiledDatabag(this.#random, now);
    for (const [key, is] of Object.entries(values)) {
      this.values++;
      if (!is.includes('"v": 2')) continue;
      const before = this.#newer.get(unit);
      const was = now[key] === before?.is ? before?.was : now[key];
      this.#newer.set(unit, { was: was ?? "", is });
    }
    this.#stage.write(unit, values);
  }

  /** The same in place of the grants: in what is there, or on the application databag in a greater reign. */
  spoilGrants(): void {
    const { juju } = this.#stage;
    if (this.#spoiled() !== null || !this.#isIdle(juju.leader)) return;
    const values = this.#place;
    const key = this.#keyOf(values);
    const was = values[key] ?? "";
    const is = spoiledGrants(this.#random, was);
    this.values++;
    this.#grants = { key, was, is, grants: publishedGrants(juju) };
    this.#stage.writeGrants({ [key]: is });
  }

  /** The operator puts back what was there, unless somebody has mended it already. @returns false if a unit was busy. */
  repair(): boolean {
    const grants = this.#spoiled();
    if (grants !== null && this.#isIdle(this.#stage.juju.leader)) {
      this.#stage.writeGrants({ [grants.key]: again(grants.was) });
      this.#grants = null;
    }
    for (const [unit, { was, is }] of this.#newer) {
      const now = this.#databag(unit);
      if (now === null && this.#stage.juju.unit(unit).life !== "dead") continue;
      if (now?.["coordinator-v1"] === is) this.#stage.write(unit, { "coordinator-v1": again(was) });
      this.#newer.delete(unit);
    }
    return this.#spoiled() === null && this.#newer.size === 0;
  }

  get #place(): Values {
    const { settings, applicationBag } = this.#stage.juju.state;
    return this.#stage.setting.juju === "3.6" ? settings.values : applicationBag.values;
  }

  #keyOf(values: Values): string {
    if (this.#stage.setting.juju === "3.6") return "coordinator";
    const reigns = Object.keys(values).map((key) =>
      Number(/^coordinator-r(\d+)$/.exec(key)?.[1] ?? 0),
    );
    return `coordinator-r${Math.max(1, ...reigns) + below(this.#random, 2)}`;
  }

  /** What is spoiled, as long as it is. */
  #spoiled(): Spoiled | null {
    if (this.#grants !== null && this.#place[this.#grants.key] !== this.#grants.is) {
      this.#grants = null;
    }
    return this.#grants;
  }

  /** The databag of a unit in which juju-exec can run; null for any other. */
  #databag(unit: string): Values | null {
    return this.#isIdle(unit) ? this.#stage.juju.unit(unit).bag!.values : null;
  }

  #isIdle(unit: string | null): boolean {
    if (unit === null) return false;
    const { running, agentRunning, life, bag, relationCreated } = this.#stage.juju.unit(unit);
    return running === null && agentRunning && life !== "dead" && bag !== null && relationCreated;
  }
}

/** The same, but not the same bytes: Juju 4 compares contents, and what is as it was before is no event. */
function again(value: string): string {
  return value === "" ? "" : `${value} `;
}
