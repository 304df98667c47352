/**
 * What must hold at the end of a scenario.
 *
 * @module
 */

import type { Operations } from "../measure/operations.js";
import { decidingPolicies, waitingUnits } from "../measure/wire.js";
import type { LocalJuju } from "../model/juju.js";
import type { Reader } from "./reader.js";

/** What an expectation is held against. */
export interface Ending {
  juju: LocalJuju;
  operations: Operations;
  hooks: number;
  hookTools: number;
}

/** @returns what is wrong, or null. */
export type Expectation = (ending: Ending) => string | null;

/** `5`, `<= 300` or `>= 2`. */
function readNumber(reader: Reader): { text: string; accepts: (found: number) => boolean } {
  const text = reader.word();
  const match = /^(<=|>=)? ?(\d+)$/.exec(text);
  if (match === null) reader.fail(`expected a number such as 5, "<= 300" or ">= 2"; found ${text}`);
  const [, sign, digits] = match;
  const bound = Number(digits);
  return {
    text,
    accepts: (found) =>
      sign === "<=" ? found <= bound : sign === ">=" ? found >= bound : found === bound,
  };
}

const count =
  (name: string, of: (ending: Ending) => number) =>
  (reader: Reader): Expectation => {
    const { text, accepts } = readNumber(reader);
    return (ending) => {
      const found = of(ending);
      return accepts(found) ? null : `${name}: expected ${text}, found ${found}`;
    };
  };

const units =
  (name: string, of: (ending: Ending) => string[]) =>
  (reader: Reader): Expectation => {
    const wanted = reader.list((item) => item.string()).sort();
    return (ending) => {
      const found = of(ending).sort();
      if (found.join() === wanted.join()) return null;
      return `${name}: expected ${wanted.join(", ") || "none"}, found ${found.join(", ") || "none"}`;
    };
  };

function inError({ juju }: Ending): string[] {
  return juju.units.filter((unit) => juju.unit(unit).hook?.step === "failed");
}

/** `active`, or `active: serves version 2`; the unit `all` is every live unit. */
function readStatus(reader: Reader): Expectation {
  const wanted = reader.map((item) => item.string());
  return ({ juju }) => {
    const faults = Object.entries(wanted).flatMap(([name, text]) =>
      (name === "all" ? juju.units : [name]).flatMap((unit) => {
        const { status, message } = juju.unit(unit).status;
        const matches = text === status || text === `${status}: ${message}`;
        return matches ? [] : [`${unit}: expected ${text}, found ${status}: ${message}`];
      }),
    );
    return faults.length === 0 ? null : `status: ${faults.join("; ")}`;
  };
}

function readOperations(reader: Reader): Expectation {
  const wanted = reader.map(readNumber);
  return ({ operations }) => {
    const faults = Object.entries(wanted).flatMap(([unit, { text, accepts }]) => {
      const found = operations.completed(unit);
      return accepts(found) ? [] : [`${unit}: expected ${text}, found ${found}`];
    });
    return faults.length === 0 ? null : `operations: ${faults.join("; ")}`;
  };
}

/** Each regular expression must match a line of juju-log: `app/0 WARNING message`. */
function readLogged(reader: Reader): Expectation {
  const wanted = reader.list((item) => {
    try {
      return new RegExp(item.string());
    } catch (error) {
      return item.fail((error as Error).message);
    }
  });
  return ({ juju }) => {
    const lines = juju.history.flatMap((record) =>
      record.type === "hook"
        ? record.logs.map(({ level, message }) => `${record.unit} ${level} ${message}`)
        : [],
    );
    const missing = wanted.filter((pattern) => !lines.some((line) => pattern.test(line)));
    return missing.length === 0 ? null : `logged: nothing matches ${missing.join(", ")}`;
  };
}

const expectations: Readonly<Record<string, (reader: Reader) => Expectation>> = {
  rolled: (reader) => {
    if (reader.value !== "all")
      return count("rolled", ({ operations }) => operations.rolled)(reader);
    return ({ juju, operations }) =>
      operations.rolled === juju.units.length
        ? null
        : `rolled: expected all ${juju.units.length} units, found ${operations.rolled}`;
  },
  operations: readOperations,
  maxHolders: count("maxHolders", ({ operations }) => operations.mostHolders),
  violations: (reader) => {
    const { text, accepts } = readNumber(reader);
    return ({ operations: { violations } }) =>
      accepts(violations.length)
        ? null
        : `violations: expected ${text}, found ${violations.length}: ${violations.join("; ")}`;
  },
  units: count("units", ({ juju }) => juju.units.length),
  hooks: count("hooks", ({ hooks }) => hooks),
  hookTools: count("hookTools", ({ hookTools }) => hookTools),
  error: units("error", inError),
  waiting: units("waiting", ({ juju }) => [...waitingUnits(juju).keys()]),
  policies: (reader) => {
    const wanted = reader.list((item) => item.string());
    return ({ juju }) => {
      const found = decidingPolicies(juju.history);
      if (found.join() === wanted.join()) return null;
      return `policies: expected ${wanted.join(", ")}, found ${found.join(", ") || "none"}`;
    };
  },
  leader: (reader) => {
    const wanted = reader.string();
    return ({ juju }) =>
      juju.leader === wanted ? null : `leader: expected ${wanted}, found ${juju.leader ?? "none"}`;
  },
  status: readStatus,
  logged: readLogged,
};

/** What holds of every scenario that does not say otherwise. */
const usual: Readonly<Record<string, unknown>> = { violations: 0, error: [], waiting: [] };

/** Reads `expect`. */
export function readExpectations(reader: Reader): Expectation[] {
  reader.fields(Object.keys(expectations));
  return Object.entries(expectations)
    .map(([name, read]) => {
      const given = reader.at(name);
      if (given.isThere) return read(given);
      return name in usual ? read(given.with(usual[name])) : null;
    })
    .filter((one) => one !== null);
}
