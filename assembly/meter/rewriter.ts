/**
 * Writes the module anew: the same but for what it adds, and without the custom sections, which no engine needs.
 *
 * It adds two globals behind the module's own, the fuel and the room left on the stack, and exports them; a function that
 * charges for bulk instructions by their length; and the charges themselves. The start function is exported instead of being
 * started, since of an instance that never came to be nobody can ask how much fuel is left.
 */
import { Body } from "./body";
import { Bytes } from "./bytes";
import { Charges } from "./charges";
import { END, I64, I64_CONST } from "./opcodes";
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

/** The names under which the host finds what it adds. */
export const FUEL: string = "coordinator_fuel";
export const STACK: string = "coordinator_stack";
export const BEGIN: string = "coordinator_start";

/** Slots of all calls that are open: with 8 bytes each half of what the smallest stack of an engine holds. */
const STACK_SLOTS: i32 = 32_768;
/** Bytes of one function: what is kept of it while it is read takes more than its code does. */
const MOST_CODE: u32 = 512 << 10;
/** A file of more bytes is large. */
const LARGE: i32 = 256 << 10;

export class Rewriter {
  private readonly outline: Outline;
  private readonly pages: u32;
  private readonly fuel: i64;
  private readonly most: i32;
  private readonly module: Bytes = new Bytes();

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

  /** The new module; of no use if its code is not sound. */
  write(): Bytes {
    const source = this.outline.source;
    const module = this.module;
    // Nothing is given back here: what is large is better never moved.
    if (source.length > LARGE) module.expect(this.most + 2 * <i32>MOST_CODE);
    else module.expect(source.length * 4);
    module.two(0x00, 0x61);
    module.two(0x73, 0x6d);
    module.two(1, 0);
    module.two(0, 0);
    for (let place = 0; place < ORDER.length && this.checkSize(); place++) {
      if (ORDER[place] !== START) this.writeSection(ORDER[place]);
    }
    this.checkSize();
    return module;
  }

  /** @returns whether there is a point in writing more. */
  private checkSize(): bool {
    const source = this.outline.source;
    const isTooLarge = this.module.length > this.most;
    if (
      isTooLarge &&
      source.refuse("too_big", "with what is added it has more than ", source.end)
    ) {
      source.message.decimal(<u32>this.most >> 20);
      source.message.text(" MiB");
    }
    return source.isSound;
  }

  private writeSection(number: i32): void {
    const outline = this.outline;
    const module = this.module;
    const from = module.length;
    module.byte(number);
    if (this.writeChanged(number)) module.insertLength(from + 1);
    else if (outline.has(number)) {
      const start = outline.starts[number];
      const length = <i32>(outline.ends[number] - start);
      module.u32(<u32>length);
      module.copy(start, length);
    } else module.length = from;
  }

  /** Writes what is in a section that is changed. @returns false if it is not, or not there. */
  private writeChanged(number: i32): bool {
    const outline = this.outline;
    const module = this.module;
    if (number === TYPE) this.writeTypes();
    else if (number === FUNCTION) {
      this.begin(FUNCTION, 1);
      module.u32(<u32>outline.signatures.helper);
    } else if (number === MEMORY && this.clampsMemory) {
      module.two(1, 1);
      module.u32(outline.memoryMin);
      module.u32(this.pages);
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
    this.module.u32(count + added);
    this.module.copy(source.at, <i32>(source.end - source.at));
  }

  private writeTypes(): void {
    const signatures = this.outline.signatures;
    this.begin(TYPE, <u32>signatures.added);
    signatures.writeAdded(this.module);
  }

  private writeGlobals(): void {
    const module = this.module;
    this.begin(GLOBAL, 2);
    module.two(I64, 1);
    module.byte(I64_CONST);
    module.positive(this.fuel);
    module.byte(END);
    module.two(I64, 1);
    module.byte(I64_CONST);
    module.positive(<i64>STACK_SLOTS);
    module.byte(END);
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
    this.module.u32(<u32>name.length);
    this.module.text(name);
    this.module.byte(kind);
    this.module.u32(<u32>index);
  }

  private writeCode(): void {
    const outline = this.outline;
    const module = this.module;
    const source = outline.source;
    const functions = outline.functions;
    const own = functions.length - outline.importedFunctions;
    module.u32(<u32>own + 1);
    source.at = outline.starts[CODE];
    source.end = outline.ends[CODE];
    const end = source.end;
    if (outline.has(CODE) && source.u32() !== <u32>own)
      source.fail("bad_section", "functions and bodies differ in number");
    const body = new Body(outline);
    const charges = new Charges(outline, this.pages, this.most, module);
    for (let i = outline.importedFunctions; i < functions.length && this.checkSize(); i++) {
      const length = source.u32();
      const start = source.at;
      if (length > MOST_CODE) source.refuse("too_big", "a function has more than 512 KiB", start);
      source.skip(length);
      if (!source.isSound) break;
      source.end = source.at;
      source.at = start;
      body.read(functions[i]);
      if (!source.isSound) break;
      const from = module.length;
      charges.writeBody(body, functions[i]);
      module.insertLength(from);
      source.end = end;
    }
    if (source.isSound && !source.isDone)
      source.fail("bad_section", "a section has more bytes than it needs");
    const from = module.length;
    charges.writeHelper();
    module.insertLength(from);
  }
}
