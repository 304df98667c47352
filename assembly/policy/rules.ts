/** The rules by their numbers: the one place that knows them all. */
import { Fields } from "./fields";
import {
  AVAILABLE,
  CANARY,
  COOLDOWN,
  GATE,
  ORDER,
  PARALLEL,
  PAUSE,
  Rule,
  SERIAL,
  SIMPLE,
  WINDOW,
  ZONES,
} from "./rule";
import { Available } from "./rules/available";
import { Canary } from "./rules/canary";
import { Cooldown } from "./rules/cooldown";
import { Gate } from "./rules/gate";
import { Halt } from "./rules/halt";
import { OrderRule } from "./rules/order";
import { Parallel } from "./rules/parallel";
import { Pause } from "./rules/pause";
import { Serial } from "./rules/serial";
import { Simple } from "./rules/simple";
import { Window } from "./rules/window";
import { Zones } from "./rules/zones";

export function ruleOf(kind: i32, fields: Fields): Rule {
  if (kind === SIMPLE) return new Simple(fields);
  if (kind === SERIAL) return new Serial(fields);
  if (kind === PARALLEL) return new Parallel(fields);
  if (kind === AVAILABLE) return new Available(fields);
  if (kind === GATE) return new Gate(fields);
  if (kind === PAUSE) return new Pause(fields);
  if (kind === WINDOW) return new Window(fields);
  if (kind === COOLDOWN) return new Cooldown(fields);
  if (kind === ZONES) return new Zones(fields);
  if (kind === ORDER) return new OrderRule(fields);
  return kind === CANARY ? new Canary(fields) : new Halt(fields);
}
