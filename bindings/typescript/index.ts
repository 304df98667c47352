/**
 * Locks for the units of a Juju application: ask, be granted by the leader, operate, give back.
 *
 * `charm()` is a whole charm; {@link Coordinator} with `jujuHost()` is for charms that have a framework of their own;
 * {@link MemoryApplication} is for tests.
 *
 * @example A charm, and a test of it without Juju
 * ```ts
 * import { charm, MemoryApplication } from "charm-coordinator";
 *
 * const restarted = [];
 * const c = charm({ policy: "serial" });
 * c.on("config-changed", ({ acquire }) => acquire("restart"));
 * c.when("coordinator.granted.restart", ({ hook }) => restarted.push(hook.unit));
 *
 * const application = new MemoryApplication({ units: 3 });
 * for (let round = 0; round < 4; round++) {
 *   for (const unit of application.units) {
 *     const host = application.hook(unit, round === 0 ? "config-changed" : "update-status");
 *     await c.run(host);
 *     host.commit();
 *   }
 * }
 * console.log(restarted);
 * ```
 *
 * @module
 */

export {
  type Charm,
  type CharmOptions,
  charm,
  type Handler,
  type HandlerContext,
} from "./charm.js";
export type { TakeLine } from "./command.js";
export type {
  Json,
  Policy,
  PolicyDecision,
  PolicyNeeds,
  PolicyObject,
  PolicyState,
  Problem,
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
export { type JujuOptions, jujuHost } from "./juju.js";
export { MemoryApplication, type MemoryHost, type MemoryOptions } from "./memory.js";
export { loadModule, type Module, type ModuleKind, type ModuleOptions } from "./module.js";
export { loadPolicy, type PolicyFunction, PolicyModule, type PolicyOptions } from "./policy.js";
export type { Rule } from "./rules.js";
export { PolicySource, type SwapOptions } from "./swap.js";
export type { RunTool } from "./tools.js";
