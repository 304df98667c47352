/** What `status` shows: who holds, who waits in which place and why, and what the waiting will end with. */
import { Slice } from "../json/slice";
import { Text } from "../json/text";
import { Decision } from "./decision";
import { holders } from "./grants";
import { Hook, IN_SETTINGS } from "./hook";
import { ALL_OWN } from "./ledger";
import { writeTime } from "./time";
import { byLock, Entry, entryOf } from "./unit";
import { t } from "../json/word";

export function writeStatus(hook: Hook, decision: Decision, out: Text): void {
  const policy = new Text();
  hook.policy.writeName(policy);
  out.ascii(t('{"unit": ')).string(hook.self.name).ascii(t(', "leading": ')).bool(hook.isLeading);
  out.ascii(t(', "policy": ')).string(policy.slice()).ascii(t(', "hold": ')).string(holdOf(hook));
  writeRequestsOf(hook, out.ascii(t(', "requests": ')));
  writeHolders(hook, out.ascii(t(', "holders": ')));
  writeQueue(hook, decision, out.ascii(t(', "queue": ')));
  out.ascii(t(', "awaits": ')).string(awaitsOf(hook));
  hook.report.writeProblems(out.ascii(t(', "problems": ')));
  out.byte(0x7d);
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

function writeRequestsOf(hook: Hook, out: Text): void {
  const requests = byLock(hook.self.requests, hook.ledger.lockNames);
  out.byte(0x5b);
  for (let i = 0; i < requests.length; i++) {
    out.ascii(i > 0 ? t(', {"lock": ') : t('{"lock": '));
    writeLockAndId(hook, requests[i], out);
    out.ascii(t(', "granted": ')).bool(hook.isHeld(requests[i].lock)).byte(0x7d);
  }
  out.byte(0x5d);
}

function writeHolders(hook: Hook, out: Text): void {
  const units = holders(hook.ledger);
  let count = 0;
  out.byte(0x5b);
  for (let i = 0; i < units.length; i++) {
    const grants = byLock(units[i].grants, hook.ledger.lockNames);
    for (let j = 0; j < grants.length; j++) {
      out
        .ascii(count > 0 ? t(', {"unit": ') : t('{"unit": '))
        .string(units[i].name)
        .ascii(t(', "lock": '));
      writeLockAndId(hook, grants[j], out);
      if (hook.isLeading) out.ascii(t(', "member": ')).bool(units[i].member);
      out.byte(0x7d);
      count += 1;
    }
  }
  out.byte(0x5d);
}

function writeQueue(hook: Hook, decision: Decision, out: Text): void {
  const queue = hook.ledger.queue(ALL_OWN);
  const tally = decision.tally();
  out.byte(0x5b);
  for (let i = 0; i < queue.length; i++) {
    const request = queue[i];
    const rule = new Text();
    const reason = new Text();
    if (!hook.isLeading) {
      rule.ascii(t("leader"));
      reason.ascii(t("waits for the leader"));
    } else if (decision.permits(request, tally, rule, reason)) {
      rule.ascii(t("leader"));
      reason.ascii(
        hook.canDecide ? t("may be granted at the end of this hook") : t("nothing can be decided now"),
      );
      tally.addHolder(request.unit.number, request.lock);
    }
    out
      .ascii(i > 0 ? t(', {"position": ') : t('{"position": '))
      .number(hook.isLeading ? <u64>(i + 1) : 0);
    out.ascii(t(', "unit": ')).string(request.unit.name).ascii(t(', "lock": '));
    writeLockAndId(hook, request, out);
    out
      .ascii(t(', "rule": '))
      .string(rule.slice())
      .ascii(t(', "reason": '))
      .string(reason.slice())
      .byte(0x7d);
  }
  out.byte(0x5d);
}

function writeLockAndId(hook: Hook, entry: Entry, out: Text): void {
  out.string(hook.ledger.lockNames.at(entry.lock)).ascii(t(', "id": "'));
  writeTime(entry.id, out);
  out.byte(0x22);
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
  } else if (hook.self.requests !== null && !hook.isLeading) {
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
  let isWaiting = false;
  let request = hook.self.requests;
  while (request !== null) {
    isWaiting = isWaiting || entryOf(hook.self.grants, request.lock) === null;
    request = request.next;
  }
  const units = holders(hook.ledger);
  return isWaiting && (units.length === 0 || (units.length === 1 && units[0] === hook.self));
}
