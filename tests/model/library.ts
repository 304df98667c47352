/**
 * The libraries that are checked: this project's binding with a core, and the old algorithm.
 *
 * @module
 */

import type { PolicyState } from "../../bindings/typescript/contract.js";
import { Coordinator, type CoordinatorOptions } from "../../bindings/typescript/coordinator.js";
import type { Callable } from "../../bindings/typescript/engine.js";
import type { Host } from "../../bindings/typescript/host.js";
import * as wasm from "../../bindings/typescript/webassembly.js";
import { type Algorithm, emptyDisk } from "../e2e/rolling-charm.js";
import type { Library } from "./conversations.js";

interface Exports {
  readonly memory: wasm.Memory;
  coordinator_alloc(length: number): number;
  coordinator_call(address: number, length: number): bigint;
  /** Only in a core with seeded faults: switches one of them on. */
  coordinator_fault?(number: number): void;
}

export interface CoreLibraryOptions {
  /** The bytes of the core. */
  readonly core: Uint8Array;
  /** Which of the seeded faults is on; 0: none. */
  readonly fault?: number;
  readonly selfGrant?: "published" | "committed" | "unsafe";
}

/** Makes fresh instances of a core, without the checks of an engine, with one of its seeded faults switched on or (0) none. */
export function freshCoreOf(module: wasm.CompiledModule, fault: number): () => Callable {
  return () => {
    const exports = new wasm.Instance(module).exports as unknown as Exports;
    exports.coordinator_fault?.(fault);
    return {
      call(input) {
        const address = exports.coordinator_alloc(input.length);
        new Uint8Array(exports.memory.buffer, address, input.length).set(input);
        const packed = exports.coordinator_call(address, input.length);
        const length = Number(packed & 0xffff_ffffn);
        return new Uint8Array(exports.memory.buffer, Number(packed >> 32n), length).slice();
      },
    };
  };
}

/** This project's library: the binding as it is, with a fresh instance of the given core in each hook. */
export function ours({ core, fault = 0, selfGrant = "published" }: CoreLibraryOptions): Library {
  const fresh = freshCoreOf(new wasm.Module(core), fault);
  let decisions = 0;
  return {
    name: "charm-coordinator",
    decisions: () => decisions,
    open(host) {
      const instance = fresh();
      const counted: Callable = {
        call(input) {
          decisions++;
          return instance.call(input);
        },
      };
      const allow = host.hook.kind === "action" ? (["decide"] as const) : [];
      const options = { ...policyOf(host), selfGrant, allow };
      const coordinator = new Coordinator(host, options, counted);
      coordinator.start();
      return coordinator;
    },
  };
}

/** Rules, or the charm's own function, which grants the first in the queue where nobody holds anything and it is day. */
function policyOf({ hook }: Host): Pick<CoordinatorOptions, "policy" | "operatorPolicy"> {
  const rules = String(hook.config().policy);
  if (rules !== "dawn") return { operatorPolicy: rules.includes(",") ? rules.split(",") : rules };
  const isDay = hook.config().go === true;
  const dawn = ({ holders, queue }: PolicyState) => ({
    grant: isDay && holders.length === 0 ? queue.slice(0, 1) : [],
  });
  return { policy: dawn };
}

/** A library that decides by itself, between any two of its calls. */
export function old(algorithm: Algorithm): Library {
  return {
    name: algorithm.name,
    decisions: () => 0,
    open: (host) => algorithm.open(host, emptyDisk()),
  };
}
