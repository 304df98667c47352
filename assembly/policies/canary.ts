/** The rule `canary` as a policy module of its own. */
import { serveRule } from "../policy/module/rule";
import { CANARY } from "../policy/rule";
import { Canary } from "../policy/rules/canary";

export * from "../policy/exports";

serveRule<Canary>(CANARY);
