/**
 * The local Juju: run scenarios, charm directories, or charms that are functions, on a model of Juju in this process.
 *
 * @module
 */

export { Agent, type AgentOptions, type CommandResult, type Watcher } from "./agent/agent.js";
export { AgentError, type AgentErrorCode } from "./agent/errors.js";
export * from "./inprocess.js";
export { type Operation, Operations } from "./measure/operations.js";
export { HookContext } from "./model/context.js";
export type { HistoryRecord, HookRecord } from "./model/history.js";
export { LocalJuju } from "./model/juju.js";
export type { Outcome, Result } from "./model/lifecycle.js";
export type { Event, JujuVersion, Options, Switches } from "./model/state.js";
export { runScenario, type ScenarioResult } from "./scenario/play.js";
export { ScenarioError } from "./scenario/reader.js";
export { parseScenario, readScenario, type Scenario } from "./scenario/scenario.js";
