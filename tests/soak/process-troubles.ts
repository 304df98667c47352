/**
 * Everything that can go wrong in a rollout on real processes. What happens inside a hook is tied to the number of its hook tool, so
 * that the seed decides it and not the clock.
 *
 * @module
 */

import type { Watcher } from "../../host/juju/agent/agent.js";
import type { HookContext } from "../../host/juju/model/context.js";
import type { LocalJuju } from "../../host/juju/model/juju.js";
import type { Outcome } from "../../host/juju/model/lifecycle.js";
import { below, pick, type Random } from "../../host/juju/model/random.js";
import type { Values } from "../../host/juju/model/values.js";
import { spoiledDatabag, spoiledGrants } from "./corruption.js";
import { type Figures, noFigures } from "./figures.js";
import type { Onlooker } from "./onlooker.js";
import type { RolloutSetting } from "./setting.js";

const hour = 3600;
const mostUnits = 4;
/** A hook costs what it costs; with more of this a rollout only becomes longer. */
const mostKills = 6;

/** What was there before it was spoiled. */
interface Spoiled {
  readonly was: Values;
  readonly is: Values;
}

/** See the module's comment. */
export class ProcessTroubles {
  readonly figures: Figures = noFigures();
  /** What the charms have written to standard error. */
  readonly lines: string[] = [];
  readonly #juju: LocalJuju;
  readonly #setting: RolloutSetting;
  readonly #random: Random;
  readonly #onlooker: Onlooker;
  /** How a hook ends that was killed here, where the model is told of another end than a signal. */
  readonly #dooms = new Map<string, Outcome>();
  readonly #databags = new Map<string, Spoiled>();
  #grants: Spoiled | null = null;
  #isOn = false;

  constructor(juju: LocalJuju, setting: RolloutSetting, random: Random, onlooker: Onlooker) {
    this.#juju = juju;
    this.#setting = setting;
    this.#random = random;
    this.#onlooker = onlooker;
  }

  readonly watcher: Watcher = {
    tool: (context, { name, args }) => {
      if (this.#isOn && this.#strikesTool(context) === "kill") return "kill";
      this.#onlooker.tool(context, name, args);
      return undefined;
    },
    ending: (context, outcome) => this.#endOf(context, outcome),
    ended: (context, result) => {
      this.#onlooker.ended(context, result);
      const { unit } = context;
      // With data of a newer version a hook that asks for a lock fails, again and again, until somebody sees to it.
      if (result.ending === "failed") this.#mend(unit);
      if (this.#isOn && this.#isIdle(unit)) this.#strikeIdle(unit);
    },
    output: (unit, stream, line) => {
      if (stream === "stderr") this.lines.push(`${unit}: ${line}`);
    },
  };

  begin(): void {
    this.#isOn = true;
  }

  /** What an operator does before the configuration changes again, and what befalls agents that are idle. */
  betweenRollouts(): void {
    this.#startAgents();
    this.#mendAll();
    if (this.#oneIn(3)) this.#moveLead();
    if (this.#setting.scales && this.#oneIn(2)) this.#addUnit();
    if (this.#setting.scales && this.#oneIn(2)) this.#removeUnit();
    if (this.#oneIn(4)) this.#stopAgent();
    if (this.#oneIn(3)) this.#juju.tick();
  }

  /** No more of it: agents run, and what only others could mend is mended. */
  end(): void {
    this.#isOn = false;
    this.#startAgents();
    this.#mendAll();
  }

  // ---- inside a hook

  #strikesTool(context: HookContext): "kill" | undefined {
    const { unit } = context;
    if (context.kind !== "hook") return undefined;
    const mayKill = this.figures.kills < mostKills;
    if (mayKill && this.#oneIn(this.#onlooker.operates(unit) ? 3 : 50)) {
      this.figures.kills++;
      this.#dooms.set(
        unit,
        pick<Outcome>(this.#random, [
          { signal: "SIGKILL" },
          { exit: 1 },
          { crash: "before-commit" },
        ]),
      );
      return "kill";
    }
    if (this.#juju.leader === unit && this.#oneIn(30)) this.#moveLead();
    return undefined;
  }

  /** What the model is told of a hook that has ended. */
  #endOf(context: HookContext, outcome: Outcome): Outcome {
    const { unit } = context;
    const doom = this.#dooms.get(unit);
    this.#dooms.delete(unit);
    if (doom !== undefined) return doom;
    const succeeded = "exit" in outcome && outcome.exit === 0;
    if (!this.#isOn || !succeeded || context.kind !== "hook") return outcome;
    // Before the commit: Juju refuses it if the hook has written where only a leader may.
    if (this.#juju.leader === unit && this.#oneIn(10)) this.#moveLead();
    if (this.figures.kills >= mostKills || !this.#oneIn(20)) return outcome;
    this.figures.kills++;
    return pick<Outcome>(this.#random, [
      { exit: 1 },
      { crash: "before-commit" },
      { crash: "after-commit" },
    ]);
  }

  // ---- between hooks

  #strikeIdle(unit: string): void {
    if (this.#oneIn(12)) this.#spoilDatabag(unit);
    if (this.#oneIn(12)) this.#spoilGrants();
    if (this.#oneIn(8)) {
      this.figures.skews++;
      this.#juju.setSkew(unit, (below(this.#random, 97) - 48) * hour);
    }
  }

  #spoilDatabag(unit: string): void {
    const now = this.#juju.unit(unit).bag!.values;
    const is = spoiledDatabag(this.#random, now);
    this.figures.corruptedValues += Object.keys(is).length;
    const before = this.#databags.get(unit);
    const was = Object.keys(is).map((key) => {
      const isSpoiled = before !== undefined && now[key] === before.is[key];
      return [key, (isSpoiled ? before.was[key] : now[key]) ?? ""];
    });
    this.#databags.set(unit, {
      was: { ...before?.was, ...Object.fromEntries(was) },
      is: { ...before?.is, ...is },
    });
    this.#write(unit, is, "databag");
  }

  /** Only while nobody operates or is about to, so that the onlooker still sees what it must see. */
  #spoilGrants(): void {
    const { leader } = this.#juju;
    const isQuiet = this.#juju.units.every((unit) => this.#juju.unit(unit).running === null);
    if (this.#grants !== null || !isQuiet || this.#onlooker.someoneOperates) return;
    if (leader === null || !this.#isIdle(leader)) return;
    const key = this.#grantsKey();
    const was = this.#place[key] ?? "";
    const is = spoiledGrants(this.#random, was);
    this.figures.corruptedValues++;
    this.#grants = { was: { [key]: was }, is: { [key]: is } };
    this.#write(leader, { [key]: is }, "grants");
  }

  #mendAll(): void {
    for (const unit of this.#databags.keys()) this.#mend(unit);
    const { leader } = this.#juju;
    if (this.#grants === null || leader === null || !this.#isIdle(leader)) return;
    const { was, is } = this.#grants;
    this.#write(leader, stillThere(this.#place, was, is), "grants");
    this.#grants = null;
  }

  /** Puts back what was there, unless the unit itself has written since. */
  #mend(unit: string): void {
    const spoiled = this.#databags.get(unit);
    if (spoiled === undefined || !this.#isIdle(unit)) return;
    const { values } = this.#juju.unit(unit).bag!;
    this.#write(unit, stillThere(values, spoiled.was, spoiled.is), "databag");
    this.#databags.delete(unit);
  }

  #write(unit: string, values: Values, where: "databag" | "grants"): void {
    const context = this.#juju.exec(unit);
    if (where === "databag") context.relationSet(values);
    else if (this.#setting.juju === "3.6") context.leaderSet(values);
    else context.relationSet(values, { application: true });
    context.finish({ exit: 0 });
  }

  get #place(): Values {
    const { settings, applicationBag } = this.#juju.state;
    return this.#setting.juju === "3.6" ? settings.values : applicationBag.values;
  }

  #grantsKey(): string {
    if (this.#setting.juju === "3.6") return "coordinator";
    const keys = Object.keys(this.#place);
    const reigns = keys.map((key) => Number(/^coordinator-r(\d+)$/.exec(key)?.[1] ?? 0));
    return `coordinator-r${Math.max(1, ...reigns)}`;
  }

  /**
   * Leadership goes to a unit that runs nothing. Charm processes read a clock that the model cannot move, so none of them may be led
   * to believe that leadership which was lost and regained in its hook was never lost.
   */
  #moveLead(): void {
    const others = this.#juju.units.filter((unit) => {
      const { running, agentRunning } = this.#juju.unit(unit);
      return unit !== this.#juju.leader && running === null && agentRunning;
    });
    if (others.length === 0) return;
    this.figures.leaderChanges++;
    this.#juju.moveLeader(pick(this.#random, others));
  }

  #addUnit(): void {
    if (this.#juju.units.length >= mostUnits) return;
    this.figures.unitsAdded++;
    this.#juju.addUnit();
  }

  #removeUnit(): void {
    if (this.#juju.units.length < 3) return;
    this.figures.unitsRemoved++;
    const unit = pick(this.#random, this.#juju.units);
    this.#juju.removeUnit(unit, { force: this.#oneIn(3) });
  }

  /** Not the last one. If it leads, the lease runs out. */
  #stopAgent(): void {
    if (this.#juju.units.length < 2) return;
    this.#juju.stopAgent(pick(this.#random, this.#juju.units));
    this.#juju.advance(61);
  }

  #startAgents(): void {
    for (const unit of this.#juju.units) {
      if (!this.#juju.unit(unit).agentRunning) this.#juju.startAgent(unit);
    }
  }

  #isIdle(unit: string): boolean {
    const { running, agentRunning, life, bag, relationCreated } = this.#juju.unit(unit);
    return running === null && agentRunning && life !== "dead" && bag !== null && relationCreated;
  }

  #oneIn(times: number): boolean {
    return below(this.#random, times) === 0;
  }
}

/** What was there, of the values that are still what they were made; not in the same bytes, which to Juju 4 would be no event. */
function stillThere(now: Values, was: Values, is: Values): Values {
  const spoiled = Object.entries(was).filter(([key]) => now[key] === is[key]);
  return Object.fromEntries(spoiled.map(([key, value]) => [key, value === "" ? "" : `${value} `]));
}
