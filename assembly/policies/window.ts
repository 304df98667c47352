/** The rule `window` as a policy module of its own. */
import { serveRule } from "../policy/module/rule";
import { WINDOW } from "../policy/rule";
import { Window } from "../policy/rules/window";

export * from "../policy/exports";

serveRule<Window>(WINDOW);
