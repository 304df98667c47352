/**
 * One seeded rollout in this process with everything going wrong that Juju lets go wrong, and then nothing more: at its end every
 * unit must have been served, and no two may have operated that the policy keeps apart.
 *
 * @module
 */

import type { LocalJuju } from "../../host/juju/model/juju.js";
import { below, seeded } from "../../host/juju/model/random.js";
import { describeHistory } from "../../host/juju/scenario/history.js";
import { type Algorithm, ours } from "../e2e/rolling-charm.js";
import { Stage } from "../e2e/stage.js";
import { endsOf, type Figures, noFigures } from "./figures.js";
import { type RolloutSetting, settingOf } from "./setting.js";
import { Troubles } from "./troubles.js";

/** What one rollout came to. */
export interface Outcome {
  readonly seed: number;
  /** What must never be, in words; empty if all is well. */
  readonly wrong: readonly string[];
  readonly figures: Figures;
  /** What happened, a line each. */
  readonly history: () => string[];
}

/** update-status on each unit so often must be enough to heal all that no event heals. */
const mostTicks = 3;

const started = new Map<string, LocalJuju>();

/** A stage whose units are just added, or have been started: then always in the same way, as that takes longest. */
function stageOf(setting: RolloutSetting, algorithm: Algorithm, isStarted: boolean): Stage {
  const { juju, units, policy } = setting;
  if (!isStarted) return new Stage({ ...setting, algorithm });
  const which = `${algorithm.name} ${juju} ${units} ${policy}`;
  let from = started.get(which);
  if (from === undefined) {
    const stage = new Stage({ juju, units, policy, seed: 1, algorithm });
    stage.run();
    from = stage.juju;
    started.set(which, from);
  }
  return new Stage({ ...setting, algorithm, started: from });
}

/** Plays it. @throws never: what the charm or the model throws is in `wrong`. */
export function rollOut(seed: number, { algorithm = ours, spoils = true } = {}): Outcome {
  const random = seeded(seed);
  const setting = settingOf(seed, random);
  const stage = stageOf(setting, algorithm, below(random, 4) > 0);
  const troubles = new Troubles(stage, { ...setting, spoils }, random);
  const wrong: string[] = [];
  try {
    stage.configure("2");
    troubles.run();
    troubles.end();
    stage.configure("last");
    stage.run();
    for (let ticks = 0; ticks < mostTicks; ticks++) stage.tick();
  } catch (problem) {
    wrong.push(`the rollout came to no end: ${problem}`);
  }
  const { juju } = stage;
  const figures: Figures = {
    ...noFigures(),
    ...troubles.figures,
    ...endsOf(juju.history),
    rollouts: 1,
    hooks: juju.history.filter(({ type }) => type === "hook").length,
  };
  return {
    seed,
    wrong: [...wrong, ...wrongsOf(stage, troubles)],
    figures,
    history: () => [JSON.stringify(setting), ...describeHistory(juju.history)],
  };
}

function wrongsOf(stage: Stage, troubles: Troubles): string[] {
  const { crowded, unheld, dropped, failures, unserved, waiting } = stage;
  const say = (units: readonly string[], what: string) => units.map((unit) => `${unit} ${what}`);
  return [
    ...say(crowded, "operated at once, more than the policy allows"),
    ...say(unheld, "operated without a grant"),
    ...say(dropped, "lost its grant inside its operation"),
    ...failures.filter((failure) => !troubles.explains(failure)),
    ...say(unserved, "was never served"),
    ...say(waiting, "still waits, and nothing is due"),
  ];
}
