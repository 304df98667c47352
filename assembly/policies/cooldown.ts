/** The rule `cooldown` as a policy module of its own. */
import { serveRule } from "../policy/module/rule";
import { COOLDOWN } from "../policy/rule";
import { Cooldown } from "../policy/rules/cooldown";

export * from "../policy/exports";

serveRule<Cooldown>(COOLDOWN);
