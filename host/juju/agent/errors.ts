/**
 * What can go wrong with running charms as processes, apart from a hook that fails.
 *
 * @module
 */

/** `no_tools`: hook tools cannot be started here. `no_charm`: the charm directory is missing or holds nothing to run. */
export type AgentErrorCode = "no_tools" | "no_charm";

/** An error of the agent; `code` is stable. */
export class AgentError extends Error {
  override readonly name = "AgentError";

  constructor(
    readonly code: AgentErrorCode,
    message: string,
  ) {
    super(message);
  }
}
