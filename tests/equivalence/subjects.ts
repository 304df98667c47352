/**
 * What the engines are given: conversations with the core as the fuzzers make them, and guests of the conformance kit with any bytes.
 *
 * @module
 */

import fc from "fast-check";
import { story } from "../fuzz/abi.js";
import { Guest } from "../fuzz/guest.js";
import { decide, type Facts, type Values } from "../fuzz/hook.js";
import { inputs } from "../fuzz/json.js";
import { cases } from "../fuzz/wire.js";

/** One instance, and what it is given, in order. */
export interface Subject {
  /** `core`, or a guest in build/guests. */
  readonly module: string;
  readonly inputs: readonly Uint8Array[];
}

/** Those that answer, and those that fail in a way that has a name in every language. */
const guests = [
  ...["echo", "grows", "alloc_zero", "alloc_out_of_range", "ptr_out_of_range", "ptr_wraps"],
  ...["len_huge", "big_output", "not_utf8", "not_json", "empty_answer", "byte_order_mark"],
  ...["not_an_answer", "ok_is_no_object", "hog", "wrong_abi", "has_import", "no_max"],
  ...["trap_unreachable", "trap_oob", "trap_divide", "trap_overflow", "trap_conversion"],
  ...["trap_indirect", "trap_stack", "trap_in_alloc", "trap_in_start", "trap_in_initialize"],
];

const core = (all: readonly Uint8Array[]): Subject => ({ module: "core", inputs: all });

/** A hook is played here first: what the core asks for on the way depends on what it says. */
class Recorder extends Guest {
  readonly inputs: Uint8Array[] = [];

  override call(input: Uint8Array): ReturnType<Guest["call"]> {
    this.inputs.push(Buffer.from(input));
    return super.call(input);
  }
}

const hook = cases.map(({ peers, grants, odd, store, policy: { policy } }): Subject => {
  const [leader, first, second] = peers as [Values, Values, Values];
  const place = store === "settings" ? "coordinator" : "coordinator-r1";
  const document = store === "settings" ? grants : { grants, order: [], v: 1, writer: "app/0" };
  const facts: Facts = {
    store,
    policy,
    members: ["app/1", "app/2", "app/3"],
    databags: { "app/0": leader, "app/1": first, "app/2": second, "app/3": odd },
    settings: { [place]: JSON.stringify(document) },
  };
  const recorder = new Recorder();
  try {
    decide(recorder, facts);
  } catch {
    // What it refused was recorded, and is as good as any.
  }
  return core(recorder.inputs);
});

/** Nearly all are conversations that get far. */
export const subjects: fc.Arbitrary<Subject> = fc.oneof(
  { weight: 4, arbitrary: story.map((texts) => core(texts.map((text) => Buffer.from(text)))) },
  { weight: 4, arbitrary: hook },
  { weight: 2, arbitrary: fc.array(inputs, { minLength: 1, maxLength: 8 }).map(core) },
  {
    weight: 1,
    arbitrary: fc
      .tuple(fc.constantFrom(...guests), fc.uint8Array({ maxLength: 200 }))
      .map(([module, bytes]): Subject => ({ module, inputs: [bytes] })),
  },
);
