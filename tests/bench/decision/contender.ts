/**
 * Whatever can make the same decision from the same bytes: the core in this process, or a program of another language. And the
 * plain JSON parser, which all of them are measured by.
 *
 * @module
 */

import { Bench } from "tinybench";
import type { Callable } from "../../../bindings/typescript/engine.js";
import type { Module } from "../../../bindings/typescript/module.js";
import { decideAsLeader } from "../../reference/hook.js";
import { type Decision, decide, grantedBy, parseAll } from "./input.js";

/** By whom all others are measured. */
export const PARSER = "JSON.parse";

/** One of those that are timed beside each other. */
export interface Contender {
  readonly name: string;
  /** The most units it is asked to decide for. */
  readonly most: number;
  /** The units that it grants something to; null if it does not decide. It must be the same for all. */
  granted(decision: Decision): Promise<string[] | null>;
  /**
   * Decides again and again for about so long, at least once.
   *
   * @returns milliseconds that each decision took.
   */
  time(decision: Decision, milliseconds: number): Promise<readonly number[]>;
  close(): void;
}

/** Times a function in this process; what `prepare` does before each call is not counted. */
function timed(milliseconds: number, prepare: () => void, run: () => unknown): readonly number[] {
  const bench = new Bench({
    time: milliseconds,
    iterations: 1,
    warmup: false,
    retainSamples: true,
  });
  bench.add("decision", run, { beforeEach: prepare });
  const result = bench.runSync()[0]!.result;
  if (result.state === "errored") throw result.error;
  if (result.state !== "completed") throw new Error(`the harness says: ${result.state}`);
  return result.latency.samples!;
}

/**
 * The core in this V8. As in a hook each decision has an instance of its own, whose memory is new, and finds nothing of what it runs in the
 * processor's caches: JSON.parse has had a turn before.
 *
 * @param counts whether the making of the instance is timed as well.
 */
export function inV8(core: Module, counts: "the decision" | "its instance too"): Contender {
  const isAll = counts === "its instance too";
  return {
    name: isAll ? "core, V8, and its instance" : "core, V8",
    most: Number.POSITIVE_INFINITY,
    granted: async (decision) => grantedBy(decide(core.instantiate(), decision)),
    time: async (decision, milliseconds) => {
      let instance: Callable | null = null;
      const prepare = (): void => {
        parseAll(decision);
        instance = isAll ? null : core.instantiate();
      };
      return timed(milliseconds, prepare, () => decide(instance ?? core.instantiate(), decision));
    },
    close() {},
  };
}

/** The same rules in plain TypeScript, in this V8. */
export const inTypeScript: Contender = {
  name: "plain TypeScript",
  most: 10_000,
  granted: async ({ inputs }) => grantedBy(decideAsLeader(inputs)),
  time: async ({ inputs }, milliseconds) =>
    timed(
      milliseconds,
      () => {},
      () => decideAsLeader(inputs),
    ),
  close() {},
};

/** `JSON.parse` of the same bytes, in this V8, after the core has had a turn. */
export function inParser(core: Module): Contender {
  return {
    name: PARSER,
    most: Number.POSITIVE_INFINITY,
    granted: async () => null,
    time: async (decision, milliseconds) =>
      timed(
        milliseconds,
        () => void decide(core.instantiate(), decision),
        () => parseAll(decision),
      ),
    close() {},
  };
}
