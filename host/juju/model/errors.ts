/**
 * The two ways things go wrong: a driver asks the model for what Juju would never do, or a hook tool refuses.
 *
 * @module
 */

export type ModelErrorCode =
  | "bad_option"
  | "no_unit"
  | "no_leader"
  | "not_due"
  | "busy"
  | "not_running"
  | "not_failed"
  | "closed";

/** A driver's mistake: there is no such unit, or Juju could not do this now. */
export class ModelError extends Error {
  override readonly name = "ModelError";
  readonly code: ModelErrorCode;

  constructor(code: ModelErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}

export type ToolErrorCode =
  | "usage"
  | "relation_not_found"
  | "permission_denied"
  | "not_leader"
  | "too_big"
  | "not_found"
  | "no_context"
  | "no_file"
  | "unknown_tool";

/** A hook tool's refusal: `message` is what the tool prints after `ERROR `, `exitCode` its exit code (2: the command line was wrong; 1: Juju refused). */
export class ToolError extends Error {
  override readonly name = "ToolError";
  readonly code: ToolErrorCode;
  readonly exitCode: 1 | 2;

  constructor(code: ToolErrorCode, message: string, exitCode: 1 | 2 = 1) {
    super(message);
    this.code = code;
    this.exitCode = exitCode;
  }
}
