/**
 * Every error a charm author can meet, each with a `code` that stays the same from version to version and from language to
 * language. Messages are for people and may change.
 *
 * @module
 */

/** What all errors of this package have in common. */
export class CoordinatorError extends Error {
  /**
   * By name: the package in one file has classes of its own beside those of its modules, from which the local Juju takes them, and a charm may
   * have the package twice.
   */
  static override [Symbol.hasInstance](value: unknown): boolean {
    if (!(Object(value) instanceof Error)) return false;
    for (let one = Object.getPrototypeOf(value); one !== null; one = Object.getPrototypeOf(one)) {
      // biome-ignore lint/complexity/noThisInStatic: of the class that is asked, which may be one that extends this
      if (one.constructor?.name === this.name) return true;
    }
    return false;
  }

  /** Stable; compare this and never the message. */
  readonly code: string;

  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
    this.code = code;
  }
}

/** What a module did wrong: the codes of `host/abi.md`, "What a host checks at load" and "A policy module". */
export type ModuleErrorCode =
  | "too_big"
  | "not_wasm"
  | "has_import"
  | "no_memory"
  | "no_max"
  | "missing_export"
  | "wrong_type"
  | "wrong_abi"
  | "trap"
  | "no_alloc"
  | "out_of_range"
  | "too_long"
  | "not_utf8"
  | "not_json"
  | "bad_answer"
  | "timeout"
  | "bad_config"
  | "not_asked"
  | "policy_error"
  | "exit"
  | "lost";

/** Why a module trapped. V8 has one message for both ways a float fails to convert: here both are `bad_conversion`. */
export type TrapCode =
  | "unreachable"
  | "out_of_bounds"
  | "divide_by_zero"
  | "integer_overflow"
  | "bad_conversion"
  | "bad_indirect_call"
  | "stack_overflow"
  | "unknown";

/** A module cannot be loaded, or broke the contract while it ran. Its instance is of no more use. */
export class ModuleError extends CoordinatorError {
  declare readonly code: ModuleErrorCode;
  /** Only with the code `trap`. */
  readonly trap: TrapCode | null;

  constructor(code: ModuleErrorCode, message: string, trap: TrapCode | null = null) {
    super(code, message);
    this.trap = trap;
  }
}

/** The core answered `error`: what it was asked cannot be done, and nothing has changed. */
export class CoreError extends CoordinatorError {
  /** The field that was wrong, or `""`. */
  readonly path: string;

  constructor(code: string, message: string, path: string) {
    super(code, path === "" ? message : `${message} (at ${path})`);
    this.path = path;
  }
}

/** The policy in the charm's own code is not valid; its `path` names the rule or the field. */
export class PolicyError extends CoreError {}

/** Juju's side failed. In a hook this must become a failed hook, which Juju runs again. */
export class HostError extends CoordinatorError {}

/** A hook tool failed. */
export class HookToolError extends HostError {
  readonly tool: string;
  readonly args: readonly string[];
  /** The exit code; null if the tool could not be started or was killed. */
  readonly exitCode: number | null;
  readonly stderr: string;

  constructor(tool: string, args: readonly string[], exitCode: number | null, stderr: string) {
    const how = exitCode === null ? "did not run" : `exited with ${exitCode}`;
    super(
      "hook_tool_failed",
      `${[tool, ...args].join(" ").slice(0, 200)} ${how}: ${stderr.trim()}`,
    );
    this.tool = tool;
    this.args = args;
    this.exitCode = exitCode;
    this.stderr = stderr;
  }
}

/** This package was called with a value of the wrong type, or at a time when the call makes no sense. */
export class UsageError extends CoordinatorError {}
