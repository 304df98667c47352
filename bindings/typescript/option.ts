/**
 * What an operator writes into the config option: rules, a limit, and the config of a module, as YAML.
 *
 * @module
 */

import { isObject } from "./contract.js";
import { CoordinatorError } from "./errors.js";
import { later } from "./later.js";

export interface Option {
  /** A rule or a list of rules, which the core has not seen yet; null if there are none. */
  readonly rules: unknown;
  /** null if there is none. */
  readonly limit: unknown;
  /** undefined if there is none. */
  readonly config: unknown;
}

export const NO_OPTION: Option = { rules: null, limit: null, config: undefined };

/**
 * Reads a rule, a list of rules, or an object of rules, limit and config.
 *
 * @param value - what config-get says of the option.
 * @throws CoordinatorError `bad_policy` if it is something else.
 */
export function readOption(value: unknown): Option {
  const said = typeof value === "string" ? parseYaml(value) : value;
  if (said === null || said === undefined) return NO_OPTION;
  if (!isObject(said) || Object.hasOwn(said, "rule")) return { ...NO_OPTION, rules: said };
  const { rules = null, limit = null, config, ...others } = said;
  const unknown = Object.keys(others)[0];
  if (unknown === undefined) return { rules, limit, config };
  const expected = "expected a rule, a list of rules, or rules, limit and config";
  throw new CoordinatorError("bad_policy", `unknown field ${JSON.stringify(unknown)}; ${expected}`);
}

function parseYaml(text: string): unknown {
  // Loading a YAML parser takes as long as a hook tool, so only who has something to read does.
  if (text.trim() === "") return null;
  const { parse } = later()("yaml") as typeof import("yaml");
  try {
    return JSON.parse(JSON.stringify(parse(text) ?? null));
  } catch (error) {
    throw new CoordinatorError("bad_policy", `it is not YAML: ${(error as Error).message}`);
  }
}
