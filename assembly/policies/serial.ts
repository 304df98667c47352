/** The rule `serial` as a policy module of its own. */
import { serveRule } from "../policy/module/rule";
import { SERIAL } from "../policy/rule";
import { Serial } from "../policy/rules/serial";

export * from "../policy/exports";

serveRule<Serial>(SERIAL);
