/**
 * Writes the module anew: the same but for what it adds, and without the custom sections, which no engine needs.
 *
 * It adds two globals behind the module's own, the fuel and the room left on the stack, and exports them; a function that
 * charges for bulk instructions by their length; and the charges themselves. The start function is exported instead of being
 * started, since of an instance that never came to be nobody can ask how much fuel is left.
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
  I64_SHR_U,
  I64_SUB,
  IF,
  LOCAL_GET,
  LOCAL_TEE,
  SELECT,
  UNREACHABLE,
} from "./opcodes";
import {
  CODE,
  EXPORT,
  FUNCTION,
  FUNCTION_KIND,
  GLOBAL,
  GLOBAL_KIND,
  MEMORY,
  ORDER,
  Outline,
  START,
  TYPE,
} from "./outline";
import { BULK, CHECKED, ENTRY, LEAVE, PLAIN } from "./points";

/** The names under which the host finds what it adds. */
export const FUEL: string = "coordinator_fuel";
export const STACK: string = "coordinator_stack";
export const BEGIN: string = "coordinator_start";

/** Their places behind the module's own globals. */
const FUEL_AT: i32 = 0;
const STACK_AT: i32 = 1;

/** Slots of all calls that are open: with 8 bytes each half of what the smallest stack of an engine holds. */
const STACK_SLOTS: i32 = 32_768;
/** Slots of a call beside its own: so many calls fit that the narrowest engine has as many. */
const CALL_SLOTS: i32 = 20;
/** A function that calls nothing and has no more than these takes no room: it is only ever the last. */
const FREE_SLOTS: i32 = 256;

/** What a bulk instruction may take at least: a greater length fails in any memory, and is not charged. */
const LEAST_MOST_PAGES: u32 = 256;

export class Rewriter {
  private readonly outline: Outline;
  private readonly pages: u32;
  private readonly fuel: i64;
  private readonly most: i32;
  private readonly module: Bytes = new Bytes();
  private readonly content: Bytes = new Bytes();

  /**
   * @param pages the most that the memory may have.
   * @param fuel what an instance has to begin with.
   * @param most bytes that the new module may have.
   */
  constructor(outline: Outline, pages: u32, fuel: i64, most: i32) {
    this.outline = outline;
    this.pages = pages;
    this.fuel = fuel;
    this.most = most;
  }

  /** The new module; empty if its code is not sound. */
  write(): Bytes {
    const source = this.outline.source;
    const starts = this.outline.starts;
    const ends = this.outline.ends;
    const module = this.module;
    const content = this.content;
    module.two(0x00, 0x61);
    module.two(0x73, 0x6d);
    module.two(1, 0);
    module.two(0, 0);
    for (let place = 0; place < ORDER.length && source.isSound; place++) {
      const number = ORDER[place];
      content.length = 0;
      if (number === START) continue;
      if (!this.writeChanged(number)) {
        if (!this.outline.has(number)) continue;
        content.copy(starts[number], <i32>(ends[number] - starts[number]));
      }
      module.byte(number);
      module.appendWithLength(content);
    }
    if (
      module.length > this.most &&
      source.refuse("too_big", "with what is added it has more than ", source.end)
    ) {
      source.message.decimal(<u32>this.most >> 20);
      source.message.text(" MiB");
    }
    return module;
  }

  /** Writes a section that is changed. @returns false if it is not, or not there. */
  private writeChanged(number: i32): bool {
    const outline = this.outline;
    const content = this.content;
    if (number === TYPE) this.writeTypes();
    else if (number === FUNCTION) {
      this.begin(FUNCTION, 1);
      content.u32(<u32>outline.signatures.helper);
    } else if (number === MEMORY && this.clampsMemory) {
      content.two(1, 1);
      content.u32(outline.memoryMin);
      content.u32(this.pages);
    } else if (number === GLOBAL) this.writeGlobals();
    else if (number === EXPORT) this.writeExports();
    else if (number === CODE) this.writeCode();
    else return false;
    return true;
  }

  private get clampsMemory(): bool {
    const memoryMax = this.outline.memoryMax;
    return this.outline.has(MEMORY) && (memoryMax < 0 || memoryMax > <i64>this.pages);
  }

  /** Copies a section's items, behind their number and that of those that are added. */
  private begin(number: i32, added: u32): void {
    const source = this.outline.source;
    const starts = this.outline.starts;
    const ends = this.outline.ends;
    let count: u32 = 0;
    source.at = starts[number];
    source.end = ends[number];
    if (this.outline.has(number)) count = source.u32();
    this.content.u32(count + added);
    this.content.copy(source.at, <i32>(source.end - source.at));
  }

  private writeTypes(): void {
    const signatures = this.outline.signatures;
    this.begin(TYPE, <u32>signatures.added);
    signatures.writeAdded(this.content);
  }

  private writeGlobals(): void {
    const content = this.content;
    this.begin(GLOBAL, 2);
    content.two(I64, 1);
    content.byte(I64_CONST);
    content.positive(this.fuel);
    content.byte(END);
    content.two(I64, 1);
    content.byte(I64_CONST);
    content.positive(<i64>STACK_SLOTS);
    content.byte(END);
  }

  private writeExports(): void {
    const outline = this.outline;
    const starts = outline.has(START);
    this.begin(EXPORT, starts ? 3 : 2);
    this.writeExport(FUEL, GLOBAL_KIND, outline.globals);
    this.writeExport(STACK, GLOBAL_KIND, outline.globals + 1);
    if (starts) this.writeExport(BEGIN, FUNCTION_KIND, outline.startFunction);
  }

  private writeExport(name: string, kind: u32, index: i32): void {
    this.content.u32(<u32>name.length);
    this.content.text(name);
    this.content.byte(kind);
    this.content.u32(<u32>index);
  }

  private writeCode(): void {
    const outline = this.outline;
    const content = this.content;
    const source = outline.source;
    const functions = outline.functions;
    const own = functions.length - outline.importedFunctions;
    const written = new Bytes();
    content.u32(<u32>own + 1);
    source.at = outline.starts[CODE];
    source.end = outline.ends[CODE];
    const end = source.end;
    if (outline.has(CODE) && source.u32() !== <u32>own)
      source.fail("bad_section", "functions and bodies differ in number");
    const body = new Body(outline);
    for (let i = outline.importedFunctions; i < functions.length && source.isSound; i++) {
      const length = source.u32();
      const start = source.at;
      source.skip(length);
      if (!source.isSound) break;
      source.end = source.at;
      source.at = start;
      body.read(functions[i]);
      written.length = 0;
      this.writeBody(written, body, functions[i]);
      content.appendWithLength(written);
      source.end = end;
    }
    if (source.isSound && !source.isDone)
      source.fail("bad_section", "a section has more bytes than it needs");
    written.length = 0;
    this.writeHelper(written);
    content.appendWithLength(written);
  }

  private writeBody(to: Bytes, body: Body, type: i32): void {
    const source = this.outline.source;
    if (!source.isSound) return;
    const points = body.points;
    const takesRoom = body.calls || body.slots > FREE_SLOTS;
    const room = <i64>(body.slots + CALL_SLOTS);
    to.u32(body.groups + 1);
    to.copy(body.declarations, <i32>(body.code - body.declarations));
    to.two(1, I64);
    let at = body.code;
    for (let point = 0; point < points.count; point++) {
      const kind = points.kinds[point];
      const place = points.places[point];
      if (kind === LEAVE && !takesRoom) continue;
      to.copy(at, <i32>(place - at));
      at = place;
      const value = points.values[point];
      if (kind === PLAIN) this.writeChange(to, FUEL_AT, I64_SUB, value);
      if (kind === CHECKED) this.writeTake(to, FUEL_AT, value, body.locals);
      if (kind === BULK) this.writeBulk(to, value);
      if (kind === LEAVE) {
        to.byte(BR);
        to.u32(<u32>value);
        at += 1;
      }
      if (point === ENTRY && takesRoom) {
        this.writeTake(to, STACK_AT, room, body.locals);
        to.byte(BLOCK);
        this.outline.signatures.writeBlockType(to, type);
      }
    }
    to.copy(at, <i32>(source.end - at));
    if (!takesRoom) return;
    // The function's own end closes the block; a branch out of the function ends there, too.
    this.writeChange(to, STACK_AT, I64_ADD, room);
    to.byte(END);
  }

  /** global ±= amount */
  private writeChange(to: Bytes, which: i32, operation: u32, amount: i64): void {
    this.writeGlobal(to, GLOBAL_GET, which);
    to.byte(I64_CONST);
    to.positive(amount);
    to.byte(operation);
    this.writeGlobal(to, GLOBAL_SET, which);
  }

  /** global -= amount; if (global < 0) unreachable */
  private writeTake(to: Bytes, which: i32, amount: i64, local: i32): void {
    this.writeGlobal(to, GLOBAL_GET, which);
    to.byte(I64_CONST);
    to.positive(amount);
    to.byte(I64_SUB);
    this.writeSetAndCheck(to, which, local);
  }

  /** A local of its own spares reading the global again. */
  private writeSetAndCheck(to: Bytes, which: i32, local: i32): void {
    to.byte(LOCAL_TEE);
    to.u32(<u32>local);
    this.writeGlobal(to, GLOBAL_SET, which);
    to.byte(LOCAL_GET);
    to.u32(<u32>local);
    to.two(I64_CONST, 0);
    to.byte(I64_LT_S);
    to.two(IF, EMPTY);
    to.two(UNREACHABLE, END);
  }

  private writeGlobal(to: Bytes, opcode: u32, which: i32): void {
    to.byte(opcode);
    to.u32(<u32>(this.outline.globals + which));
  }

  /** The length is on the stack, and stays there. */
  private writeBulk(to: Bytes, weight: i64): void {
    to.byte(I32_CONST);
    to.positive(weight);
    to.byte(CALL);
    to.u32(<u32>this.outline.functions.length);
  }

  /** (length, weight) -> length: fuel -= length * weight / 16, unless that is more than a memory holds. */
  private writeHelper(to: Bytes): void {
    to.two(1, 1);
    to.byte(I64);
    this.writeGlobal(to, GLOBAL_GET, FUEL_AT);
    writeProduct(to);
    to.two(I64_CONST, 4);
    to.byte(I64_SHR_U);
    to.two(I64_CONST, 0);
    writeProduct(to);
    to.byte(I64_CONST);
    to.positive((<i64>max(this.pages, LEAST_MOST_PAGES)) << 16);
    to.two(I64_LE_U, SELECT);
    to.byte(I64_SUB);
    this.writeSetAndCheck(to, FUEL_AT, 2);
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
