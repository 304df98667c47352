/** The rule `gate` as a policy module of its own. */
import { serveRule } from "../policy/module/rule";
import { GATE } from "../policy/rule";
import { Gate } from "../policy/rules/gate";

export * from "../policy/exports";

serveRule<Gate>(GATE);
