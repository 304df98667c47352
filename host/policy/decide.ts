/**
 * `coordinator policy decide FILE < state.json`: who is granted, who waits, and why.
 *
 * @module
 */

import type { PolicyDecision, PolicyState } from "../../bindings/typescript/contract.js";
import { isObject } from "../../bindings/typescript/contract.js";
import { parseDocument, readArguments } from "./arguments.js";
import { count, fuelText, green, print, printJson, printTable, yellow } from "./print.js";
import { completeState } from "./state.js";
import { load, readSubject } from "./subject.js";

export const help = `usage: coordinator policy decide [--config JSON|@FILE] [--json] FILE < STATE

Prints who is granted what, who waits and why, and what the decision cost.
FILE: a module or command (.wasm), a file of rules (YAML or JSON), or a rule such as parallel:2
  --config JSON|@FILE  the config of a module: JSON, or a file of JSON or YAML (default: that of the state, or {})
STATE: JSON or YAML as host/abi.md has it ("decide"). The queue must be there; what else is left out is made up:
  {"n": 5, "leader": "app/0", "queue": [{"unit": "app/1", "lock": "restart"}]}

exit code: 0 it decided, 1 it did not, 2 a wrong option or a bad file
`;

export function decide(args: readonly string[], input: () => string): number {
  const { files, json, config } = readArguments(args, "FILE < STATE", { takesConfig: true });
  const subject = readSubject(files[0]!);
  const given = parseDocument(input(), "standard input");
  const state = completeState(given, "standard input");
  const own = isObject(given) && subject.kind === "file" ? given.config : undefined;
  const log: string[] = [];
  const take = (line: string): void => void log.push(line);
  const policy = load(subject, config ?? own, take);
  const decision = policy.decide(state, take);
  if (json) {
    const fuel = policy.fuelUsed === null ? {} : { fuel: Number(policy.fuelUsed) };
    printJson({ ...decision, ...fuel, ...(log.length > 0 && { log }) });
    return 0;
  }
  for (const line of log) process.stderr.write(`${line}\n`);
  show(decision, state);
  const cost = fuelText(policy.fuelUsed);
  if (cost !== "") print(`used ${cost}`);
  return 0;
}

function show(decision: PolicyDecision, state: PolicyState): void {
  const { grant, wait = [], retry_after } = decision;
  const reasonOf = (unit: string, lock: string): string =>
    wait.find((one) => one.unit === unit && one.lock === lock)?.reason ?? "";
  const isGranted = (unit: string, lock: string): boolean =>
    grant.some((one) => one.unit === unit && one.lock === lock);
  const rows = [
    ...state.holders.map(({ unit, lock }) => ["holds", unit, lock, ""]),
    ...grant.map(({ unit, lock }) => ["granted", unit, lock, ""]),
    ...state.queue
      .filter(({ unit, lock }) => !isGranted(unit, lock))
      .map(({ unit, lock }) => ["waits", unit, lock, reasonOf(unit, lock)]),
  ];
  if (rows.length === 0) print("nobody holds or waits");
  printTable(rows, ([what]) => (what === "granted" ? green : what === "waits" ? yellow : String));
  if (retry_after !== undefined) print(`asks again after ${count(retry_after)} s`);
}
