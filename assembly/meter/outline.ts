/**
 * All of a module but its code: where its sections are, what it imports, defines and exports.
 *
 * It is read as strictly as the rewriter needs: every index into what the rewriter adds to (types, functions, globals) is checked, so that
 * no module reaches what is added. All else the engine checks when it compiles the result.
 */
import {
  END,
  FUNCREF,
  featureOf,
  GLOBAL_GET,
  I32_CONST,
  NOT_PLAIN,
  passPlain,
  REF_FUNC,
  REF_NULL,
  readValueType,
} from "./opcodes";
import { Signatures } from "./signatures";
import { Source } from "./source";

export const TYPE: i32 = 1;
const IMPORT: i32 = 2;
export const FUNCTION: i32 = 3;
const TABLE: i32 = 4;
export const MEMORY: i32 = 5;
export const GLOBAL: i32 = 6;
export const EXPORT: i32 = 7;
export const START: i32 = 8;
const ELEMENT: i32 = 9;
export const CODE: i32 = 10;
const DATA: i32 = 11;
const DATA_COUNT: i32 = 12;

/** The order in which sections stand: the data count before the code. */
export const ORDER: StaticArray<i32> = [
  TYPE,
  IMPORT,
  FUNCTION,
  TABLE,
  MEMORY,
  GLOBAL,
  EXPORT,
  START,
  ELEMENT,
  DATA_COUNT,
  CODE,
  DATA,
];

/** The kinds of imports and exports. */
export const FUNCTION_KIND: u32 = 0;
export const TABLE_KIND: u32 = 1;
export const MEMORY_KIND: u32 = 2;
export const GLOBAL_KIND: u32 = 3;

/** Elements of a table: an engine takes some 16 bytes for each. */
const MOST_ELEMENTS: u32 = 65_536;
const MOST_PAGES: u32 = 65_536;
/** Bytes of all sections but code, data and custom ones: what is kept of them takes many times as much. */
const MOST_SECTIONS: u32 = 256 << 10;
const HEADER: u64 = 0x0000_0001_6d73_6100;

/** A name in the module. */
export class Name {
  start: usize = 0;
  length: i32 = 0;

  /** Whether it is UTF-8. */
  get isText(): bool {
    const end = this.start + <usize>this.length;
    let at = this.start;
    while (at < end) {
      const first = <u32>load<u8>(at++);
      if (first < 0x80) continue;
      const more = first >= 0xf0 ? 3 : first >= 0xe0 ? 2 : 1;
      if (first < 0xc2 || first > 0xf4 || at + <usize>more > end) return false;
      // The byte after the first tells numbers written too long, halves of surrogates, and what is beyond Unicode.
      const second = <u32>load<u8>(at);
      if (first === 0xe0 && second < 0xa0) return false;
      if (first === 0xed && second > 0x9f) return false;
      if (first === 0xf0 && second < 0x90) return false;
      if (first === 0xf4 && second > 0x8f) return false;
      for (let left = more; left > 0; left--) {
        if ((<u32>load<u8>(at++) & 0xc0) !== 0x80) return false;
      }
    }
    return true;
  }

  equals(text: string): bool {
    if (this.length !== text.length) return false;
    for (let i = 0; i < this.length; i++) {
      if (<u32>load<u8>(this.start + <usize>i) !== <u32>text.charCodeAt(i)) return false;
    }
    return true;
  }
}

export class Import {
  at: usize = 0;
  module: Name = new Name();
  name: Name = new Name();
  kind: u32 = 0;
}

export class Export {
  name: Name = new Name();
  kind: u32 = 0;
  index: i32 = 0;
}

export class Outline {
  readonly source: Source;
  readonly signatures: Signatures = new Signatures();
  readonly imports: Array<Import> = [];
  readonly exports: Array<Export> = [];
  /** The types of all functions, first those that are imported. */
  readonly functions: Array<i32> = [];
  importedFunctions: i32 = 0;
  importedGlobals: i32 = 0;
  globals: i32 = 0;
  tables: i32 = 0;
  memories: i32 = 0;
  private data: i64 = 0;
  /** As it is announced before the code, where an engine may believe it; -1 if it is not. */
  private dataCount: i64 = -1;
  /** Only if there is a start section. */
  startFunction: i32 = 0;
  /** In pages. */
  memoryMin: u32 = 0;
  /** In pages; -1 if none is declared. */
  memoryMax: i64 = -1;
  /** By number; 0 where there is no such section. */
  readonly starts: StaticArray<usize> = new StaticArray<usize>(13);
  readonly ends: StaticArray<usize> = new StaticArray<usize>(13);

  constructor(source: Source) {
    this.source = source;
  }

  read(): void {
    const source = this.source;
    const end = source.end;
    if (end - source.at < 8 || load<u64>(source.at) !== HEADER) {
      source.fail("bad_magic", "it does not begin as WebAssembly 1 does");
      return;
    }
    source.at += 8;
    let place = 0;
    let kept: u32 = 0;
    while (!source.isDone) {
      const from = source.at;
      const number = <i32>source.byte();
      const length = source.u32();
      const start = source.at;
      source.skip(length);
      if (!source.isSound) return;
      if (number === 0) {
        this.readCustom(start, source.at);
        continue;
      }
      if (number === 13) source.fail("forbidden", "it uses exceptions", from);
      while (place < ORDER.length && ORDER[place] !== number) place++;
      if (place === ORDER.length) source.fail("bad_section", "no known section here", from);
      if (!source.isSound) return;
      place++;
      this.starts[number] = start;
      this.ends[number] = source.at;
      if (number !== CODE && number !== DATA) kept += length;
      if (kept > MOST_SECTIONS)
        source.refuse("too_big", "without code and data it has more than 256 KiB", from);
      if (!source.isSound) return;
      // The code is read when all else is known.
      if (number === CODE) continue;
      source.end = source.at;
      source.at = start;
      this.readSection(number);
      if (source.isSound && !source.isDone)
        source.fail("bad_section", "a section has more bytes than it needs");
      if (!source.isSound) return;
      source.end = end;
    }
    if (source.isSound && this.has(CODE) !== this.has(FUNCTION) && this.functions.length > 0)
      source.fail("bad_section", "functions without code, or code without functions");
    if (this.dataCount >= 0 && this.dataCount !== this.data)
      source.fail("bad_section", "data segments and their count differ");
  }

  has(section: i32): bool {
    return this.starts[section] !== 0;
  }

  private readSection(number: i32): void {
    const source = this.source;
    if (number === TYPE) this.signatures.read(source);
    else if (number === START) this.readStart();
    else if (number === DATA_COUNT) this.dataCount = <i64>source.u32();
    else {
      for (let left = source.u32(); left > 0 && source.isSound; left--) this.readItem(number);
    }
  }

  private readItem(number: i32): void {
    if (number === IMPORT) this.readImport();
    else if (number === FUNCTION) this.functions.push(this.readType());
    else if (number === TABLE) this.readTable();
    else if (number === MEMORY) this.readMemory();
    else if (number === GLOBAL) this.readGlobal();
    else if (number === EXPORT) this.readExport();
    else if (number === ELEMENT) this.readElements();
    else this.readData();
  }

  readType(): i32 {
    return this.source.index(this.signatures.count, "there is no such type");
  }

  readFunction(): i32 {
    return this.source.index(this.functions.length, "there is no such function");
  }

  readGlobalIndex(): i32 {
    return this.source.index(this.globals, "there is no such global");
  }

  private readStart(): void {
    const from = this.source.at;
    this.startFunction = this.readFunction();
    if (!this.source.isSound) return;
    const type = this.functions[this.startFunction];
    if (this.signatures.parametersOf(type) + this.signatures.resultsOf(type) > 0)
      this.source.fail("bad_type", "the start function takes or gives something", from);
  }

  /** Passes a section that is left out; what is no name in front of it would be found by nobody else. */
  private readCustom(start: usize, end: usize): void {
    const source = this.source;
    const after = source.end;
    source.at = start;
    source.end = end;
    const name = new Name();
    this.readName(name);
    if (!name.isText) source.fail("bad_section", "a section's name is not UTF-8", start);
    if (!source.isSound) return;
    source.at = end;
    source.end = after;
  }

  private readName(name: Name): void {
    const length = this.source.u32();
    name.start = this.source.at;
    this.source.skip(length);
    name.length = <i32>length;
  }

  private readImport(): void {
    const found = new Import();
    found.at = this.source.at;
    this.readName(found.module);
    this.readName(found.name);
    found.kind = this.source.byte();
    this.imports.push(found);
    if (found.kind === FUNCTION_KIND) {
      this.functions.push(this.readType());
      this.importedFunctions++;
    } else if (found.kind === TABLE_KIND) this.readTable();
    else if (found.kind === MEMORY_KIND) this.readMemory();
    else if (found.kind === GLOBAL_KIND) {
      readValueType(this.source);
      this.source.byte();
      this.globals++;
      this.importedGlobals++;
    } else if (found.kind === 4) this.source.fail("forbidden", "it uses exceptions", found.at);
    else this.source.fail("bad_section", "no known kind of import", found.at);
  }

  /** Passes limits. @returns the greatest number that is declared, -1 if none is. */
  private readLimits(): i64 {
    const from = this.source.at;
    const flags = this.source.byte();
    if (flags > 7) this.source.fail("bad_type", "no known limits", from);
    else if (flags > 3) this.source.fail("forbidden", "it uses 64-bit addresses", from);
    else if (flags > 1) this.source.fail("forbidden", "it uses threads", from);
    this.memoryMin = this.source.u32();
    return flags === 1 ? <i64>this.source.u32() : -1;
  }

  private readTable(): void {
    const from = this.source.at;
    const type = this.source.byte();
    if (type !== FUNCREF || this.tables > 0)
      this.source.fail("forbidden", "it uses reference types", from);
    const pages = this.memoryMin;
    this.readLimits();
    if (this.memoryMin > MOST_ELEMENTS)
      this.source.refuse("too_big", "its table has more than 65536 elements", from);
    this.memoryMin = pages;
    this.tables++;
  }

  private readMemory(): void {
    const from = this.source.at;
    if (this.memories > 0) this.source.fail("forbidden", "it uses several memories", from);
    this.memoryMax = this.readLimits();
    if (this.memoryMin > MOST_PAGES || this.memoryMax > <i64>MOST_PAGES)
      this.source.fail("bad_type", "a memory of more than 65536 pages", from);
    this.memories++;
  }

  private readGlobal(): void {
    readValueType(this.source);
    this.source.byte();
    this.readConstant();
    this.globals++;
  }

  /** Passes an expression of one constant. */
  private readConstant(): void {
    const source = this.source;
    const from = source.at;
    const opcode = source.byte();
    if (opcode === GLOBAL_GET) {
      // Only those that are imported are constants to every engine, and none of what the rewriter adds is.
      source.index(this.importedGlobals, "no global that is imported");
    } else if (opcode === REF_FUNC) this.readFunction();
    else if (opcode === REF_NULL) source.byte();
    else if (opcode < I32_CONST || opcode > 0x44) {
      if (featureOf(opcode).length > 0 && source.fail("forbidden", "it uses ", from))
        source.message.text(featureOf(opcode));
      source.fail("bad_opcode", "no constant", from);
    } else if (passPlain(source, opcode) === NOT_PLAIN) return;
    if (source.byte() !== END) source.fail("bad_opcode", "more than one constant", from);
  }

  private readExport(): void {
    const from = this.source.at;
    const found = new Export();
    this.readName(found.name);
    found.kind = this.source.byte();
    if (found.kind === FUNCTION_KIND) found.index = this.readFunction();
    else if (found.kind === GLOBAL_KIND) found.index = this.readGlobalIndex();
    else if (found.kind === TABLE_KIND)
      found.index = this.source.index(this.tables, "there is no such table");
    else if (found.kind === MEMORY_KIND)
      found.index = this.source.index(this.memories, "there is no such memory");
    else this.source.fail("bad_section", "no known kind of export", from);
    this.exports.push(found);
  }

  /** Flags: 1 passive or declared, 2 with a table or declared, 4 expressions instead of indices. */
  private readElements(): void {
    const source = this.source;
    const from = source.at;
    const flags = source.u32();
    if (flags > 7) source.fail("bad_section", "no known elements", from);
    if ((flags & 3) === 2) source.zero("it uses several tables");
    if ((flags & 1) === 0) this.readConstant();
    if ((flags & 3) !== 0) {
      const type = source.byte();
      if (type !== ((flags & 4) === 0 ? 0 : FUNCREF))
        source.fail("forbidden", "it uses reference types", source.at - 1);
    }
    for (let left = source.u32(); left > 0 && source.isSound; left--) {
      if ((flags & 4) === 0) this.readFunction();
      else this.readConstant();
    }
  }

  private readData(): void {
    const source = this.source;
    const from = source.at;
    const flags = source.u32();
    if (flags > 2) source.fail("bad_section", "no known data", from);
    if (flags === 2) source.zero("it uses several memories");
    if (flags !== 1) this.readConstant();
    source.skip(source.u32());
    this.data++;
  }
}
