/** The rule `parallel` as a policy module of its own. */
import { serveRule } from "../policy/module/rule";
import { PARALLEL } from "../policy/rule";
import { Parallel } from "../policy/rules/parallel";

export * from "../policy/exports";

serveRule<Parallel>(PARALLEL);
