/**
 * Reads from a WebAssembly file what the JavaScript API does not tell: the limits of its memories and the types of its exports.
 *
 * It is meant for files that V8 has validated, yet relies on none of that: every read is bounded, and what it does not know is
 * a {@link BinaryError}, never a guess.
 *
 * @module
 */

/** The file ends too early, or says something this reader does not know. */
export class BinaryError extends Error {}

export interface Memory {
  /** In pages of 64 KiB. */
  readonly min: number;
  /** In pages of 64 KiB; null if none is declared. */
  readonly max: number | null;
}

/** `type` is written as in `host/abi.md`: `(i32, i32) -> i64`. */
export type Export =
  | { readonly kind: "function"; readonly type: string }
  | { readonly kind: "memory"; readonly memory: Memory }
  | { readonly kind: "table" | "global" | "tag" };

const HEADER = [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0];
const SECTION = { type: 1, function: 3, memory: 5, export: 7 } as const;
const KINDS = ["function", "table", "memory", "global", "tag"] as const;
const VALUES = new Map([
  [0x7f, "i32"],
  [0x7e, "i64"],
  [0x7d, "f32"],
  [0x7c, "f64"],
  [0x7b, "v128"],
  [0x70, "funcref"],
  [0x6f, "externref"],
]);

class Reader {
  #at: number;
  readonly #bytes: Uint8Array;
  readonly #end: number;

  constructor(bytes: Uint8Array, at: number, end: number) {
    this.#bytes = bytes;
    this.#at = at;
    this.#end = end;
  }

  get done(): boolean {
    return this.#at >= this.#end;
  }

  byte(): number {
    if (this.done) throw new BinaryError(`byte ${this.#at} is missing`);
    return this.#bytes[this.#at++]!;
  }

  /** An unsigned LEB128 of at most 32 bits. */
  u32(): number {
    let value = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.byte();
      if (shift === 28 && byte > 0x0f) break;
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
    throw new BinaryError(`the number that ends at byte ${this.#at} has more than 32 bits`);
  }

  /** The next `length` bytes, as a reader of their own. */
  part(length: number): Reader {
    const start = this.#at;
    if (length > this.#end - start) {
      throw new BinaryError(`${length} bytes from byte ${start} on are not all there`);
    }
    this.#at += length;
    return new Reader(this.#bytes, start, this.#at);
  }

  name(): string {
    const part = this.part(this.u32());
    return new TextDecoder().decode(this.#bytes.subarray(part.#at, part.#end));
  }

  list<T>(item: () => T): T[] {
    const items: T[] = [];
    // Each item takes at least a byte, so a count that lies ends at the last byte of the file.
    for (let left = this.u32(); left > 0; left--) items.push(item());
    return items;
  }
}

function valueType(reader: Reader): string {
  const byte = reader.byte();
  const name = VALUES.get(byte);
  if (name === undefined) throw new BinaryError(`0x${byte.toString(16)} is no known type`);
  return name;
}

function functionType(reader: Reader): string {
  const form = reader.byte();
  if (form !== 0x60) throw new BinaryError(`0x${form.toString(16)} is no function type`);
  const parameters = reader.list(() => valueType(reader));
  const results = reader.list(() => valueType(reader));
  const result = results.length === 1 ? results[0] : `(${results.join(", ")})`;
  return `(${parameters.join(", ")}) -> ${result}`;
}

function memory(reader: Reader): Memory {
  const flags = reader.byte();
  if (flags > 1) throw new BinaryError("a memory is shared or has 64-bit addresses");
  const min = reader.u32();
  return { min, max: flags === 1 ? reader.u32() : null };
}

/** The sections by number. A custom section (0) is left out; of two with one number the file would not be valid. */
function sections(bytes: Uint8Array): Map<number, Reader> {
  const reader = new Reader(bytes, 0, bytes.length);
  for (const expected of HEADER) {
    if (reader.byte() !== expected)
      throw new BinaryError("it does not begin as WebAssembly 1 does");
  }
  const found = new Map<number, Reader>();
  while (!reader.done) {
    const number = reader.byte();
    const content = reader.part(reader.u32());
    if (number !== 0) found.set(number, content);
  }
  return found;
}

/**
 * The exports by name.
 *
 * @param bytes - a module that imports nothing: an import would shift the indices of what the module defines itself.
 * @throws BinaryError where the file is cut off or uses what this reader does not know.
 */
export function readExports(bytes: Uint8Array): Map<string, Export> {
  const found = sections(bytes);
  const list = <T>(number: number, item: (reader: Reader) => T): T[] => {
    const reader = found.get(number);
    return reader === undefined ? [] : reader.list(() => item(reader));
  };
  const types = list(SECTION.type, functionType);
  const functions = list(SECTION.function, (reader) => reader.u32());
  const memories = list(SECTION.memory, memory);

  const describe = (kind: number, index: number): Export => {
    const name = KINDS[kind];
    if (name === undefined) throw new BinaryError(`${kind} is no known kind of export`);
    if (name === "function") {
      return { kind: name, type: at(types, at(functions, index, "function"), "type") };
    }
    if (name === "memory") return { kind: name, memory: at(memories, index, "memory") };
    return { kind: name };
  };
  const exports = list(SECTION.export, (reader): [string, Export] => [
    reader.name(),
    describe(reader.byte(), reader.u32()),
  ]);
  return new Map(exports);
}

function at<T>(list: readonly T[], index: number, what: string): T {
  const item = list[index];
  if (item === undefined) throw new BinaryError(`there is no ${what} ${index}`);
  return item;
}
