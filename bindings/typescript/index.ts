/**
 * Locks for the units of a Juju application: ask, be granted by the leader, operate, give back.
 *
 * `charm()` is a whole charm; {@link Coordinator} with `jujuHost()` is for charms that have a framework of their own;
 * {@link MemoryApplication} is for tests.
 *
 * @module
 */

export type { PolicyFunction } from "./asks.js";
export {
  type Charm,
  type CharmOptions,
  charm,
  type Handler,
  type HandlerContext,
} from "./charm.js";
export type {
  Json,
  Policy,
  PolicyDecision,
  PolicyObject,
  PolicyState,
  Problem,
  Rule,
  Status,
} from "./contract.js";
export { type Act, Coordinator, type CoordinatorOptions } from "./coordinator.js";
export type { Callable, Instance } from "./engine.js";
export {
  CoordinatorError,
  CoreError,
  HookToolError,
  HostError,
  ModuleError,
  type ModuleErrorCode,
  PolicyError,
  type TrapCode,
  UsageError,
} from "./errors.js";
export type {
  ContextKind,
  Flags,
  Hook,
  Host,
  Leadership,
  LogLevel,
  Peers,
  Store,
  Values,
} from "./host.js";
export { type JujuOptions, jujuHost, type RunTool } from "./juju.js";
export { MemoryApplication, type MemoryHost, type MemoryOptions } from "./memory.js";
export { loadModule, type Module, type ModuleKind, type ModuleOptions } from "./module.js";
