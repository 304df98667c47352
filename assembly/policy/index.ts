/**
 * What the author of a policy imports:
 *
 *     import { Policy, Request, State, serve } from "charm-coordinator/assembly/policy";
 *
 *     class Half extends Policy { … }
 *     serve("half", "1", new Half());
 *     export * from "charm-coordinator/assembly/policy/exports";
 *
 * A class that extends `Policy` says what it permits, `serve` hands it over, and the last line gives the module the functions that a
 * host calls (host/abi.md). Compile with `--runtime stub --use abort= --maximumMemory 256`.
 */
export { Config } from "./module/config";
export { serve } from "./module/module";
export { Policy } from "./module/policy";
export { Request } from "./module/request";
export { State } from "./module/state";
export { Value } from "./module/value";
