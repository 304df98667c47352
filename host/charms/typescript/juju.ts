/**
 * The two hook tools that the charm uses itself.
 *
 * @module
 */

import { execFileSync } from "node:child_process";

/** The options of config.yaml. */
export function config(): { version: string; policy: string; "warm-up": number } {
  return JSON.parse(execFileSync("config-get", ["--format=json"], { encoding: "utf8" }));
}

/** What `juju status` shows of this unit. */
export function setStatus(status: "active" | "maintenance" | "waiting", message: string): void {
  execFileSync("status-set", [status, message]);
}
