import { Slice } from "../../json/slice";
import { Config } from "./config";
import { Decider } from "./decider";
import { sortByRank } from "./rank";
import { Request } from "./request";
import { State } from "./state";
import { sliceOfString } from "./string";

/**
 * A policy of its author's own. Requests are looked at one after the other, in the order of the queue, and each that is permitted
 * counts as held from then on. Only `permits` must be there.
 */
export abstract class Policy extends Decider {
  /** Reads the config, and says what else the policy needs to be told. A member that it does not read is refused. */
  configure(config: Config): void {}

  /** Where a request stands in the queue: lesser ranks first, those of one rank as they came. NaN is last. */
  rank(request: Request, state: State): f64 {
    return 0;
  }

  /** Why a request waits, for a person; called right after `permits` said no. */
  reason(request: Request, state: State): string {
    return "";
  }

  /** Asks for a config option of the charm: `State.options`. */
  needOption(name: string): void {
    this.needs.options.add(sliceOfString(name));
  }

  /** Asks for what Juju says of each unit: `State.statuses`. */
  needStatuses(): void {
    this.needs.units = true;
  }

  /** Asks when locks were last released, `State.released`: by whomever, and if a unit is named by that unit, too. */
  needReleases(unit: string = ""): void {
    this.needs.released = true;
    if (unit.length > 0) this.needs.releasing.add(sliceOfString(unit));
  }

  takeConfig(config: Config): void {
    this.configure(config);
    config.finish();
  }

  lineUp(state: State): void {
    // All ranks first: sorting gives its room back, and a policy may keep what it makes.
    for (let i = 0; i < state.queue.length; i++)
      state.queue[i].rank = this.rank(state.queue[i], state);
    sortByRank(state.queue);
  }

  reasonBytes(request: Request, state: State): Slice {
    return sliceOfString(this.reason(request, state));
  }
}
