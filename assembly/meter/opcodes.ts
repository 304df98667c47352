/**
 * What the rewriter knows of each instruction: how it goes on, what it does to the height of the stack, what it belongs to if it
 * is forbidden.
 */
import { Source } from "./source";

export const UNREACHABLE: u32 = 0x00;
export const BLOCK: u32 = 0x02;
export const LOOP: u32 = 0x03;
export const IF: u32 = 0x04;
export const ELSE: u32 = 0x05;
export const END: u32 = 0x0b;
export const BR: u32 = 0x0c;
export const BR_TABLE: u32 = 0x0e;
export const RETURN: u32 = 0x0f;
export const CALL: u32 = 0x10;
export const CALL_INDIRECT: u32 = 0x11;
export const LOCAL_GET: u32 = 0x20;
export const LOCAL_TEE: u32 = 0x22;
export const GLOBAL_GET: u32 = 0x23;
export const GLOBAL_SET: u32 = 0x24;
export const MEMORY_GROW: u32 = 0x40;
export const I32_CONST: u32 = 0x41;
export const I64_CONST: u32 = 0x42;
export const I64_LT_S: u32 = 0x53;
export const I64_LE_U: u32 = 0x58;
export const I64_ADD: u32 = 0x7c;
export const I64_SUB: u32 = 0x7d;
export const I64_MUL: u32 = 0x7e;
export const I64_OR: u32 = 0x84;
export const I64_SHR_U: u32 = 0x88;
export const I64_EXTEND_I32_U: u32 = 0xad;
export const SELECT: u32 = 0x1b;
export const REF_FUNC: u32 = 0xd2;
export const REF_NULL: u32 = 0xd0;
export const BULK: u32 = 0xfc;

/** A block type without parameters and results. */
export const EMPTY: u32 = 0x40;

export const I32: u32 = 0x7f;
export const I64: u32 = 0x7e;
export const F64: u32 = 0x7c;
export const FUNCREF: u32 = 0x70;

const DROP: u32 = 0x1a;
const LAST_NUMERIC: u32 = 0xc4;

/** The feature that an opcode belongs to, of those that are not allowed; empty if nobody knows it. */
export function featureOf(opcode: u32): string {
  if ((opcode >= 0x06 && opcode <= 0x0a) || opcode === 0x18 || opcode === 0x19 || opcode === 0x1f)
    return "exceptions";
  if (opcode === 0x12 || opcode === 0x13) return "tail calls";
  if (opcode === 0x14 || opcode === 0x15 || opcode === 0xfb || (opcode >= 0xd3 && opcode <= 0xd6))
    return "GC";
  if (opcode === 0x1c || opcode === 0x25 || opcode === 0x26 || (opcode >= 0xd0 && opcode <= 0xd2))
    return "reference types";
  if (opcode === 0xfd) return "SIMD";
  if (opcode === 0xfe) return "threads";
  return "";
}

/** A value type of those that are allowed; anything else is a fault. */
export function readValueType(source: Source): u32 {
  const from = source.at;
  const type = source.byte();
  if (type >= F64 && type <= I32) return type;
  if (type === 0x7b) source.fail("forbidden", "it uses SIMD", from);
  else if (type === FUNCREF || type === 0x6f)
    source.fail("forbidden", "it uses reference types", from);
  else if (type >= 0x63 && type <= 0x74) source.fail("forbidden", "it uses GC", from);
  else source.fail("bad_type", "no known type", from);
  return I32;
}

/**
 * Passes what follows an instruction that neither steers nor calls.
 *
 * @returns by how much it makes the stack higher, or -100 for an instruction that is not one of these.
 */
export function passPlain(source: Source, opcode: u32): i32 {
  if (opcode >= 0x45 && opcode <= LAST_NUMERIC) return isBinary(opcode) ? -1 : 0;
  if (opcode >= 0x28 && opcode <= 0x3e) {
    const from = source.at;
    // Bit 6 of the alignment says that the number of a memory follows.
    if (source.u32() >= 0x40) source.fail("forbidden", "it uses several memories", from);
    source.u32();
    return opcode >= 0x36 ? -2 : 0;
  }
  switch (opcode) {
    case UNREACHABLE:
    case 0x01:
      return 0;
    case DROP:
      return -1;
    case SELECT:
      return -2;
    case 0x3f:
    case MEMORY_GROW:
      source.zero("it uses several memories");
      return opcode === MEMORY_GROW ? 0 : 1;
    case I32_CONST:
      source.skipSigned(5);
      return 1;
    case I64_CONST:
      source.skipSigned(10);
      return 1;
    case 0x43:
      source.skip(4);
      return 1;
    case 0x44:
      source.skip(8);
      return 1;
    default:
      return NOT_PLAIN;
  }
}

export const NOT_PLAIN: i32 = -100;

/** Of the numeric instructions: those that make one of two. The others make one of one. */
function isBinary(opcode: u32): bool {
  if (opcode <= 0x66) return opcode !== 0x45 && opcode !== 0x50;
  return (
    (opcode >= 0x6a && opcode <= 0x78) ||
    (opcode >= 0x7c && opcode <= 0x8a) ||
    (opcode >= 0x92 && opcode <= 0x98) ||
    (opcode >= 0xa0 && opcode <= 0xa6)
  );
}
