/**
 * What the command `coordinator policy` ends with, in one line.
 *
 * @module
 */

/** It was called wrongly, or a file is not what it should be: exit code 2. */
export class UsageError extends Error {
  override readonly name = "UsageError";
  readonly code = "bad_usage";
}
