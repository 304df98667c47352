/** The rule `halt` as a policy module of its own. */
import { serveRule } from "../policy/module/rule";
import { HALT } from "../policy/rule";
import { Halt } from "../policy/rules/halt";

export * from "../policy/exports";

serveRule<Halt>(HALT);
