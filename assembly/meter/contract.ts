/**
 * Whether a module keeps the contract of host/abi.md: what it imports and exports, and how much memory it may take.
 */
import { Bytes } from "./bytes";
import { Export, FUNCTION_KIND, Import, MEMORY_KIND, Outline, TABLE_KIND } from "./outline";
import { BEGIN, FUEL, STACK } from "./rewriter";

/** Nothing is asked, and everything may be imported: for tests of the rewriter. */
const ANY: i32 = 0;
/** A policy module. */
const POLICY: i32 = 1;
/** A command that speaks WASI. */
const COMMAND: i32 = 2;
/** Whichever of the two it is: a command exports `_start` and imports a part of WASI. */
const EITHER: i32 = 3;

/** Bytes of a file, and of what it becomes. */
const MOST_INPUT: i32 = 1 << 20;
const MOST_OUTPUT: i32 = 4 << 20;
/** Those of a command, which brings the runtime of its language along. */
export const MOST_COMMAND: i32 = 4 << 20;
const MOST_COMMAND_OUTPUT: i32 = 16 << 20;

const WASI: string = "wasi_snapshot_preview1";
/** What a host has for a command: what it cannot do without, and nothing that opens, waits or talks to anybody. Name and type, in turns. */
const WASI_FUNCTIONS: StaticArray<string> = [
  "args_get",
  "(i32, i32) -> i32",
  "args_sizes_get",
  "(i32, i32) -> i32",
  "clock_time_get",
  "(i32, i64, i32) -> i32",
  "environ_get",
  "(i32, i32) -> i32",
  "environ_sizes_get",
  "(i32, i32) -> i32",
  "fd_close",
  "(i32) -> i32",
  "fd_fdstat_get",
  "(i32, i32) -> i32",
  "fd_fdstat_set_flags",
  "(i32, i32) -> i32",
  "fd_prestat_dir_name",
  "(i32, i32, i32) -> i32",
  "fd_prestat_get",
  "(i32, i32) -> i32",
  "fd_read",
  "(i32, i32, i32, i32) -> i32",
  "fd_seek",
  "(i32, i64, i32, i32) -> i32",
  "fd_write",
  "(i32, i32, i32, i32) -> i32",
  "path_open",
  "(i32, i32, i32, i32, i32, i64, i64, i32, i32) -> i32",
  "poll_oneoff",
  "(i32, i32, i32, i32) -> i32",
  "proc_exit",
  "(i32) -> ()",
  "random_get",
  "(i32, i32) -> i32",
  "sched_yield",
  "() -> i32",
];

/** Name and type, in turns. */
const POLICY_FUNCTIONS: StaticArray<string> = [
  "coordinator_abi",
  "() -> i32",
  "coordinator_alloc",
  "(i32) -> i32",
  "coordinator_call",
  "(i32, i32) -> i64",
  "_initialize",
  "() -> ()",
];
const COMMAND_FUNCTIONS: StaticArray<string> = ["_start", "() -> ()"];

export class Contract {
  private readonly outline: Outline;
  private readonly kind: i32;
  private readonly pages: u32;

  constructor(outline: Outline, kind: i32, pages: u32) {
    this.outline = outline;
    this.kind = kind === EITHER ? (isCommand(outline) ? COMMAND : POLICY) : kind;
    this.pages = pages;
  }

  /** The most bytes that it may have when fuel is in it. */
  get mostOutput(): i32 {
    return this.kind === COMMAND ? MOST_COMMAND_OUTPUT : MOST_OUTPUT;
  }

  /** Checks it, in the order of the page. */
  check(): void {
    this.checkSize();
    if (!this.outline.source.isSound) return;
    if (this.kind !== ANY) {
      this.checkImports();
      this.checkMemory();
    }
    if (this.kind === COMMAND) {
      this.checkFunctions(COMMAND_FUNCTIONS, 1);
      this.checkImportTypes();
    }
    if (this.kind === POLICY) this.checkFunctions(POLICY_FUNCTIONS, 3);
    this.checkReserved(FUEL);
    this.checkReserved(STACK);
    this.checkReserved(BEGIN);
  }

  /** That a file is too large is said even of one that is no module. */
  private checkSize(): void {
    const source = this.outline.source;
    const most = this.kind === COMMAND ? MOST_COMMAND : MOST_INPUT;
    if (source.length <= most) return;
    source.forget();
    source.refuse("too_big", "the file has ", source.end);
    source.message.decimal(<u32>source.length);
    source.message.text(" bytes; at most ");
    source.message.decimal(<u32>most);
  }

  private find(name: string): Export | null {
    return findExport(this.outline, name);
  }

  private checkImports(): void {
    const imports = this.outline.imports;
    for (let i = 0; i < imports.length; i++) {
      if (this.kind !== COMMAND || wasiFunction(imports[i]) < 0) this.refuse(imports[i]);
    }
  }

  /** A host has each with one type. All that is imported are functions by now, and they are the first. */
  private checkImportTypes(): void {
    if (!this.outline.source.isSound) return;
    const imports = this.outline.imports;
    for (let i = 0; i < imports.length; i++) {
      const known = wasiFunction(imports[i]);
      const type = new Bytes();
      this.outline.signatures.show(type, this.outline.functions[i]);
      this.compareType(WASI_FUNCTIONS[known], type, WASI_FUNCTIONS[known + 1], imports[i].at);
    }
  }

  private refuse(found: Import): void {
    const source = this.outline.source;
    if (!source.refuse("has_import", "it imports ", found.at)) return;
    source.show(found.module.start, found.module.length);
    source.message.text(".");
    source.show(found.name.start, found.name.length);
    const isPolicy = this.kind === POLICY;
    source.message.text(
      isPolicy ? "; a module imports nothing" : "; a command imports a part of WASI, and only that",
    );
  }

  private checkMemory(): void {
    const source = this.outline.source;
    const memoryMin = this.outline.memoryMin;
    const memoryMax = this.outline.memoryMax;
    const found = this.find("memory");
    if (found === null || found.kind !== MEMORY_KIND) {
      if (!source.refuse("no_memory", "it exports ")) return;
      source.message.text(found === null ? "nothing" : kindOf(found));
      source.message.text(' as \\"memory\\"; expected its memory');
      return;
    }
    // The memory of a command is given a maximum.
    const most: i64 = this.kind === COMMAND ? <i64>memoryMin : memoryMax;
    if (most >= 0 && most <= <i64>this.pages) return;
    if (!source.refuse("no_max", "its memory declares ")) return;
    if (most < 0) source.message.text("no maximum");
    else {
      source.message.text(this.kind === COMMAND ? "a minimum of " : "a maximum of ");
      source.message.decimal(<u32>most);
      source.message.text(" pages");
    }
    source.message.text("; expected at most ");
    source.message.decimal(this.pages);
  }

  /** @param required how many of them must be there. */
  private checkFunctions(names: StaticArray<string>, required: i32): void {
    for (let i = 0; i < required * 2; i += 2) {
      if (this.find(names[i]) !== null) continue;
      const source = this.outline.source;
      if (!source.refuse("missing_export", "it does not export ")) return;
      source.message.text(names[i]);
      source.message.text(": ");
      source.message.text(names[i + 1]);
    }
    for (let i = 0; i < names.length; i += 2) this.checkType(names[i], names[i + 1]);
  }

  private checkType(name: string, expected: string): void {
    const signatures = this.outline.signatures;
    const functions = this.outline.functions;
    const found = this.find(name);
    if (found === null) return;
    const type = new Bytes();
    if (found.kind === FUNCTION_KIND) signatures.show(type, functions[found.index]);
    else type.text(kindOf(found));
    this.compareType(name, type, expected, this.outline.source.at);
  }

  private compareType(name: string, type: Bytes, expected: string, at: usize): void {
    const source = this.outline.source;
    if (type.equals(expected) || !source.refuse("wrong_type", name, at)) return;
    source.message.text(" is ");
    source.message.append(type);
    source.message.text("; expected ");
    source.message.text(expected);
  }

  /** What is added must not meet a name that is there. */
  private checkReserved(name: string): void {
    if (this.find(name) === null) return;
    if (this.outline.source.refuse("wrong_type", name))
      this.outline.source.message.text(" is a name of the host; expected no such export");
  }
}

function findExport(outline: Outline, name: string): Export | null {
  const exports = outline.exports;
  for (let i = 0; i < exports.length; i++) {
    if (exports[i].name.equals(name)) return exports[i];
  }
  return null;
}

/** A program without WASI could neither read nor answer: it is taken for a module, and told what a module lacks. */
function isCommand(outline: Outline): bool {
  if (findExport(outline, COMMAND_FUNCTIONS[0]) === null) return false;
  const imports = outline.imports;
  for (let i = 0; i < imports.length; i++) {
    if (imports[i].module.equals(WASI)) return true;
  }
  return false;
}

/** Where WASI_FUNCTIONS has the name of an import; -1 if it does not. */
function wasiFunction(found: Import): i32 {
  if (found.kind !== FUNCTION_KIND || !found.module.equals(WASI)) return -1;
  for (let i = 0; i < WASI_FUNCTIONS.length; i += 2) {
    if (found.name.equals(WASI_FUNCTIONS[i])) return i;
  }
  return -1;
}

function kindOf(found: Export): string {
  if (found.kind === FUNCTION_KIND) return "a function";
  if (found.kind === TABLE_KIND) return "a table";
  return found.kind === MEMORY_KIND ? "a memory" : "a global";
}
