/** N/2-1 at a time, the leader last. */
import { Policy, Request, State, serve } from "../../../assembly/policy";

export * from "../../../assembly/policy/exports";

class Half extends Policy {
  private most: i32 = 1;

  prepare(state: State): void {
    this.most = max(1, state.n / 2 - 1);
  }

  rank(request: Request, state: State): f64 {
    return request.isLeader ? 1 : 0;
  }

  permits(request: Request, state: State): bool {
    return state.holdersOf(request.lock).length < this.most;
  }

  reason(request: Request, state: State): string {
    return `${this.most} of ${state.n} units may hold ${request.lock} at a time`;
  }
}

serve("half", "1", new Half());
