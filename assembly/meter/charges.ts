/**
 * Writes functions anew, with their charges: of the fuel for each part of their code, of the room on the stack for each call.
 */
import { Body } from "./body";
import { Bytes } from "./bytes";
import {
  BLOCK,
  BR,
  CALL,
  EMPTY,
  END,
  GLOBAL_GET,
  GLOBAL_SET,
  I32_CONST,
  I64,
  I64_ADD,
  I64_CONST,
  I64_EXTEND_I32_U,
  I64_LE_U,
  I64_LT_S,
  I64_MUL,
  I64_OR,
  I64_SHR_U,
  I64_SUB,
  IF,
  LOCAL_GET,
  LOCAL_TEE,
  SELECT,
  UNREACHABLE,
} from "./opcodes";
import { Outline } from "./outline";
import { BULK, CHECKED, ENTRY, LEAVE, PLAIN } from "./points";

/** The places of the two globals behind the module's own. */
const FUEL_AT: i32 = 0;
const STACK_AT: i32 = 1;

/** Slots of a call beside its own: so many calls fit that the narrowest engine has as many. */
const CALL_SLOTS: i32 = 20;
/** A function that calls nothing and has no more than these takes no room: it is only ever the last. */
const FREE_SLOTS: i32 = 256;

/** What a bulk instruction may take at least: a greater length fails in any memory, and is not charged. */
const LEAST_MOST_PAGES: u32 = 256;

export class Charges {
  private readonly outline: Outline;
  private readonly pages: u32;
  private readonly most: i32;
  private readonly to: Bytes;

  /** @param pages the most that the memory may have. @param most of that many bytes in `to` it writes no more. */
  constructor(outline: Outline, pages: u32, most: i32, to: Bytes) {
    this.outline = outline;
    this.pages = pages;
    this.most = most;
    this.to = to;
  }

  /** Writes a function that has just been read. */
  writeBody(body: Body, type: i32): void {
    const source = this.outline.source;
    const to = this.to;
    const points = body.points;
    const takesRoom = body.calls || body.slots > FREE_SLOTS;
    const room = <i64>(body.slots + CALL_SLOTS);
    to.u32(body.groups + 1);
    to.copy(body.declarations, <i32>(body.code - body.declarations));
    to.two(1, I64);
    let at = body.code;
    for (let point = 0; point < points.count && to.length <= this.most; point++) {
      const kind = points.kinds[point];
      const place = points.places[point];
      if (kind === LEAVE && !takesRoom) continue;
      to.copy(at, <i32>(place - at));
      at = place;
      const value = points.values[point];
      if (kind === PLAIN) this.writeChange(FUEL_AT, I64_SUB, value);
      if (kind === CHECKED)
        this.writeTake(value, point === ENTRY && takesRoom ? room : 0, body.locals);
      if (kind === BULK) this.writeBulk(value);
      if (kind === LEAVE) {
        to.byte(BR);
        to.u32(<u32>value);
        at += 1;
      }
      if (point === ENTRY && takesRoom) {
        to.byte(BLOCK);
        this.outline.signatures.writeBlockType(to, type);
      }
    }
    to.copy(at, <i32>(source.end - at));
    if (!takesRoom) return;
    // The function's own end closes the block; a branch out of the function ends there, too.
    this.writeChange(STACK_AT, I64_ADD, room);
    to.byte(END);
  }

  /** global ±= amount */
  private writeChange(which: i32, operation: u32, amount: i64): void {
    this.writeGlobal(GLOBAL_GET, which);
    this.to.byte(I64_CONST);
    this.to.positive(amount);
    this.to.byte(operation);
    this.writeGlobal(GLOBAL_SET, which);
  }

  /** fuel -= amount; stack -= room; if ((fuel | stack) < 0) unreachable. Without room the stack is left alone. */
  private writeTake(amount: i64, room: i64, local: i32): void {
    this.writeLess(FUEL_AT, amount, local);
    if (room > 0) {
      this.writeLess(STACK_AT, room, local);
      this.to.byte(I64_OR);
    }
    this.writeCheck();
  }

  /** global -= amount, and leaves on the stack what is left. A local of its own spares reading the global again. */
  private writeLess(which: i32, amount: i64, local: i32): void {
    this.writeGlobal(GLOBAL_GET, which);
    this.to.byte(I64_CONST);
    this.to.positive(amount);
    this.to.byte(I64_SUB);
    this.writeSet(which, local);
  }

  private writeSet(which: i32, local: i32): void {
    this.to.byte(LOCAL_TEE);
    this.to.u32(<u32>local);
    this.writeGlobal(GLOBAL_SET, which);
    this.to.byte(LOCAL_GET);
    this.to.u32(<u32>local);
  }

  private writeCheck(): void {
    this.to.two(I64_CONST, 0);
    this.to.byte(I64_LT_S);
    this.to.two(IF, EMPTY);
    this.to.two(UNREACHABLE, END);
  }

  private writeGlobal(opcode: u32, which: i32): void {
    this.to.byte(opcode);
    this.to.u32(<u32>(this.outline.globals + which));
  }

  /** The length is on the stack, and stays there. */
  private writeBulk(weight: i64): void {
    this.to.byte(I32_CONST);
    this.to.positive(weight);
    this.to.byte(CALL);
    this.to.u32(<u32>this.outline.functions.length);
  }

  /** Writes the function that takes for a bulk instruction, (length, weight) -> length: fuel -= length * weight / 16, unless that is more than a memory holds. */
  writeHelper(): void {
    const to = this.to;
    to.two(1, 1);
    to.byte(I64);
    this.writeGlobal(GLOBAL_GET, FUEL_AT);
    writeProduct(to);
    to.two(I64_CONST, 4);
    to.byte(I64_SHR_U);
    to.two(I64_CONST, 0);
    writeProduct(to);
    to.byte(I64_CONST);
    to.positive((<i64>max(this.pages, LEAST_MOST_PAGES)) << 16);
    to.two(I64_LE_U, SELECT);
    to.byte(I64_SUB);
    this.writeSet(FUEL_AT, 2);
    this.writeCheck();
    to.two(LOCAL_GET, 0);
    to.byte(END);
  }
}

/** length * weight */
function writeProduct(to: Bytes): void {
  to.two(LOCAL_GET, 0);
  to.byte(I64_EXTEND_I32_U);
  to.two(LOCAL_GET, 1);
  to.two(I64_EXTEND_I32_U, I64_MUL);
}
