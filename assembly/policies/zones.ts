/** The rule `zones` as a policy module of its own. */
import { serveRule } from "../policy/module/rule";
import { ZONES } from "../policy/rule";
import { Zones } from "../policy/rules/zones";

export * from "../policy/exports";

serveRule<Zones>(ZONES);
