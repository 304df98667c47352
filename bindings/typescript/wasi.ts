/**
 * What a command finds around it: standard input and output, and nothing else of the machine. `@wasmer/wasi` keeps the streams; what
 * it would take from the machine, or answers in a way of its own, is replaced here by what `host/abi.md` says.
 *
 * @module
 */

import { readFileSync } from "node:fs";
import { ModuleError } from "./errors.js";
import { later } from "./later.js";
import * as wasm from "./webassembly.js";

/** One run's surroundings. */
export interface Surroundings {
  readonly imports: Record<string, Record<string, unknown>>;
  /** To be called with the instance before it runs. */
  attach(instance: { readonly exports: object }): void;
  /** What it wrote to standard output. */
  output(): Uint8Array;
  /** The beginning of what it wrote to standard error. */
  errors(): Uint8Array;
}

/** What `proc_exit` throws: a command's own end. */
export class Exit extends Error {
  readonly code: number;

  constructor(code: number) {
    super(`exit ${code}`);
    this.code = code;
  }
}

const MOST_ERRORS = 4096;

/** Time stands still a nanosecond after its beginning: Go takes 0 for a fault. */
const NOW = 1n;

/** Numbers of errors. */
const DONE = 0;
const BADF = 8;
const FAULT = 21;
const NOSYS = 52;
const SPIPE = 70;

const IN = 0;
const OUT = 1;
const ERR = 2;

/** A stream's type, flags and rights: of no known type, without flags, to be read or to be written. */
const SIZE_OF_STAT = 24;
const MAY_READ = 1n << 1n;
const MAY_WRITE = 1n << 6n;

/** The part of `@wasmer/wasi` that is used here. */
interface Library {
  readonly WASI: new (options: {
    args: string[];
    env: object;
    preopens: object;
  }) => {
    getImports(module: wasm.CompiledModule): Record<string, WasiFunctions>;
    instantiate(instance: object): void;
    setStdinBuffer(bytes: Uint8Array): void;
    getStdoutBuffer(): Uint8Array;
  };
  initSync(module: wasm.CompiledModule): void;
}

type WasiFunction = (...values: never[]) => unknown;
type WasiFunctions = Record<string, WasiFunction>;

let library: { readonly code: Library; readonly module: wasm.CompiledModule } | null = null;

/**
 * The library, with nothing in it from an earlier run: one that was stopped in the middle may have left anything behind.
 *
 * Its own `init` is asynchronous, for browsers' sake, and a hook is not. The module that it would compile stands in its file as text.
 */
function freshLibrary(): Library {
  if (library === null) {
    const text = readFileSync(later().resolve("@wasmer/wasi"), "latin1");
    const [, base64 = ""] = /"data:application\/wasm;base64,([^"]*)"/.exec(text) ?? [];
    library = {
      code: later()("@wasmer/wasi") as Library,
      module: new wasm.Module(Buffer.from(base64, "base64")),
    };
  }
  library.code.initSync(library.module);
  return library.code;
}

/**
 * @param input - what is on standard input.
 * @param most - bytes of standard output; who writes more is stopped with `too_long`.
 */
export function surround(
  module: wasm.CompiledModule,
  input: Uint8Array,
  most: number,
): Surroundings {
  const { WASI } = freshLibrary();
  const wasi = new WASI({ args: [], env: {}, preopens: {} });
  wasi.setStdinBuffer(input);
  const [[namespace, functions]] = Object.entries(wasi.getImports(module)) as [
    [string, WasiFunctions],
  ];
  const streams = new Streams(most);
  return {
    imports: { [namespace]: { ...functions, ...replaced(functions, streams) } },
    attach: (instance) => {
      streams.memory = (instance.exports as { memory: wasm.Memory }).memory;
      wasi.instantiate(instance);
    },
    output: () => wasi.getStdoutBuffer(),
    errors: () => Buffer.concat(streams.errors),
  };
}

/** The command's memory as its host sees it, and bounds for what it writes. */
class Streams {
  memory: wasm.Memory | null = null;
  readonly errors: Uint8Array[] = [];
  readonly closed = new Set<number>();
  readonly #most: number;
  #written = 0;
  #room = MOST_ERRORS;

  constructor(most: number) {
    this.#most = most;
  }

  view(): DataView {
    return new DataView(this.memory!.buffer);
  }

  fits(address: number, length: number): boolean {
    return address + length <= this.memory!.buffer.byteLength;
  }

  /**
   * Bounds a write of pieces, of which `list` names address and length each.
   *
   * @returns how many bytes they have; null if one is outside the memory.
   */
  count(file: number, list: number, pieces: number): number | null {
    if (!this.fits(list, pieces * 8)) return null;
    const view = this.view();
    let sum = 0;
    for (let at = list; at < list + pieces * 8; at += 8) {
      const [address, length] = [view.getUint32(at, true), view.getUint32(at + 4, true)];
      if (!this.fits(address, length)) return null;
      sum += length;
      if (file === ERR) this.#keep(address, length);
    }
    if (file === OUT) this.#written += sum;
    if (this.#written <= this.#most) return sum;
    throw new ModuleError("too_long", `the answer has more than ${this.#most} bytes`);
  }

  /** Keeps what there is room for. */
  #keep(address: number, length: number): void {
    const bytes = new Uint8Array(this.memory!.buffer, address, Math.min(length, this.#room));
    this.#room -= bytes.length;
    if (bytes.length > 0) this.errors.push(bytes.slice());
  }
}

/** The functions that do not come from the library as they are. */
function replaced(functions: WasiFunctions, streams: Streams): WasiFunctions {
  const put = (address: number, value: number | bigint): number => {
    const size = typeof value === "bigint" ? 8 : 4;
    if (!streams.fits(address >>> 0, size)) return FAULT;
    if (typeof value === "bigint") streams.view().setBigUint64(address >>> 0, value, true);
    else streams.view().setUint32(address >>> 0, value, true);
    return DONE;
  };
  const none = (count: number, size: number): number => put(count, 0) || put(size, 0);
  const isOpen = (file: number): boolean => file >= IN && file <= ERR && !streams.closed.has(file);
  return {
    args_get: () => DONE,
    args_sizes_get: none,
    environ_get: () => DONE,
    environ_sizes_get: none,
    clock_time_get: (_clock: number, _precision: bigint, at: number) => put(at, NOW),
    random_get: (at: number, length: number) => {
      if (!streams.fits(at >>> 0, length >>> 0)) return FAULT;
      new Uint8Array(streams.memory!.buffer, at >>> 0, length >>> 0).fill(0);
      return DONE;
    },
    sched_yield: () => DONE,
    poll_oneoff: () => NOSYS,
    path_open: () => BADF,
    fd_prestat_get: () => BADF,
    fd_prestat_dir_name: () => BADF,
    fd_seek: (file: number) => (isOpen(file) ? SPIPE : BADF),
    fd_read: (file: number, ...values: number[]) =>
      isOpen(file) && file === IN ? call(functions.fd_read, file, ...values) : BADF,
    fd_close: (file: number) => {
      if (!isOpen(file)) return BADF;
      streams.closed.add(file);
      return DONE;
    },
    // The library says that they are a terminal's, for which C would write in other pieces.
    fd_fdstat_get: (file: number, at: number) => {
      if (!isOpen(file)) return BADF;
      if (!streams.fits(at >>> 0, SIZE_OF_STAT)) return FAULT;
      new Uint8Array(streams.memory!.buffer, at >>> 0, SIZE_OF_STAT).fill(0);
      return put((at >>> 0) + 8, file === IN ? MAY_READ : MAY_WRITE);
    },
    fd_fdstat_set_flags: (file: number) => (isOpen(file) ? DONE : BADF),
    fd_write: (file: number, list: number, pieces: number, written: number) => {
      if (!isOpen(file) || file === IN) return BADF;
      const sum = streams.count(file, list >>> 0, pieces >>> 0);
      if (sum === null) return FAULT;
      return file === OUT
        ? call(functions.fd_write, file, list, pieces, written)
        : put(written, sum);
    },
    proc_exit: (code: number) => {
      throw new Exit(code >>> 0);
    },
  };
}

/** A function of the library; where the command does not import it, the library has none. */
function call(one: WasiFunction | undefined, ...values: number[]): unknown {
  return (one as ((...values: number[]) => unknown) | undefined)?.(...values);
}
