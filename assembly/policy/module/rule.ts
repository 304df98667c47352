/** A built-in rule as a policy module of its own: its config is the rule's fields, and it decides as it does in the core. */
import { EMPTY, Slice } from "../../json/slice";
import { SECOND } from "../../json/time";
import { bytesOf, wordAt } from "../../json/word";
import { VERSION } from "../../version";
import { Fields } from "../fields";
import { RULES, Rule } from "../rule";
import { Config } from "./config";
import { Decider } from "./decider";
import { serveBytes } from "./module";
import { Request } from "./request";
import { State } from "./state";
import { Told } from "./told";

class RuleDecider<R extends Rule> extends Decider {
  private rule: Rule | null = null;
  private told: Told | null = null;

  takeConfig(config: Config): void {
    const fields = new Fields(config.node, EMPTY, config.faults, this.needs);
    this.rule = instantiate<R>(fields);
    fields.finish();
  }

  prepare(state: State): void {
    const rules = new Array<Rule>();
    rules.push(this.rule!);
    const told = new Told(state);
    told.prepare(rules);
    this.told = told;
  }

  lineUp(state: State): void {
    const queue = changetype<Array<i32>>(state.queue);
    state.queue = changetype<Array<Request>>(this.rule!.arrange(queue, this.told!));
  }

  permits(request: Request, state: State): bool {
    const rule = this.rule!;
    const told = this.told!;
    const lock = request.lockItself.number;
    if (rule.speaksOf(request.lockItself.bytes) && !rule.permits(request.unitNumber, lock, told))
      return false;
    told.add(request);
    return true;
  }

  reasonBytes(request: Request, state: State): Slice {
    const rule = this.rule!;
    const told = this.told!;
    const lock = request.lockItself.number;
    const reason = rule.reason(request.unitNumber, lock, told);
    if (rule.until > told.now)
      state.retryAfter(<i32>((rule.until - told.now + SECOND - 1) / SECOND));
    return reason;
  }
}

/** Makes a rule, by its class and its number, the policy of this module. */
export function serveRule<R extends Rule>(kind: i32): void {
  serveBytes(wordAt(RULES, kind), bytesOf(VERSION), new RuleDecider<R>());
}
