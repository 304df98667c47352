/**
 * Plays the WebAssembly specification's test suite in two worlds: in one its modules are as they are, in the other they are prepared.
 * Whatever is said and done must come out alike in both.
 *
 * @module
 */

import wabt from "wabt";
import { ModuleError } from "../../bindings/typescript/errors.js";
import { prepare } from "../../bindings/typescript/meter.js";
import { headOf, jsValueOf, type Node, readScript } from "./wast.js";

interface Instance {
  readonly exports: Record<string, unknown>;
}

interface Api {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object, imports: object) => Instance;
  readonly Memory: new (limits: object) => object;
  readonly Table: new (limits: object) => object;
  readonly Global: new (type: object, value: unknown) => object;
  readonly RuntimeError: new () => Error;
  validate(bytes: Uint8Array): boolean;
}

const api = (globalThis as unknown as { readonly WebAssembly: Api }).WebAssembly;
const { parseWat } = await wabt();

/** What the suite may take for one instance. Recursion without end is ended by the stack before. */
const BUDGET = { pages: 65_536, fuel: 10_000_000_000n };
/** Only what is forbidden may be refused. */
const ALLOWED_REFUSAL = /^it uses |has more than|over 1000/;

function spectest(): Record<string, unknown> {
  const nothing = (): void => {};
  const names = ["", "_i32", "_i64", "_f32", "_f64", "_i32_f32", "_f64_f64"];
  return {
    ...Object.fromEntries(names.map((name) => [`print${name}`, nothing])),
    global_i32: new api.Global({ value: "i32" }, 666),
    global_i64: new api.Global({ value: "i64" }, 666n),
    global_f32: new api.Global({ value: "f32" }, 666.6),
    global_f64: new api.Global({ value: "f64" }, 666.6),
    memory: new api.Memory({ initial: 1, maximum: 2 }),
    table: new api.Table({ initial: 10, maximum: 20, element: "anyfunc" }),
  };
}

/** Where modules find one another. */
class World {
  readonly #prepares: boolean;
  readonly #registered: Record<string, Record<string, unknown>> = { spectest: spectest() };
  readonly #named = new Map<string, Instance>();
  #last: Instance | null = null;

  constructor(prepares: boolean) {
    this.#prepares = prepares;
  }

  instantiate(bytes: Uint8Array, name: string): void {
    this.#last = null;
    const module = new api.Module(this.#prepares ? prepare(bytes, "none", BUDGET) : bytes);
    this.#last = new api.Instance(module, this.#registered);
    if (name !== "") this.#named.set(name, this.#last);
    (this.#last.exports.coordinator_start as (() => void) | undefined)?.();
  }

  forget(): void {
    this.#last = null;
  }

  register(as: string, name: string): void {
    const instance = this.instance(name);
    if (instance !== null) this.#registered[as] = instance.exports;
  }

  /** A host drops an instance that has trapped; the suite goes on with it, so it is given back the stack that was in use. */
  restore(): void {
    const instances = [...this.#named.values(), this.#last];
    for (const instance of instances) {
      const stack = instance?.exports.coordinator_stack as { value: bigint } | undefined;
      if (stack !== undefined) stack.value = 32_768n;
    }
  }

  instance(name: string): Instance | null {
    return name === "" ? this.#last : (this.#named.get(name) ?? null);
  }
}

/** What was played. */
export interface Played {
  /** Modules that wabt cannot read: they use what came later. */
  unread: number;
  modules: number;
  refused: number;
  invalid: number;
  calls: number;
  /** What came out differently, or was refused without need. */
  readonly differences: string[];
}

export function play(script: string): Played {
  const played: Played = {
    unread: 0,
    modules: 0,
    refused: 0,
    invalid: 0,
    calls: 0,
    differences: [],
  };
  const worlds = [new World(false), new World(true)] as const;
  for (const form of readScript(script)) {
    if (form.kind === "list") playForm(form, worlds, played);
  }
  return played;
}

type List = Extract<Node, { kind: "list" }>;
type Worlds = readonly [World, World];

function playForm(form: List, worlds: Worlds, played: Played): void {
  const head = headOf(form);
  const inner = form.items[1];
  if (head === "module") playModule(form, worlds, played);
  else if (head === "register") {
    const as = inner?.kind === "text" ? Buffer.from(inner.bytes).toString() : "";
    for (const world of worlds) world.register(as, nameOf(form.items[2]));
  } else if (head === "assert_invalid" || head === "assert_malformed") {
    if (inner?.kind === "list") playInvalid(inner, played);
  } else if (inner?.kind === "list" && headOf(inner) === "module") {
    // A module that traps as it starts, or cannot be linked.
    playModule(inner, worlds, played);
  } else if (head === "invoke" || head === "get") playAction(form, worlds, played);
  else if (inner?.kind === "list") playAction(inner, worlds, played);
}

function nameOf(node: Node | undefined): string {
  return node?.kind === "word" && node.text.startsWith("$") ? node.text : "";
}

/** The bytes of a module; null for one that tests how text is read, or that wabt cannot read. */
function binaryOf(form: List): Uint8Array | null {
  const rest = form.items.slice(nameOf(form.items[1]) === "" ? 1 : 2);
  const [first, ...texts] = rest;
  if (first?.kind === "word" && first.text === "binary") {
    return Buffer.concat(texts.map((node) => (node.kind === "text" ? node.bytes : Buffer.of())));
  }
  if (first?.kind === "word") return null;
  try {
    return parseWat("suite", form.source, { reference_types: true }).toBinary({}).buffer;
  } catch {
    return null;
  }
}

function playModule(form: List, worlds: Worlds, played: Played): void {
  for (const world of worlds) world.forget();
  const bytes = binaryOf(form);
  if (bytes === null || !api.validate(bytes)) {
    played.unread++;
    return;
  }
  played.modules++;
  try {
    prepare(bytes, "none", BUDGET);
  } catch (error) {
    played.refused++;
    if (!(error instanceof ModuleError) || !ALLOWED_REFUSAL.test(error.message)) {
      played.differences.push(`${error}: ${form.source.slice(0, 200)}`);
    }
    return;
  }
  const name = nameOf(form.items[1]);
  compare(form, played, worlds, (world) => world.instantiate(bytes, name));
}

/** It must be refused, or what it becomes must be. */
function playInvalid(form: List, played: Played): void {
  const bytes = binaryOf(form);
  if (bytes === null || api.validate(bytes)) return;
  played.invalid++;
  try {
    if (!api.validate(prepare(bytes, "none", BUDGET))) return;
    played.differences.push(`becomes valid: ${form.source.slice(0, 200)}`);
  } catch (error) {
    if (!(error instanceof ModuleError)) played.differences.push(`${error}`);
  }
}

function playAction(form: List, worlds: Worlds, played: Played): void {
  const name = nameOf(form.items[1]);
  const [field, ...args] = form.items.slice(name === "" ? 1 : 2);
  const values = args.map(jsValueOf);
  const isReady = worlds.every((world) => world.instance(name) !== null);
  if (!isReady || field?.kind !== "text" || values.includes(null)) return;
  played.calls++;
  compare(form, played, worlds, (world) => {
    const found = world.instance(name)!.exports[Buffer.from(field.bytes).toString()];
    return headOf(form) === "get"
      ? (found as { value: unknown }).value
      : (found as (...args: unknown[]) => unknown)(...values);
  });
}

function compare(form: List, played: Played, worlds: Worlds, run: (world: World) => unknown): void {
  const [plain, prepared] = worlds.map((world) => {
    const outcome = outcomeOf(() => run(world));
    world.restore();
    return outcome;
  });
  if (plain === prepared) return;
  played.differences.push(`${plain} became ${prepared}: ${form.source.slice(0, 200)}`);
}

function outcomeOf(run: () => unknown): string {
  try {
    return textOf(run());
  } catch (error) {
    const { name, message } = error as Error;
    // The words of V8 for what cannot be linked tell of limits, which are others for one that was prepared.
    if (name === "LinkError") return name;
    // Recursion without end: the engine's own end has another name than ours.
    return name === "RangeError" ? "unreachable" : message;
  }
}

function textOf(value: unknown): string {
  if (Array.isArray(value)) return value.map(textOf).join(", ");
  if (typeof value === "function") return "a function";
  return Object.is(value, -0) ? "-0" : String(value);
}
