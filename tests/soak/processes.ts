/**
 * One seeded rollout on real processes: hooks are killed or made to fail, leadership moves inside them, commits are refused, units
 * come and go, clocks differ by hours, data becomes unreadable. Then nothing more goes wrong, and every unit must have been served.
 *
 * With one hook at a time the seed decides everything. With two, which half of the seeds have, it decides all but which of two
 * processes is the quicker.
 *
 * @module
 */

import { Agent } from "../../host/juju/agent/agent.js";
import { allowedAtOnce } from "../../host/juju/measure/allowed.js";
import { waitingUnits } from "../../host/juju/measure/wire.js";
import { LocalJuju } from "../../host/juju/model/juju.js";
import { below, pick, seeded } from "../../host/juju/model/random.js";
import { describeHistory } from "../../host/juju/scenario/history.js";
import { endsOf, type Figures, noFigures } from "./figures.js";
import { kinds } from "./kinds.js";
import { Onlooker } from "./onlooker.js";
import { ProcessTroubles } from "./process-troubles.js";
import type { Outcome } from "./rollout.js";
import { type RolloutSetting, settingOf } from "./setting.js";

const hookLimit = 600;
const mostTicks = 3;

/** Plays it; whatever goes wrong is in the outcome. */
export async function rollProcesses(seed: number): Promise<Outcome> {
  const random = seeded(seed);
  const setting: RolloutSetting = { ...settingOf(seed, random), units: 2 + below(random, 2) };
  const { juju: version, policy, switches } = setting;
  const concurrency = 1 + below(random, 2);
  const ofUnit = new Map<string, (typeof kinds)[number]>();
  const kindOf = (unit: string) => {
    const kind = ofUnit.get(unit) ?? pick(random, kinds);
    ofUnit.set(unit, kind);
    return kind;
  };
  const juju = new LocalJuju({
    version,
    seed,
    config: { version: "1", policy, "warm-up": 0 },
    // Retries come when nothing else is due, so that they do not depend on how fast this machine is.
    switches: { ...switches, updateStatusSeconds: 0, retrySeconds: 300 },
    time: Date.now() * 1000,
  });
  const onlooker = new Onlooker(juju, () => allowedAtOnce(policy, juju.units.length));
  const troubles = new ProcessTroubles(juju, setting, random, onlooker);
  const agent = await Agent.start({
    juju,
    charmOf: (unit) => kindOf(unit).directory,
    environmentOf: (unit) => kindOf(unit).clock(juju.unit(unit).skew),
    concurrency,
    watcher: troubles.watcher,
  });
  const wrong: string[] = [];
  const until = async (): Promise<void> => {
    const why = await agent.run(undefined, hookLimit);
    if (why !== "quiet") throw new Error(`${hookLimit} hooks have run, and more are due`);
  };
  try {
    for (let unit = 0; unit < setting.units; unit++) juju.addUnit();
    await until();
    troubles.begin();
    const last = 2 + below(random, 2);
    for (let version = 2; version <= last; version++) {
      troubles.betweenRollouts();
      juju.setConfig({ version: String(version) });
      await until();
    }
    troubles.end();
    juju.setConfig({ version: "last" });
    await until();
    for (let ticks = 0; ticks < mostTicks && !isServed(juju); ticks++) {
      juju.tick();
      await until();
    }
  } catch (problem) {
    wrong.push(`the rollout came to no end: ${problem}`);
  } finally {
    await agent.stop();
  }
  const figures: Figures = {
    ...noFigures(),
    ...troubles.figures,
    ...endsOf(juju.history),
    processRollouts: 1,
    hooks: agent.hooks,
  };
  return {
    seed,
    wrong: [...wrong, ...onlooker.wrong, ...unservedUnits(juju)],
    figures,
    history: () => [
      JSON.stringify({
        ...setting,
        concurrency,
        kinds: [...ofUnit.values()].map(({ name }) => name),
      }),
      ...describeHistory(juju.history),
      ...troubles.lines,
    ],
  };
}

function isServed(juju: LocalJuju): boolean {
  return unservedUnits(juju).length === 0;
}

function unservedUnits(juju: LocalJuju): string[] {
  const waiting = [...waitingUnits(juju).keys()].map((unit) => `${unit} still waits`);
  const others = juju.units.flatMap((unit) => {
    const { status, message } = juju.unit(unit).status;
    const isServed = status === "active" && message === "serves version last";
    return isServed ? [] : [`${unit} was never served: ${status}: ${message}`];
  });
  return [...waiting, ...others];
}
