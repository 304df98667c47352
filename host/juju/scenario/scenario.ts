/**
 * A scenario: an application, what happens to it, and what must hold at the end. The format is in `host/juju/README.md`.
 *
 * @module
 */

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { JujuVersion, Switches } from "../model/state.js";
import { type Act, readAct } from "./act.js";
import { charms } from "./charms.js";
import { type Condition, readCondition } from "./condition.js";
import { type Expectation, readExpectations } from "./expectation.js";
import { Reader, ScenarioError } from "./reader.js";

/** Something that is done, and when. */
export interface Happening {
  /** For messages: `steps 2 (kill)`. */
  readonly title: string;
  readonly when: Condition;
  readonly act: Act;
  /** How often it happens; a step always once. */
  readonly times: number;
}

/** The charm directory of each unit, or the name of a charm that is a function in this process. */
export type CharmSource =
  | { readonly directoryOf: (unit: string) => string }
  | { readonly inprocess: string };

export interface Scenario {
  readonly name: string;
  readonly juju: JujuVersion;
  readonly application: string;
  /** The peer relation; null: none. */
  readonly relation: string | null;
  readonly units: number;
  readonly seed: number;
  readonly config: Readonly<Record<string, unknown>>;
  readonly switches: Partial<Switches>;
  readonly charm: CharmSource;
  /** How many hooks of different units run at the same time. */
  readonly concurrency: number;
  /** How many units may operate at once: a number, or a policy to compute it from. */
  readonly allowed: string;
  /** A scenario that has run this many hooks has failed. */
  readonly hookLimit: number;
  readonly steps: readonly Happening[];
  readonly faults: readonly Happening[];
  readonly expectations: readonly Expectation[];
}

/** What a charm directory says about itself. */
interface CharmFacts {
  relation: string | null;
  config: Record<string, unknown>;
}

const keys = [
  "name",
  "juju",
  "application",
  "relation",
  "units",
  "seed",
  "config",
  "switches",
  "charm",
  "charms",
  "inprocess",
  "concurrency",
  "allowed",
  "hookLimit",
  "steps",
  "faults",
  "expect",
] as const;

/** @throws ScenarioError if the file cannot be read, or says something that is not understood. */
export function readScenario(file: string): Scenario {
  return parseScenario(readText(file), file);
}

/** @throws ScenarioError if the file cannot be read. */
export function readText(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    throw new ScenarioError(`${file}: cannot be read: ${(error as Error).message}`);
  }
}

/** @param file for messages; paths of charm directories start at its folder. @throws ScenarioError */
export function parseScenario(text: string, file: string): Scenario {
  const root = Reader.parse(text, file).fields(keys);
  const at = (key: (typeof keys)[number]) => root.at(key);
  const { charm, facts } = readCharm(root);
  const config = {
    ...facts.config,
    ...at("config").or({}, (map) => map.map(({ value }) => value)),
  };
  const policy = typeof config.policy === "string" ? config.policy : "serial";
  return {
    name: at("name").string(),
    juju:
      at("juju").or("3.6", (version) => version.oneOf(["3.6", "4.0", "4"])) === "3.6"
        ? "3.6"
        : "4.0",
    application: at("application").or("app", (name) => name.string()),
    relation: at("relation").or(facts.relation, (name) =>
      name.value === "none" ? null : name.string(),
    ),
    units: at("units").whole(1),
    seed: at("seed").or(1, (seed) => seed.whole()),
    config,
    switches: at("switches").or({}, (map) => map.map(({ value }) => value) as Partial<Switches>),
    charm,
    concurrency: at("concurrency").or(2, (number) => number.whole(1)),
    allowed: at("allowed").or(policy, (allowed) => allowed.word()),
    hookLimit: at("hookLimit").or(5000, (limit) => limit.whole(1)),
    steps: at("steps").or([], (list) => list.list((step) => readHappening(step, charm))),
    faults: at("faults").or([], (list) => list.list((fault) => readHappening(fault, charm))),
    expectations: readExpectations(at("expect").or(at("expect").with({}), (expect) => expect)),
  };
}

function readHappening(reader: Reader, charm: CharmSource): Happening {
  const [list, index] = reader.path as [string, number];
  const isStep = list === "steps";
  const { name, act } = readAct(reader, isStep ? ["when"] : ["when", "times"]);
  const when = reader.at("when");
  if (!isStep && !when.isThere) reader.fail("a fault needs when: the moment at which it happens");
  const condition: Condition = when.or({ kind: "quiet" }, readCondition);
  if (
    "inprocess" in charm &&
    (condition.kind === "calls" || ["exec", "action", "upgrade", "attach"].includes(name))
  ) {
    reader.fail("this needs a charm that runs as processes (charm), not one in this process");
  }
  if (!("inprocess" in charm) && name === "skew") {
    reader.fail(
      "processes read this machine's clock: skew needs a charm in this process (inprocess)",
    );
  }
  return {
    title: `${list} ${index + 1} (${name})`,
    when: condition,
    act,
    times: reader.at("times").or(1, (times) => times.whole(1)),
  };
}

function readCharm(root: Reader): { charm: CharmSource; facts: CharmFacts } {
  const inprocess = root.at("inprocess");
  if (inprocess.isThere) {
    if (root.at("charm").isThere) inprocess.fail("expected either charm or inprocess, found both");
    const charm = { inprocess: inprocess.oneOf(Object.keys(charms)) };
    return { charm, facts: { relation: "coordinator", config: {} } };
  }
  const common = root.at("charm").directory();
  const own = root.at("charms").or({}, (map) => map.map((charm) => charm.directory()));
  return { charm: { directoryOf: (unit) => own[unit] ?? common }, facts: factsOf(common) };
}

/** The first peer relation by name, and the defaults of the options. */
function factsOf(directory: string): CharmFacts {
  const read = (name: string) => {
    const path = join(directory, name);
    return existsSync(path) ? Reader.parse(readFileSync(path, "utf8"), path) : null;
  };
  const peers = read("metadata.yaml")?.at("peers");
  const options = read("config.yaml")?.at("options");
  const names = Object.keys(peers?.or({}, (map) => map.map(() => null)) ?? {}).sort();
  const values = options?.or({}, (map) => map.map((option) => option.at("default").value)) ?? {};
  return {
    relation: names.includes("coordinator") ? "coordinator" : (names[0] ?? null),
    config: Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)),
  };
}
