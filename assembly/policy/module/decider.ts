import { Slice } from "../../json/slice";
import { Needs } from "../needs";
import { Config } from "./config";
import { Request } from "./request";
import { State } from "./state";

/** What decides in a policy module: a policy of its author's own, or a built-in rule. */
export abstract class Decider {
  /** What it wants to be told besides who holds and who waits; known once the config is. */
  needs: Needs = new Needs();

  /** Takes its config; what is wrong with it is noted there. */
  abstract takeConfig(config: Config): void;

  /** Called once, before anything else is asked of a decision. */
  prepare(state: State): void {}

  /** Lines up the queue. */
  abstract lineUp(state: State): void;

  /** Whether the request may be granted now. If it says yes, the request is granted, and counts as held from then on. */
  abstract permits(request: Request, state: State): bool;

  /** Why not, for the person who waits; EMPTY says nothing. Called right after `permits` said no. */
  abstract reasonBytes(request: Request, state: State): Slice;
}
