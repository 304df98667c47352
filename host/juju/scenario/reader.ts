/**
 * Reads YAML so that what is wrong is told with file, line and column, and with what was expected.
 *
 * @module
 */

import { existsSync, statSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { isMap, isNode, LineCounter, type Node, parseDocument } from "yaml";

/** What is wrong with a scenario file: `FILE:LINE:COLUMN: message`. */
export class ScenarioError extends Error {
  override readonly name = "ScenarioError";
  readonly code = "bad_scenario";
}

export type Path = readonly (string | number)[];

/** A value of the file with the way to it. */
export class Reader {
  readonly value: unknown;
  readonly path: Path;
  readonly #file: string;
  readonly #locate: (path: Path) => string;

  private constructor(value: unknown, path: Path, file: string, locate: (path: Path) => string) {
    this.value = value;
    this.path = path;
    this.#file = file;
    this.#locate = locate;
  }

  /** @throws ScenarioError if the text is not YAML. */
  static parse(text: string, file: string): Reader {
    const lines = new LineCounter();
    const document = parseDocument(text, { lineCounter: lines });
    const place = (offset: number) => {
      const { line, col } = lines.linePos(offset);
      return `${file}:${line}:${col}`;
    };
    const [problem] = document.errors;
    if (problem !== undefined) {
      const message = problem.message.split(" at line ", 1)[0]!;
      throw new ScenarioError(`${place(problem.pos[0])}: ${message}`);
    }
    return new Reader(document.toJS(), [], file, (path) =>
      place(offsetOf(document.contents as Node | null, path)),
    );
  }

  /** @throws ScenarioError always: here something else was expected. */
  fail(message: string): never {
    throw new ScenarioError(`${this.#locate(this.path)}: ${message}`);
  }

  #expected(what: string): never {
    const name = this.path.filter((key) => typeof key === "string").at(-1) ?? "the file";
    const found = this.value === undefined ? "nothing" : JSON.stringify(this.value).slice(0, 60);
    this.fail(`${name}: expected ${what}, found ${found}`);
  }

  at(key: string | number): Reader {
    const value = (this.value as Record<string | number, unknown> | null)?.[key];
    return new Reader(value, [...this.path, key], this.#file, this.#locate);
  }

  /** Another value in the same place. */
  with(value: unknown): Reader {
    return new Reader(value, this.path, this.#file, this.#locate);
  }

  get isThere(): boolean {
    return this.value !== undefined && this.value !== null;
  }

  /** The value read by `read`, or `fallback` if there is none. */
  or<T>(fallback: T, read: (reader: Reader) => T): T {
    return this.isThere ? read(this) : fallback;
  }

  string(): string {
    return typeof this.value === "string" ? this.value : this.#expected("a text");
  }

  /** A text, or a number as it is written: `juju: 3.6`. */
  word(): string {
    return typeof this.value === "number" ? String(this.value) : this.string();
  }

  /** A directory; its path starts at the file's folder. */
  directory(): string {
    const path = resolve(dirname(this.#file), this.string());
    if (existsSync(path) && statSync(path).isDirectory()) return path;
    return this.fail(`expected a charm directory: there is none at ${this.string()}`);
  }

  /** A file; its path starts at this file's folder. */
  file(): string {
    const path = resolve(dirname(this.#file), this.string());
    if (existsSync(path) && statSync(path).isFile()) return path;
    return this.fail(`expected a file: there is none at ${this.string()}`);
  }

  whole(least = 0): number {
    const { value } = this;
    if (typeof value === "number" && Number.isInteger(value) && value >= least) return value;
    return this.#expected(`a whole number, ${least} or more`);
  }

  number(): number {
    return typeof this.value === "number" ? this.value : this.#expected("a number");
  }

  oneOf<T extends string>(words: readonly T[]): T {
    const word = this.word() as T;
    return words.includes(word) ? word : this.#expected(`one of ${words.join(", ")}`);
  }

  list<T>(read: (item: Reader) => T): T[] {
    if (!Array.isArray(this.value)) return this.#expected("a list");
    return this.value.map((_, at) => read(this.at(at)));
  }

  /** A map with any keys. */
  map<T>(read: (item: Reader) => T): Record<string, T> {
    if (typeof this.value !== "object" || this.value === null || Array.isArray(this.value)) {
      return this.#expected("a map");
    }
    return Object.fromEntries(Object.keys(this.value).map((key) => [key, read(this.at(key))]));
  }

  /** A map with these keys at the most. */
  fields(names: readonly string[]): this {
    for (const key of Object.keys(this.map((item) => item))) {
      if (!names.includes(key)) {
        this.at(key).fail(`unknown key ${key}: expected one of ${names.join(", ")}`);
      }
    }
    return this;
  }
}

/** Where the value at this path begins, or the nearest thing around it; for a key of a map, where the key begins. */
function offsetOf(node: Node | null, path: Path): number {
  let offset = node?.range?.[0] ?? 0;
  let at: unknown = node;
  for (const key of path) {
    if (isMap(at)) {
      const pair = at.items.find((item) => String(item.key) === String(key));
      if (isNode(pair?.key)) offset = pair.key.range?.[0] ?? offset;
      at = pair?.value;
    } else if (isNode(at) && "items" in at) {
      at = (at.items as unknown[])[key as number];
      if (isNode(at)) offset = at.range?.[0] ?? offset;
    }
  }
  return offset;
}
