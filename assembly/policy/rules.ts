/** The rules by their numbers: the one place that knows them all. */
import { Fields } from "./fields";
import { AVAILABLE, GATE, PARALLEL, Rule, SERIAL, SIMPLE } from "./rule";
import { Available } from "./rules/available";
import { Gate } from "./rules/gate";
import { Parallel } from "./rules/parallel";
import { Pause } from "./rules/pause";
import { Serial } from "./rules/serial";
import { Simple } from "./rules/simple";

export function ruleOf(kind: i32, fields: Fields): Rule {
  if (kind === SIMPLE) return new Simple(fields);
  if (kind === SERIAL) return new Serial(fields);
  if (kind === PARALLEL) return new Parallel(fields);
  if (kind === AVAILABLE) return new Available(fields);
  return kind === GATE ? new Gate(fields) : new Pause(fields);
}
