/**
 * `coordinator policy describe FILE`: what a policy says of itself, and what it needs to be told.
 *
 * @module
 */

import { factsOf, needsOf } from "../../bindings/typescript/answers.js";
import type { PolicyNeeds } from "../../bindings/typescript/contract.js";
import { ModuleError } from "../../bindings/typescript/index.js";
import { sha256Of } from "../../bindings/typescript/policy.js";
import { readArguments } from "./arguments.js";
import { count, printJson, printTable } from "./print.js";
import { Program } from "./program.js";
import { rulesOf } from "./rules.js";
import { readSubject } from "./subject.js";

export const help = `usage: coordinator policy describe [--json] FILE

Prints what a policy says of itself, and what it needs to be told beside who holds and who waits.
FILE: a module or command (.wasm), a file of rules (YAML or JSON), or a rule such as parallel:2
`;

export function describe(args: readonly string[]): number {
  const { files, json } = readArguments(args, "FILE");
  const subject = readSubject(files[0]!);
  if (subject.kind === "rules") {
    const { kind, name } = rulesOf(subject.policy);
    if (json) printJson({ kind, name });
    else
      printTable([
        ["name", name],
        ["kind", kind],
      ]);
    return 0;
  }
  const { bytes } = subject;
  const program = new Program(bytes);
  const { kind } = program;
  const { name, version } = factsOf(program.ask('{"op":"describe"}').answer);
  const needs = needsWithout(program);
  const sha256 = sha256Of(bytes);
  if (json) {
    printJson({ kind, name, version, sha256, bytes: bytes.length, needs });
    return 0;
  }
  printTable([
    ["name", name],
    ["version", version],
    ["kind", kind],
    ["sha256", sha256],
    ["size", `${count(bytes.length)} bytes`],
    [
      "needs",
      needs === null ? "depends on its config: see coordinator policy check" : needsText(needs),
    ],
  ]);
  return 0;
}

/** What it needs without a config; null if it takes no empty one. */
function needsWithout(program: Program): PolicyNeeds | null {
  try {
    return needsOf(program.ask('{"op":"check","config":{}}').answer);
  } catch (error) {
    if (error instanceof ModuleError && error.code === "bad_config") return null;
    throw error;
  }
}

export function needsText({ options = [], units = false, released }: PolicyNeeds): string {
  const needs = [
    ...options.map((option) => `the config option ${option}`),
    ...(units ? ["goal-state"] : []),
    ...(released === undefined ? [] : ["the last release of each lock"]),
    ...(released ?? []).map((unit) => `that by ${unit}`),
  ];
  return needs.length === 0 ? "nothing" : needs.join(", ");
}
