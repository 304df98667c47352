/**
 * Everything that can go wrong in a rollout in this process, at random moments: between two hooks, and between two calls of one.
 *
 * @module
 */

import type { Outcome } from "../../host/juju/model/lifecycle.js";
import { below, pick, type Random } from "../../host/juju/model/random.js";
import { type Stage, Stopped } from "../e2e/stage.js";
import { type Figures, noFigures } from "./figures.js";
import { Garbage } from "./garbage.js";
import type { RolloutSetting } from "./setting.js";

const hour = 3600;
/** Calls within which something armed strikes; a hook makes some ten. */
const soon = 40;
const mostUnits = 7;

/** See the module's comment. */
export class Troubles {
  readonly figures: Figures = noFigures();
  readonly #stage: Stage;
  readonly #random: Random;
  readonly #garbage: Garbage;
  readonly #kinds: readonly (() => void)[];
  #version = 2;

  /** @param setting.spoils whether data becomes unreadable, too. */
  constructor(stage: Stage, setting: RolloutSetting & { spoils: boolean }, random: Random) {
    this.#stage = stage;
    this.#random = random;
    this.#garbage = new Garbage(stage, random);
    this.#kinds = [
      () => this.#stopHook(),
      () => this.#stopHook(),
      () => this.#stopHook(),
      () => this.#failAtEnd(),
      () => this.#loseLead(),
      () => this.#loseLead(),
      () => this.#loseAndRegainLead(),
      () => this.#loseAndRegainLead(),
      () => this.#loseLeadBeforeCommit(),
      () => this.#moveLead(),
      () => this.#moveLead(),
      () => this.#stopAgent(),
      () => this.#startAgents(),
      () => this.#skew(),
      () => this.#command(),
      () => this.#resolve(),
      () => this.#configure(),
      () => stage.juju.tick(),
      ...(setting.spoils ? this.#spoilers : []),
      ...(setting.scales ? [() => this.#addUnit(), () => this.#removeUnit()] : []),
    ];
  }

  get #spoilers(): (() => void)[] {
    return [
      () => this.#spoilDatabag(),
      () => this.#spoilDatabag(),
      () => this.#garbage.spoilGrants(),
      () => void this.#garbage.repair(),
    ];
  }

  /** One trouble after another, with some hooks between them. */
  run(): void {
    const troubles = 4 + below(this.#random, 12);
    for (let trouble = 0; trouble < troubles; trouble++) {
      pick(this.#random, this.#kinds)();
      const until = this.#stage.calls + below(this.#random, 60);
      const except = this.#stage.juju.units.filter((unit) => this.#sleeps(unit));
      this.#stage.run({ except, until: () => this.#stage.calls >= until });
    }
  }

  /** What a unit does is late at times, and nearly always if it operates: operations are what takes long. */
  #sleeps(unit: string): boolean {
    return this.#stage.operates(unit) ? below(this.#random, 4) > 0 : below(this.#random, 4) === 0;
  }

  /** No more of it: agents run, what cannot be read is what it was, and somebody leads. */
  end(): void {
    const { juju } = this.#stage;
    this.#stage.interrupt = null;
    this.#stage.ending = null;
    this.#startAgents();
    if (juju.leader === null) juju.moveLeader(juju.units[0]!);
    this.#stage.run({ until: () => this.#garbage.repair() });
    this.figures.corruptedValues = this.#garbage.values;
  }

  /** Whether a hook had to fail so: in a unit whose data a newer version seems to have written, acquire says so. */
  explains(failure: string): boolean {
    return this.#garbage.values > 0 && failure.includes("written by a newer version");
  }

  // ---- inside a hook

  /** Strikes before or after one of the next calls of any hook. */
  #arm(strike: (unit: string) => void, moment: "before" | "after"): void {
    let left = below(this.#random, soon);
    this.#stage.interrupt = (unit, _call, when) => {
      if (when !== moment || left-- > 0) return;
      this.#stage.interrupt = null;
      strike(unit);
    };
  }

  #stopHook(): void {
    const outcome = pick<Outcome>(this.#random, [
      { signal: "SIGKILL" },
      { exit: 1 },
      { crash: "before-commit" },
    ]);
    const alsoLoses = below(this.#random, 3) === 0;
    this.#arm((unit) => {
      this.figures.kills++;
      if (alsoLoses && this.#stage.juju.leader === unit) this.#leadAnother(unit);
      throw new Stopped(outcome);
    }, "before");
  }

  #loseLead(): void {
    this.#arm((unit) => {
      if (this.#stage.juju.leader === unit) this.#leadAnother(unit);
    }, "before");
  }

  /**
   * Another unit leads for a while, and operates if it may. Only after a call: between the host's look at the clock and the call
   * that follows it nobody can notice anything.
   */
  #loseAndRegainLead(): void {
    const { juju } = this.#stage;
    this.#arm((unit) => {
      if (juju.leader !== unit) return;
      const other = this.#leadAnother(unit);
      if (other === null) return;
      const until = this.#stage.calls + below(this.#random, 40);
      this.#stage.run({ only: [other], until: () => this.#stage.calls >= until });
      if (juju.unit(unit).life !== "dead") this.#lead(unit);
    }, "after");
  }

  // ---- at the end of a hook

  #atEnd(strike: (unit: string) => Outcome): void {
    let left = below(this.#random, 6);
    this.#stage.ending = (unit) => {
      if (left-- > 0) return { exit: 0 };
      this.#stage.ending = null;
      return strike(unit);
    };
  }

  #failAtEnd(): void {
    const outcome = pick<Outcome>(this.#random, [
      { exit: 1 },
      { signal: "SIGKILL" },
      { crash: "before-commit" },
      { crash: "after-commit" },
    ]);
    this.#atEnd(() => {
      this.figures.kills++;
      return outcome;
    });
  }

  /** Juju refuses the commit if the hook has written where only a leader may. */
  #loseLeadBeforeCommit(): void {
    this.#atEnd((unit) => {
      if (this.#stage.juju.leader === unit) this.#leadAnother(unit);
      return { exit: 0 };
    });
  }

  // ---- between hooks

  /** @returns the unit that leads now; null if there is no other that can. */
  #leadAnother(unit: string): string | null {
    const { juju } = this.#stage;
    const others = juju.units.filter((name) => name !== unit && juju.unit(name).agentRunning);
    if (others.length === 0) return null;
    const other = pick(this.#random, others);
    this.#lead(other);
    return other;
  }

  #lead(unit: string): void {
    this.figures.leaderChanges++;
    this.#stage.lead(unit);
  }

  #moveLead(): void {
    this.#leadAnother(this.#stage.juju.leader ?? "");
  }

  /** The agent goes down, with what it runs; not the last one. */
  #stopAgent(): void {
    const { juju } = this.#stage;
    const running = juju.units.filter((unit) => juju.unit(unit).agentRunning);
    if (running.length < 2) return;
    const unit = pick(this.#random, running);
    if (juju.unit(unit).running !== null) {
      this.figures.kills++;
      this.#stage.crash(unit);
    }
    juju.stopAgent(unit);
  }

  #startAgents(): void {
    const { juju } = this.#stage;
    for (const unit of juju.units) {
      if (!juju.unit(unit).agentRunning) juju.startAgent(unit);
    }
  }

  #skew(): void {
    const { juju } = this.#stage;
    this.figures.skews++;
    juju.setSkew(pick(this.#random, juju.units), (below(this.#random, 97) - 48) * hour);
  }

  #spoilDatabag(): void {
    this.#garbage.spoilDatabag(pick(this.#random, this.#stage.juju.units));
  }

  /** juju-exec or an action in a unit that runs nothing, in error or not. */
  #command(): void {
    const { juju } = this.#stage;
    const unit = pick(this.#random, juju.units);
    const { running, agentRunning, installed } = juju.unit(unit);
    if (running !== null || !agentRunning || !installed) return;
    this.#stage.command(unit, pick(this.#random, ["exec", "action"] as const));
  }

  /** A failed hook is run again at once, or given up; not `start`, without which a charm has nothing to restart. */
  #resolve(): void {
    const { juju } = this.#stage;
    const failed = juju.units.filter((name) => {
      const { hook, running, started } = juju.unit(name);
      return hook?.step === "failed" && running === null && started;
    });
    if (failed.length === 0) return;
    juju.resolved(pick(this.#random, failed), { retry: below(this.#random, 2) === 0 });
  }

  #configure(): void {
    this.#stage.configure(String(++this.#version));
  }

  #addUnit(): void {
    const { juju } = this.#stage;
    if (juju.units.length >= mostUnits) return;
    this.figures.unitsAdded++;
    juju.addUnit();
  }

  #removeUnit(): void {
    const { juju } = this.#stage;
    if (juju.units.length < 3) return;
    this.figures.unitsRemoved++;
    juju.removeUnit(pick(this.#random, juju.units), { force: below(this.#random, 3) === 0 });
  }
}
