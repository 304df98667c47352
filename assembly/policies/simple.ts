/** The rule `simple` as a policy module of its own. */
import { serveRule } from "../policy/module/rule";
import { SIMPLE } from "../policy/rule";
import { Simple } from "../policy/rules/simple";

export * from "../policy/exports";

serveRule<Simple>(SIMPLE);
