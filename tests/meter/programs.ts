/**
 * Makes programs of blocks, loops, branches and calls, and runs them by itself: how many instructions ran is known exactly.
 *
 * @module
 */

import fc from "fast-check";

export type Statement =
  | { readonly kind: "nops"; readonly count: number }
  | { readonly kind: "block"; readonly body: Body }
  | { readonly kind: "loop"; readonly turns: number; readonly body: Body }
  | { readonly kind: "if"; readonly yes: Body; readonly no: Body | null }
  | { readonly kind: "branch"; readonly how: "br" | "br_if"; readonly to: number }
  | { readonly kind: "table"; readonly to: readonly number[] }
  | { readonly kind: "return" }
  | { readonly kind: "call"; readonly function: number };

type Body = readonly Statement[];

/** Each function calls only those behind it, so every program ends. */
export type Program = readonly Body[];

const FUNCTIONS = 4;
/** Decisions are read from the memory, byte by byte; behind its end all are 0. */
export const DECISIONS = 4096;

const { body } = fc.letrec<{ body: Body; statement: Statement }>((tie) => {
  const label = fc.nat(5);
  const inner = tie("body") as fc.Arbitrary<Body>;
  return {
    body: fc.array(tie("statement") as fc.Arbitrary<Statement>, { maxLength: 4 }),
    statement: fc.oneof(
      { depthSize: "small", withCrossShrink: true },
      fc.record({ kind: fc.constant("nops" as const), count: fc.integer({ min: 1, max: 40 }) }),
      fc.record({ kind: fc.constant("block" as const), body: inner }),
      fc.record({
        kind: fc.constant("loop" as const),
        turns: fc.integer({ min: 1, max: 3 }),
        body: inner,
      }),
      fc.record({ kind: fc.constant("if" as const), yes: inner, no: fc.option(inner) }),
      fc.record({
        kind: fc.constant("branch" as const),
        how: fc.constantFrom("br" as const, "br_if" as const, "br_if" as const),
        to: label,
      }),
      fc.record({
        kind: fc.constant("table" as const),
        to: fc.array(label, { minLength: 1, maxLength: 4 }),
      }),
      fc.record({ kind: fc.constant("return" as const) }),
      fc.record({ kind: fc.constant("call" as const), function: fc.nat(FUNCTIONS - 1) }),
    ),
  };
});

export const program: fc.Arbitrary<Program> = fc.array(body, {
  minLength: FUNCTIONS,
  maxLength: FUNCTIONS,
});

export const decisions: fc.Arbitrary<Uint8Array> = fc.uint8Array({
  minLength: DECISIONS,
  maxLength: DECISIONS,
});

/** The next decision on the stack, below 2 or 8: so many instructions. */
const DECIDE_COST = 8;
const decide = (mask: number): string =>
  `(i32.and (i32.load8_u (global.get $at)) (i32.const ${mask}))
   (global.set $at (i32.add (global.get $at) (i32.const 1)))`;

/** Blocks that enclose a statement; a loop is none to branch to, since its counter would not count. */
type Labels = readonly ("block" | "loop")[];

/** The label that a number stands for: one of the blocks around, or the function itself. */
function labelOf(number: number, labels: Labels): number {
  const targets = [...labels.keys()].filter((at) => labels[at] === "block");
  return [...targets, labels.length][number % (targets.length + 1)]!;
}

/** The text of a program; behind whatever begins a part so many instructions are added that do nothing. */
export function textOf(functions: Program, padding: number): string {
  const nops = "nop ".repeat(padding);
  const write = (statements: Body, labels: Labels, index: number): string =>
    nops + statements.map((one) => `${statement(one, labels, index)} ${nops}`).join("\n");
  const statement = (one: Statement, labels: Labels, index: number): string => {
    switch (one.kind) {
      case "nops":
        return "nop ".repeat(one.count);
      case "block":
        return `block ${write(one.body, ["block", ...labels], index)} end`;
      case "loop": {
        const local = `$${labels.length}`;
        return `(local.set ${local} (i32.const ${one.turns})) loop
          ${write(one.body, ["loop", ...labels], index)}
          (br_if 0 (local.tee ${local} (i32.sub (local.get ${local}) (i32.const 1)))) ${nops} end`;
      }
      case "if": {
        const inside: Labels = ["block", ...labels];
        const no = one.no === null ? "" : `else ${write(one.no, inside, index)}`;
        return `${decide(1)} if ${write(one.yes, inside, index)} ${no} end`;
      }
      case "branch":
        return `${one.how === "br_if" ? decide(1) : ""} ${one.how} ${labelOf(one.to, labels)}`;
      case "table":
        return `${decide(7)} br_table ${one.to.map((to) => labelOf(to, labels)).join(" ")}`;
      case "return":
        return "return";
      case "call":
        return one.function > index ? `call ${one.function}` : "nop";
    }
  };
  const locals = Array.from({ length: 64 }, (_, at) => `(local $${at} i32)`).join(" ");
  const texts = functions.map(
    (statements, index) =>
      `(func ${index === 0 ? '(export "f")' : ""} ${locals} ${write(statements, [], index)})`,
  );
  return `(module (memory (export "memory") 1 1) (global $at (mut i32) (i32.const 0)) ${texts.join("\n")})`;
}

/** A branch on its way: how many blocks it still leaves. */
interface Leaving {
  readonly blocks: number;
}

/** What a program costs that runs with these decisions, if just what runs is charged. */
export function costOf(functions: Program, padding: number, bytes: Uint8Array): number {
  let cost = 0;
  let at = 0;
  const decision = (mask: number): number => {
    cost += DECIDE_COST;
    return (bytes[at++] ?? 0) & mask;
  };
  /** @returns a branch that goes further than to its own end, else null. */
  const enter = (statements: Body, labels: Labels, index: number): Leaving | null => {
    cost += padding;
    for (const one of statements) {
      const leaving = run(one, labels, index);
      if (leaving !== null) return leaving;
      cost += padding;
    }
    return null;
  };
  const inside = (leaving: Leaving | null): Leaving | null =>
    leaving === null || leaving.blocks === 0 ? null : { blocks: leaving.blocks - 1 };
  const run = (one: Statement, labels: Labels, index: number): Leaving | null => {
    switch (one.kind) {
      case "nops":
        cost += one.count;
        return null;
      case "block":
        cost += 1;
        return inside(enter(one.body, ["block", ...labels], index));
      case "loop": {
        cost += 3;
        for (let turn = one.turns; turn > 0; turn--) {
          const leaving = inside(enter(one.body, ["loop", ...labels], index));
          if (leaving !== null) return leaving;
          cost += 5;
        }
        cost += padding;
        return null;
      }
      case "if": {
        const taken = decision(1) === 1 ? one.yes : one.no;
        cost += 1;
        return taken === null ? null : inside(enter(taken, ["block", ...labels], index));
      }
      case "branch": {
        const isTaken = one.how === "br" || decision(1) === 1;
        cost += 1;
        return isTaken ? { blocks: labelOf(one.to, labels) } : null;
      }
      case "table": {
        const chosen = Math.min(decision(7), one.to.length - 1);
        cost += 1;
        return { blocks: labelOf(one.to[chosen]!, labels) };
      }
      case "return":
        cost += 1;
        return { blocks: labels.length };
      case "call":
        cost += 1;
        if (one.function <= index) return null;
        cost += 4;
        enter(functions[one.function]!, [], one.function);
        return null;
    }
  };
  enter(functions[0]!, [], 0);
  return cost;
}
