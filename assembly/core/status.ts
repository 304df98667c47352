/** What `status` shows: who holds, who waits in which place and why, and what the waiting will end with. */
import { Slice } from "../json/slice";
import { Text } from "../json/text";
import { t, Word } from "../json/word";
import { Writer } from "../json/writer";
import { Decision } from "./decision";
import { holders } from "./grants";
import { Hook, IN_SETTINGS } from "./hook";
import { ALL_OWN } from "./ledger";
import { timeText } from "./time";
import { byLock, Entry } from "./unit";

export function writeStatus(hook: Hook, decision: Decision, out: Writer): void {
  out.object().key(t("unit")).string(hook.self.name).key(t("leading")).bool(hook.isLeading);
  out.key(t("policy")).string(hook.policy.name()).key(t("hold")).string(holdOf(hook));
  writeRequestsOf(hook, out.key(t("requests")).list());
  writeHolders(hook, out.endList().key(t("holders")).list());
  writeQueue(hook, decision, out.endList().key(t("queue")).list());
  out.endList().key(t("awaits")).string(awaitsOf(hook));
  hook.report.writeProblems(out);
  out.endObject();
}

/** Why nothing can be decided at all; empty if it can. */
function holdOf(hook: Hook): Slice {
  const out = new Text();
  if (hook.grants.fault.length > 0)
    out.ascii(t("the grants cannot be read: ")).bytes(hook.grants.fault.slice());
  else if (hook.grants.isNewer) out.ascii(t("the grants were written by a newer version"));
  else if (!hook.policy.isValid)
    out.ascii(t("the policy is not valid: ")).bytes(hook.policy.fault.slice());
  else if (!hook.hasRelation && hook.store !== IN_SETTINGS)
    out.ascii(t("there is no peer relation yet"));
  return out.slice();
}

function writeRequestsOf(hook: Hook, out: Writer): void {
  const requests = byLock(hook.self.requests, hook.ledger.lockNames);
  for (let i = 0; i < requests.length; i++) {
    writeLockAndId(hook, requests[i], out.object());
    out.key(t("granted")).bool(hook.isHeld(requests[i].lock)).endObject();
  }
}

function writeHolders(hook: Hook, out: Writer): void {
  const units = holders(hook.ledger);
  for (let i = 0; i < units.length; i++) {
    const grants = byLock(units[i].grants, hook.ledger.lockNames);
    for (let j = 0; j < grants.length; j++) {
      writeLockAndId(hook, grants[j], out.object().key(t("unit")).string(units[i].name));
      if (hook.isLeading) out.key(t("member")).bool(units[i].member);
      out.endObject();
    }
  }
}

function writeQueue(hook: Hook, decision: Decision, out: Writer): void {
  const queue = hook.ledger.queue(ALL_OWN);
  const tally = decision.tally();
  for (let i = 0; i < queue.length; i++) {
    const request = queue[i];
    const rule = new Text();
    const reason = new Text();
    if (!hook.isLeading) {
      rule.ascii(t("leader"));
      reason.ascii(t("waits for the leader"));
    } else if (decision.permits(request, tally, rule, reason)) {
      rule.ascii(t("leader"));
      reason.ascii(whenDecided(hook, request));
      tally.addHolder(request.unit.number, request.lock);
    }
    out
      .object()
      .key(t("position"))
      .whole(hook.isLeading ? <u64>(i + 1) : 0);
    writeLockAndId(hook, request, out.key(t("unit")).string(request.unit.name));
    out.key(t("rule")).string(rule.slice()).key(t("reason")).string(reason.slice()).endObject();
  }
}

function writeLockAndId(hook: Hook, entry: Entry, out: Writer): void {
  out
    .key(t("lock"))
    .string(hook.ledger.lockNames.at(entry.lock))
    .key(t("id"))
    .string(timeText(entry.id));
}

/**
 * What ends the waiting. Where Juju delivers no event for it (a holder that departs, the leader's own request while nobody
 * holds), only update-status looks again, and the operator must know.
 */
function awaitsOf(hook: Hook): Slice {
  const out = new Text();
  const strangers = hook.ledger.strangers(false);
  if (hook.isLeading && strangers.length > 0) {
    const grant = strangers[0].grants!;
    out
      .bytes(strangers[0].name)
      .ascii(t(" is not in the relation and holds "))
      .bytes(hook.ledger.lockNames.at(grant.lock));
    out.ascii(t("; looked at again at update-status"));
  } else if (waitsItself(hook) && !hook.isLeading) {
    out.ascii(
      hook.store === IN_SETTINGS
        ? t("the leader's grant, by leader-settings-changed")
        : t("the leader's grant, by relation-changed"),
    );
  } else if (waitsAlone(hook)) {
    out.ascii(t("update-status on this unit"));
  }
  return out.slice();
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
