/** The rule `available` as a policy module of its own. */
import { serveRule } from "../policy/module/rule";
import { AVAILABLE } from "../policy/rule";
import { Available } from "../policy/rules/available";

export * from "../policy/exports";

serveRule<Available>(AVAILABLE);
