/** The rule `order` as a policy module of its own. */
import { serveRule } from "../policy/module/rule";
import { ORDER } from "../policy/rule";
import { OrderRule } from "../policy/rules/order";

export * from "../policy/exports";

serveRule<OrderRule>(ORDER);
