/**
 * What a scenario can do to the application: the operator's verbs, and faults.
 *
 * @module
 */

import type { LocalJuju } from "../model/juju.js";
import type { Outcome } from "../model/lifecycle.js";
import type { Switches } from "../model/state.js";
import type { Reader } from "./reader.js";

/** The side of the player that acts need. Units are named; `it` is the unit of the moment, `leader` who leads. */
export interface Stage {
  readonly juju: LocalJuju;
  unit(name: string): string;
  /** The hook that the unit runs ends so; `now`: it is stopped where it is, else the charm runs to its end first. */
  doom(unit: string, outcome: Outcome, now: boolean): void;
  /** Runs as soon as the unit runs nothing. */
  whenIdle(unit: string, run: () => void): void;
  exec(unit: string, script: string): void;
  action(unit: string, name: string, parameters: Record<string, unknown>): void;
  /** The unit, or null: all and those that come later, shall run the charm in this directory. */
  upgrade(unit: string | null, directory: string): void;
}

export type Act = (stage: Stage) => void;

const unitPattern = /^(it|leader|[a-z][a-z0-9-]*\/\d+)$/;

function unitName(reader: Reader): string {
  const name = reader.string();
  if (unitPattern.test(name)) return name;
  return reader.fail(`expected a unit (app/2), leader or it; found ${JSON.stringify(name)}`);
}

/** An act on one unit. */
const onUnit =
  (act: (stage: Stage, unit: string) => void) =>
  (reader: Reader): Act => {
    const name = unitName(reader);
    return (stage) => act(stage, stage.unit(name));
  };

const doomed = (outcome: Outcome, now: boolean) =>
  onUnit((stage, unit) => stage.doom(unit, outcome, now));

const unitValues = (reader: Reader) => {
  reader.fields(["unit", "values"]);
  return {
    unit: unitName(reader.at("unit")),
    values: reader.at("values").map((item) => item.word()),
  };
};

/** Each act by its key, with how its value is read. */
export const acts: Readonly<Record<string, (reader: Reader) => Act>> = {
  config: (reader) => {
    const values = reader.map((item) => item.value);
    return ({ juju }) => juju.setConfig(values);
  },
  attach: (reader) => {
    const files = reader.map((item) => item.file());
    return ({ juju }) => {
      for (const [name, path] of Object.entries(files)) juju.attachResource(name, path);
    };
  },
  "add-units": (reader) => {
    const count = reader.whole(1);
    return ({ juju }) => {
      for (let n = 0; n < count; n++) juju.addUnit();
    };
  },
  "remove-unit": onUnit(({ juju }, unit) => juju.removeUnit(unit)),
  "force-remove": onUnit(({ juju }, unit) => juju.removeUnit(unit, { force: true })),
  upgrade: (reader) => {
    reader.fields(["charm", "unit"]);
    const directory = reader.at("charm").directory();
    const name = reader.at("unit").or<string | null>(null, unitName);
    return (stage) => stage.upgrade(name === null ? null : stage.unit(name), directory);
  },
  leader: (reader) => {
    if (reader.value === "none") return ({ juju }) => juju.moveLeader(null);
    return onUnit(({ juju }, unit) => juju.moveLeader(unit))(reader);
  },
  kill: doomed({ signal: "SIGKILL" }, true),
  fail: doomed({ exit: 1 }, true),
  refuse: doomed({ exit: 1 }, false),
  "crash-before-commit": doomed({ crash: "before-commit" }, false),
  "crash-after-commit": doomed({ crash: "after-commit" }, false),
  "stop-agent": onUnit(({ juju }, unit) => juju.stopAgent(unit)),
  "start-agent": onUnit(({ juju }, unit) => juju.startAgent(unit)),
  resolved: onUnit(({ juju }, unit) => juju.resolved(unit, { retry: true })),
  "resolved-no-retry": onUnit(({ juju }, unit) => juju.resolved(unit, { retry: false })),
  "update-status": (reader) => {
    if (reader.value === "all") return ({ juju }) => juju.tick();
    return onUnit(({ juju }, unit) => juju.tick([unit]))(reader);
  },
  wait: (reader) => {
    const seconds = reader.number();
    return ({ juju }) => juju.advance(seconds);
  },
  skew: (reader) => {
    reader.fields(["unit", "seconds"]);
    const name = unitName(reader.at("unit"));
    const seconds = reader.at("seconds").number();
    return (stage) => stage.juju.setSkew(stage.unit(name), seconds);
  },
  switches: (reader) => {
    const switches = reader.map((item) => item.value) as Partial<Switches>;
    return ({ juju }) => juju.setSwitches(switches);
  },
  databag: (reader) => {
    const { unit: name, values } = unitValues(reader);
    return (stage) => {
      const unit = stage.unit(name);
      stage.whenIdle(unit, () => {
        const context = stage.juju.exec(unit);
        context.relationSet(values);
        context.finish({ exit: 0 });
      });
    };
  },
  "leader-settings": (reader) => {
    const values = reader.map((item) => item.word());
    return (stage) => {
      const unit = stage.unit("leader");
      stage.whenIdle(unit, () => {
        const context = stage.juju.exec(unit);
        context.leaderSet(values);
        context.finish({ exit: 0 });
      });
    };
  },
  "application-databag": (reader) => {
    const values = reader.map((item) => item.word());
    return (stage) => {
      const unit = stage.unit("leader");
      stage.whenIdle(unit, () => {
        const context = stage.juju.exec(unit);
        context.relationSet(values, { application: true });
        context.finish({ exit: 0 });
      });
    };
  },
  exec: (reader) => {
    reader.fields(["unit", "run"]);
    const name = unitName(reader.at("unit"));
    const script = reader.at("run").string();
    return (stage) => stage.exec(stage.unit(name), script);
  },
  action: (reader) => {
    reader.fields(["unit", "name", "parameters"]);
    const name = unitName(reader.at("unit"));
    const action = reader.at("name").string();
    const parameters = reader.at("parameters").or({}, (item) => item.map(({ value }) => value));
    return (stage) => stage.action(stage.unit(name), action, parameters);
  },
};

/** Reads the one act of a step or a fault; `others` are the keys that may stand beside it. */
export function readAct(reader: Reader, others: readonly string[]): { name: string; act: Act } {
  reader.fields([...others, ...Object.keys(acts)]);
  const names = Object.keys(acts).filter((name) => reader.at(name).isThere);
  if (names.length !== 1) {
    return reader.fail(
      `expected one thing to do, found ${names.join(" and ") || "none"}; there are ${Object.keys(acts).join(", ")}`,
    );
  }
  const name = names[0]!;
  return { name, act: acts[name]!(reader.at(name)) };
}
