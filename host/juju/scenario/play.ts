/**
 * Plays a scenario and checks what must hold at its end.
 *
 * @module
 */

import { allowedAtOnce } from "../measure/allowed.js";
import { Operations } from "../measure/operations.js";
import { LocalJuju } from "../model/juju.js";
import type { Outcome } from "../model/lifecycle.js";
import type { Stage } from "./act.js";
import { holds, type Moment } from "./condition.js";
import { type Doom, type Driver, inprocessDriver, type Listener, processDriver } from "./driver.js";
import { describeHistory } from "./history.js";
import type { Happening, Scenario } from "./scenario.js";

/** What a scenario came to. */
export interface ScenarioResult {
  name: string;
  passed: boolean;
  /** What does not hold, in words; empty if it passed. */
  failures: string[];
  units: number;
  rolled: number;
  maxHolders: number;
  violations: string[];
  hooks: number;
  hookTools: number;
  seconds: number;
  /** What happened, a line each. */
  history: string[];
}

/** Plays it. Whatever goes wrong in it is in the result. */
export async function runScenario(scenario: Scenario): Promise<ScenarioResult> {
  return await new Player(scenario).run();
}

class Player implements Stage, Listener {
  readonly juju: LocalJuju;
  readonly #scenario: Scenario;
  readonly #operations: Operations;
  readonly #dooms = new Map<string, Doom>();
  readonly #waitingForIdle: { unit: string; run: () => void }[] = [];
  readonly #left: { happening: Happening; times: number }[];
  readonly #failures: string[] = [];
  readonly #lines: string[] = [];
  /** Charm directories of single units, and of all that have none of their own, after upgrades. */
  readonly #upgraded = new Map<string | null, string>();
  #step = 0;
  #it: string | null = null;
  #driver: Driver | null = null;

  constructor(scenario: Scenario) {
    const { juju: version, application, relation, seed, config, switches } = scenario;
    this.#scenario = scenario;
    const time = "inprocess" in scenario.charm ? {} : { time: Date.now() * 1000 };
    this.juju = new LocalJuju({ version, application, relation, seed, config, switches, ...time });
    this.#operations = new Operations(this.juju, () => this.#allowed());
    this.#left = scenario.faults.map((happening) => ({ happening, times: happening.times }));
  }

  async run(): Promise<ScenarioResult> {
    const began = performance.now();
    const { scenario, driver } = await this.#start();
    try {
      for (let n = 0; n < scenario.units; n++) this.juju.addUnit();
      await this.#play(driver);
    } catch (error) {
      this.#failures.push((error as Error).message);
    } finally {
      await driver.stop();
    }
    const { hooks, hookTools } = driver;
    const ending = { juju: this.juju, operations: this.#operations, hooks, hookTools };
    for (const expectation of scenario.expectations) {
      const fault = expectation(ending);
      if (fault !== null) this.#failures.push(fault);
    }
    return {
      name: scenario.name,
      passed: this.#failures.length === 0,
      failures: this.#failures,
      units: this.juju.units.length,
      rolled: this.#operations.rolled,
      maxHolders: this.#operations.mostHolders,
      violations: this.#operations.violations,
      hooks,
      hookTools,
      seconds: Math.round((performance.now() - began) / 10) / 100,
      history: [...describeHistory(this.juju.history), ...this.#lines],
    };
  }

  async #start(): Promise<{ scenario: Scenario; driver: Driver }> {
    const scenario = this.#scenario;
    const { charm } = scenario;
    this.#driver =
      "inprocess" in charm
        ? inprocessDriver(scenario, charm.inprocess, this.juju, this.#operations, this)
        : await processDriver(
            scenario,
            (unit) =>
              this.#upgraded.get(unit) ?? this.#upgraded.get(null) ?? charm.directoryOf(unit),
            this.juju,
            this.#operations,
            this,
          );
    return { scenario, driver: this.#driver };
  }

  async #play(driver: Driver): Promise<void> {
    const { steps, hookLimit } = this.#scenario;
    for (;;) {
      if (!(await driver.run(hookLimit))) {
        this.#failures.push(`hookLimit: ${hookLimit} hooks have run and more are due`);
        return;
      }
      const before = this.#step;
      this.happened({ kind: "quiet" });
      if (this.#step === before) break;
    }
    for (const { title } of steps.slice(this.#step)) this.#failures.push(`${title} never came`);
    for (const { happening, times } of this.#left) {
      if (times > 0) this.#failures.push(`${happening.title} never came, or less often than said`);
    }
  }

  #allowed(): number {
    const { allowed } = this.#scenario;
    return /^\d+$/.test(allowed) ? Number(allowed) : allowedAtOnce(allowed, this.juju.units.length);
  }

  happened(moment: Moment): void {
    this.#it = moment.kind === "quiet" ? null : moment.unit;
    for (const left of this.#left) {
      if (left.times > 0 && this.#isTime(left.happening, moment)) {
        left.times -= 1;
        this.#do(left.happening);
      }
    }
    for (;;) {
      const step = this.#scenario.steps[this.#step];
      if (step === undefined || !this.#isTime(step, moment)) return;
      this.#step += 1;
      this.#do(step);
      // After a step nothing may be quiet any more.
      if (moment.kind === "quiet") return;
    }
  }

  #isTime({ when }: Happening, moment: Moment): boolean {
    const hooks = this.#driver?.hooks ?? 0;
    return holds(when, moment, {
      leader: this.juju.leader,
      hooks,
      rolled: this.#operations.rolled,
    });
  }

  #do({ title, act }: Happening): void {
    try {
      act(this);
    } catch (error) {
      this.#failures.push(`${title}: ${(error as Error).message}`);
    }
    this.idle();
  }

  unit(name: string): string {
    const unit = name === "it" ? this.#it : name === "leader" ? this.juju.leader : name;
    if (unit === null) throw new Error(name === "it" ? "no unit is meant by it" : "nobody leads");
    this.juju.unit(unit);
    return unit;
  }

  doom(unit: string, outcome: Outcome, now: boolean): void {
    if (this.juju.unit(unit).running === null) throw new Error(`${unit} runs nothing`);
    this.#dooms.set(unit, { outcome, now });
    if (now) this.#driver!.kill(unit);
  }

  doomOf(unit: string): Doom | undefined {
    return this.#dooms.get(unit);
  }

  met(unit: string): void {
    this.#dooms.delete(unit);
  }

  whenIdle(unit: string, run: () => void): void {
    this.#waitingForIdle.push({ unit, run });
  }

  idle(): void {
    for (const waiting of this.#waitingForIdle.slice()) {
      if (this.juju.unit(waiting.unit).running !== null) continue;
      this.#waitingForIdle.splice(this.#waitingForIdle.indexOf(waiting), 1);
      waiting.run();
    }
  }

  exec(unit: string, script: string): void {
    this.#await(this.#driver!.exec(unit, script));
  }

  upgrade(unit: string | null, directory: string): void {
    if (unit === null) this.#upgraded.clear();
    this.#upgraded.set(unit, directory);
    this.juju.upgradeCharm(unit === null ? this.juju.units : [unit]);
  }

  action(unit: string, name: string, parameters: Record<string, unknown>): void {
    this.#await(this.#driver!.action(unit, name, parameters));
  }

  #await(command: Promise<void>): void {
    command.catch((error: Error) => this.#failures.push(error.message));
  }

  output(unit: string, line: string): void {
    this.#lines.push(`${unit}: ${line}`);
  }
}
