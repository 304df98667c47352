/** The rule `pause` as a policy module of its own. */
import { serveRule } from "../policy/module/rule";
import { PAUSE } from "../policy/rule";
import { Pause } from "../policy/rules/pause";

export * from "../policy/exports";

serveRule<Pause>(PAUSE);
