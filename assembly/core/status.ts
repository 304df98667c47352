/** What `status` shows: who holds, who waits in which place and why, and what the waiting will end with. */
import { NONE } from "../json/document";
import { EMPTY, Slice } from "../json/slice";
import { fill } from "../json/text";
import { NO_TIME, Time, timeText } from "../json/time";
import { bytesOf, t, Word } from "../json/word";
import { Writer } from "../json/writer";
import { Decision } from "./decision";
import { holders } from "./grants";
import { Hook, IN_SETTINGS } from "./hook";
import { ALL_OWN } from "./ledger";
import { byLock, Entry } from "./unit";

export function writeStatus(hook: Hook, decision: Decision, out: Writer): void {
  out.object().field(t("unit"), hook.self.name).key(t("leading")).bool(hook.isLeading);
  out.field(t("policy"), hook.policy.name()).field(t("hold"), holdOf(hook));
  writeRequestsOf(hook, out.key(t("requests")).list());
  writeHolders(hook, out.endList().key(t("holders")).list());
  const time = writeQueue(hook, decision, out.endList().key(t("queue")).list());
  out.endList().field(t("awaits"), awaitsOf(hook, time));
  hook.report.writeProblems(out);
  out.endObject();
}

/** Why nothing can be decided at all; empty if it can. */
function holdOf(hook: Hook): Slice {
  if (!hook.grants.isReadable) return hook.grants.obstacle();
  if (!hook.policy.isValid) return fill(t("the policy is not valid: {}"), hook.policy.faults.what);
  const isHomeless = !hook.hasRelation && hook.store !== IN_SETTINGS;
  return isHomeless ? bytesOf(t("there is no peer relation yet")) : EMPTY;
}

function writeRequestsOf(hook: Hook, out: Writer): void {
  const requests = byLock(hook.self.requests, hook.ledger.lockNames);
  for (let i = 0; i < requests.length; i++) {
    hook.writeEntry(requests[i], out.object());
    if (requests[i].data !== NONE) out.key(t("data")).value(requests[i].data);
    out.key(t("granted")).bool(hook.isHeld(requests[i].lock)).endObject();
  }
}

function writeHolders(hook: Hook, out: Writer): void {
  const units = holders(hook.ledger);
  for (let i = 0; i < units.length; i++) {
    const grants = byLock(units[i].grants, hook.ledger.lockNames);
    for (let j = 0; j < grants.length; j++) {
      hook.writeEntry(grants[j], out.object().field(t("unit"), units[i].name));
      if (hook.isLeading) out.key(t("member")).bool(units[i].member);
      out.endObject();
    }
  }
}

/** Answers the time that all of the queue waits for, of several the first; NO_TIME where any of it waits for something else. */
function writeQueue(hook: Hook, decision: Decision, out: Writer): Time {
  const facts = decision.facts();
  let queue = hook.ledger.queue(ALL_OWN);
  if (hook.isLeading) queue = decision.arrange(queue, facts);
  let first: Time = u64.MAX_VALUE;
  for (let i = 0; i < queue.length; i++) {
    const request = queue[i];
    let rule = bytesOf(t("leader"));
    let reason = bytesOf(t("waits for the leader"));
    let until: Time = NO_TIME;
    if (hook.isLeading && decision.permits(request, facts, true)) {
      reason = bytesOf(whenDecided(hook, request));
      facts.addHolder(request.unit.number, request.lock);
    } else if (hook.isLeading) {
      rule = decision.rule;
      reason = decision.reason;
      until = decision.until;
    }
    first = min(first, until);
    out.object().key(t("position"));
    out.whole(hook.isLeading ? i + 1 : 0).field(t("unit"), request.unit.name);
    hook.writeEntry(request, out);
    if (request.data !== NONE) out.key(t("data")).value(request.data);
    out.field(t("rule"), rule).field(t("reason"), reason);
    if (until !== NO_TIME) out.key(t("until")).time(until);
    out.endObject();
  }
  return queue.length > 0 ? first : NO_TIME;
}

/**
 * What ends the waiting. Where Juju delivers no event for it (a holder that departs, the leader's own request while nobody
 * holds), only update-status looks again, and the operator must know.
 */
function awaitsOf(hook: Hook, time: Time): Slice {
  const strangers = hook.ledger.strangers(false);
  if (hook.isLeading && strangers.length > 0) {
    const stranger = strangers[0];
    const grant = stranger.grants;
    return fill(
      t("{} is not in the relation and holds {}; looked at again at update-status"),
      stranger.name,
      grant === null ? EMPTY : hook.lockName(grant),
    );
  }
  if (waitsItself(hook) && !hook.isLeading) {
    return fill(
      t("the leader's grant, by {}-changed"),
      bytesOf(hook.store === IN_SETTINGS ? t("leader-settings") : t("relation")),
    );
  }
  if (time !== NO_TIME)
    return fill(t("update-status on this unit, at {} or later"), timeText(time));
  return waitsAlone(hook) ? bytesOf(t("update-status on this unit")) : EMPTY;
}

/** The leader waits for itself: no other unit holds anything, so no event of another unit will come. */
function waitsAlone(hook: Hook): bool {
  const units = holders(hook.ledger);
  return (
    waitsItself(hook) && (units.length === 0 || (units.length === 1 && units[0] === hook.self))
  );
}

function waitsItself(hook: Hook): bool {
  let request = hook.self.requests;
  while (request !== null) {
    if (!hook.isHeld(request.lock)) return true;
    request = request.next;
  }
  return false;
}

/** When a request that nothing speaks against will be granted. The leader's own in leader settings never at the end (rule 8). */
function whenDecided(hook: Hook, request: Entry): Word {
  if (!hook.canDecide || !hook.allows(t("decide"))) return t("nothing is decided now");
  if (request.unit === hook.self && hook.store === IN_SETTINGS)
    return t("may be granted in this unit's next hook");
  return t("may be granted at the end of this hook");
}
