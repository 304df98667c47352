/**
 * A rollout: deploys the sample charm, changes its configuration, and watches from outside how the units take turns.
 *
 * @module
 */

import { Agent, type Watcher } from "../agent/agent.js";
import { allowedAtOnce } from "../measure/allowed.js";
import { Operations } from "../measure/operations.js";
import { waitingUnits } from "../measure/wire.js";
import type { HookContext } from "../model/context.js";
import { LocalJuju } from "../model/juju.js";
import { languageOf } from "./languages.js";
import type { Plan } from "./plan.js";
import { Poll } from "./poll.js";
import type { Span, Timeline } from "./timeline.js";

/** What a rollout came to. */
export interface Summary {
  units: number;
  /** The languages that units have taken in turn, the first by `app/0`. */
  languages: string[];
  /** Units that restarted and serve the new version. */
  rolled: number;
  /** The most units that held the lock or operated at once. */
  maxHolders: number;
  /** The most servers that were seen down at once. */
  maxDown: number;
  hooks: number;
  hookTools: number;
  /** From the first hook to the last. */
  seconds: number;
  violations: number;
}

export interface Report {
  summary: Summary;
  /** Each violation in words. */
  violations: string[];
  timeline: Timeline;
}

/** Progress, a line at a time; `kind` is for colour. */
export type Say = (line: string, kind: "plain" | "good" | "busy" | "bad") => void;

/** A server that is there at once is nobody's: with this a restart takes about as long as three hooks of its leader. */
const warmUpSeconds = 1;
const oldVersion = "1";
const newVersion = "2";

/** One rollout; see the module's comment. */
export class Rollout {
  readonly #plan: Plan;
  readonly #say: Say;
  readonly #juju: LocalJuju;
  readonly #operations: Operations;
  readonly #waiting: Span[] = [];
  readonly #waitingSince = new Map<string, number>();
  readonly #began = performance.now();
  #agent: Agent | null = null;
  #poll: Poll | null = null;
  #active = 0;

  constructor(plan: Plan, say: Say) {
    const { juju: version, seed, policy } = plan;
    this.#plan = plan;
    this.#say = say;
    this.#juju = new LocalJuju({
      version,
      seed,
      config: { version: oldVersion, policy, "warm-up": warmUpSeconds },
      time: Date.now() * 1000,
    });
    this.#operations = new Operations(this.#juju, () => allowedAtOnce(policy, this.#units));
  }

  get #units(): number {
    return this.#juju.units.length;
  }

  /** Deploys and rolls. To be called once. */
  async run(): Promise<Report> {
    const { units, languages, juju, seed, policy, leader } = this.#plan;
    for (let n = 0; n < units; n++) this.#juju.addUnit();
    const inTurn = languages.map(({ name }) => name).join(" and ");
    this.#tell(
      `deploying ${units} units in ${inTurn} on Juju ${juju}: policy ${policy}, seed ${seed}`,
    );
    this.#agent = await Agent.start({
      juju: this.#juju,
      charmOf: (unit) => languageOf(unit, languages).charm,
      concurrency: 4,
      watcher: this.#watcher(),
    });
    await this.#agent.run();
    if (leader !== null) this.#juju.moveLeader(leader);
    await this.#agent.run();
    this.#tell(`all ${this.#active} active; ${this.#named(this.#juju.leader!)} leads`, "good");

    this.#poll = new Poll(
      () => this.#juju.units,
      (unit) => this.#agent!.directory(unit),
    );
    const from = performance.now();
    this.#tell(`configuration changes: version ${oldVersion} to ${newVersion}`);
    this.#juju.setConfig({ version: newVersion });
    await this.#agent.run();
    const to = performance.now();
    await this.#poll.stop();
    return this.#report(from, to);
  }

  /** The ports of the servers, by unit. */
  get ports(): ReadonlyMap<string, number> {
    return this.#poll?.ports ?? new Map();
  }

  /** Stops everything, whatever goes on. */
  async stop(): Promise<void> {
    await this.#poll?.stop();
    await this.#agent?.stop();
  }

  #tell(line: string, kind: Parameters<Say>[1] = "plain"): void {
    const seconds = ((performance.now() - this.#began) / 1000).toFixed(1).padStart(6);
    this.#say(`${seconds} s  ${line}`, kind);
  }

  #named(unit: string): string {
    return `${unit} (${languageOf(unit, this.#plan.languages).name})`;
  }

  #watcher(): Watcher {
    return {
      tool: (context, { name, args }) => {
        const change = this.#operations.tool(context, name, args);
        if (change === "began") this.#operationBegan(context.unit);
        if (change === "ended") this.#operationEnded(context.unit);
        return undefined;
      },
      ended: (context, result) => {
        if (result.ending !== "committed") this.#failed(context, result.message || result.ending);
        this.#operations.look();
        this.#noteActive();
        this.#noteWaiting();
      },
      output: (unit, stream, line) => {
        if (stream === "stderr") this.#tell(`${unit}: ${line}`, "bad");
      },
    };
  }

  #failed(context: HookContext, message: string): void {
    this.#tell(`${context.unit}: hook ${context.hookName} failed: ${message}`, "bad");
  }

  #noteActive(): void {
    const { state } = this.#juju;
    const active = state.names.filter((name) => state.units[name]!.status.status === "active");
    if (this.#poll !== null || active.length <= this.#active) return;
    this.#active = active.length;
    this.#tell(`${this.#active} of ${this.#units} active`);
  }

  #noteWaiting(): void {
    const waiting = waitingUnits(this.#juju);
    const now = performance.now();
    for (const unit of waiting.keys()) {
      if (this.#operations.current.has(unit) || this.#waitingSince.has(unit)) continue;
      this.#waitingSince.set(unit, now);
    }
  }

  #operationBegan(unit: string): void {
    const since = this.#waitingSince.get(unit);
    if (since !== undefined) {
      this.#waiting.push({ unit, from: since, to: performance.now() });
      this.#waitingSince.delete(unit);
    }
    const holders = [...this.#operations.current.keys()].sort().join(" and ");
    const waiting = [...waitingUnits(this.#juju).keys()].filter(
      (name) => !this.#operations.current.has(name),
    );
    const verb = this.#operations.current.size === 1 ? "holds" : "hold";
    const why =
      waiting.length > 0 ? `; waiting: ${waiting.join(", ")} (${holders} ${verb} restart)` : "";
    this.#tell(`${this.#named(unit)} restarts${why}`, "busy");
  }

  #operationEnded(unit: string): void {
    this.#tell(
      `${this.#named(unit)} serves version ${newVersion}; ${this.#operations.rolled} of ${this.#units} rolled`,
      "good",
    );
  }

  #report(from: number, to: number): Report {
    const poll = this.#poll!;
    const agent = this.#agent!;
    const serving = this.#juju.units.filter((unit) => {
      const { message } = this.#juju.unit(unit).status;
      return this.#operations.completed(unit) > 0 && message === `serves version ${newVersion}`;
    });
    const violations = [...this.#operations.violations];
    const allowed = allowedAtOnce(this.#plan.policy, this.#units);
    if (poll.mostDown > allowed) {
      violations.push(`${poll.mostDown} servers were down at once; allowed: ${allowed}`);
    }
    for (const [unit, locks] of waitingUnits(this.#juju)) {
      violations.push(`${unit} waits for ${locks.join(", ")} and nothing is due any more`);
    }
    const operating = this.#operations.all.map((one) => ({ ...one, to: one.to ?? to }));
    return {
      summary: {
        units: this.#units,
        languages: this.#plan.languages.map(({ name }) => name),
        rolled: serving.length,
        maxHolders: this.#operations.mostHolders,
        maxDown: poll.mostDown,
        hooks: agent.hooks,
        hookTools: agent.hookTools,
        seconds: Math.round((to - this.#began) / 10) / 100,
        violations: violations.length,
      },
      violations,
      timeline: {
        units: this.#juju.units,
        languageOf: (unit) => languageOf(unit, this.#plan.languages).name,
        from,
        to,
        waiting: this.#waiting,
        operating,
        down: poll.downtimes,
      },
    };
  }
}
