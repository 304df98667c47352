/**
 * Policy modules that give prepared answers, for tests of what the binding does with them.
 *
 * @module
 */

import wabt from "wabt";

const { parseWat } = await wabt();

/** What it does when it is asked: answers this, or runs this WebAssembly text. */
export type Reply = object | { readonly wat: string };

export interface Script {
  readonly describe?: Reply;
  readonly check?: Reply;
  readonly decide?: Reply;
}

export const LOOP = { wat: "(loop (br 0)) (unreachable)" };
export const TRAP = { wat: "(unreachable)" };

const DEFAULTS = {
  describe: { ok: { kind: "policy", name: "scripted", version: "1" } },
  check: { ok: {} },
  decide: { ok: { grant: [] } },
};

/** The file of such a module. */
export function scriptedPolicy(script: Script = {}): Uint8Array {
  const { describe, check, decide } = { ...DEFAULTS, ...script };
  let at = 4096;
  const data: string[] = [];
  const codeOf = (reply: Reply): string => {
    if ("wat" in reply) return reply.wat;
    const bytes = Buffer.from(JSON.stringify(reply));
    const text = [...bytes].map((byte) => `\\${byte.toString(16).padStart(2, "0")}`).join("");
    data.push(`(data (i32.const ${at}) "${text}")`);
    const packed = (BigInt(at) << 32n) | BigInt(bytes.length);
    at += bytes.length;
    return `(i64.const ${packed})`;
  };
  // {"op":"describe"}, {"op":"check", {"op":"decide": the letters at 7 and 9 tell them apart.
  const text = `(module
    (memory (export "memory") 32 256)
    (func (export "coordinator_abi") (result i32) i32.const 1)
    (func (export "coordinator_alloc") (param i32) (result i32) i32.const 65536)
    (func (export "coordinator_call") (param i32 i32) (result i64)
      (if (i32.eq (i32.load8_u offset=7 (local.get 0)) (i32.const 99)) (then (return ${codeOf(check)})))
      (if (i32.eq (i32.load8_u offset=9 (local.get 0)) (i32.const 115)) (then (return ${codeOf(describe)})))
      ${codeOf(decide)})
    ${data.join("\n")})`;
  return parseWat("policy", text, {}).toBinary({}).buffer;
}
