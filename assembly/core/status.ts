/** What `status` shows: who holds, who waits in which place and why, and what the waiting will end with. */
import { Slice } from "../json/slice";
import { Text } from "../json/text";
import { Decision } from "./decision";
import { holders } from "./grants";
import { Hook, IN_SETTINGS } from "./hook";
import { ALL_OWN } from "./ledger";
import { writeTime } from "./time";
import { byLock, Entry, entryOf } from "./unit";

export function writeStatus(hook: Hook, decision: Decision, out: Text): void {
  const policy = new Text();
  hook.policy.writeName(policy);
  out.ascii('{"unit": ').string(hook.self.name).ascii(', "leading": ').bool(hook.isLeading);
  out.ascii(', "policy": ').string(policy.slice()).ascii(', "hold": ').string(holdOf(hook));
  writeRequestsOf(hook, out.ascii(', "requests": '));
  writeHolders(hook, out.ascii(', "holders": '));
  writeQueue(hook, decision, out.ascii(', "queue": '));
  out.ascii(', "awaits": ').string(awaitsOf(hook));
  hook.report.writeProblems(out.ascii(', "problems": '));
  out.byte(0x7d);
}

/** Why nothing can be decided at all; empty if it can. */
function holdOf(hook: Hook): Slice {
  const out = new Text();
  if (hook.grants.fault.length > 0)
    out.ascii("the grants cannot be read: ").bytes(hook.grants.fault.slice());
  else if (hook.grants.isNewer) out.ascii("the grants were written by a newer version");
  else if (!hook.policy.isValid)
    out.ascii("the policy is not valid: ").bytes(hook.policy.fault.slice());
  else if (!hook.hasRelation && hook.store !== IN_SETTINGS)
    out.ascii("there is no peer relation yet");
  return out.slice();
}

function writeRequestsOf(hook: Hook, out: Text): void {
  const requests = byLock(hook.self.requests, hook.ledger.lockNames);
  out.byte(0x5b);
  for (let i = 0; i < requests.length; i++) {
    out.ascii(i > 0 ? ', {"lock": ' : '{"lock": ');
    writeLockAndId(hook, requests[i], out);
    out.ascii(', "granted": ').bool(hook.isHeld(requests[i].lock)).byte(0x7d);
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
        .ascii(count > 0 ? ', {"unit": ' : '{"unit": ')
        .string(units[i].name)
        .ascii(', "lock": ');
      writeLockAndId(hook, grants[j], out);
      if (hook.isLeading) out.ascii(', "member": ').bool(units[i].member);
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
      rule.ascii("leader");
      reason.ascii("waits for the leader");
    } else if (decision.permits(request, tally, rule, reason)) {
      rule.ascii("leader");
      reason.ascii(
        hook.canDecide ? "may be granted at the end of this hook" : "nothing can be decided now",
      );
      tally.addHolder(request.unit.number, request.lock);
    }
    out
      .ascii(i > 0 ? ', {"position": ' : '{"position": ')
      .number(hook.isLeading ? <u64>(i + 1) : 0);
    out.ascii(', "unit": ').string(request.unit.name).ascii(', "lock": ');
    writeLockAndId(hook, request, out);
    out
      .ascii(', "rule": ')
      .string(rule.slice())
      .ascii(', "reason": ')
      .string(reason.slice())
      .byte(0x7d);
  }
  out.byte(0x5d);
}

function writeLockAndId(hook: Hook, entry: Entry, out: Text): void {
  out.string(hook.ledger.lockNames.at(entry.lock)).ascii(', "id": "');
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
      .ascii(" is not in the relation and holds ")
      .bytes(hook.ledger.lockNames.at(grant.lock));
    out.ascii("; looked at again at update-status");
  } else if (hook.self.requests !== null && !hook.isLeading) {
    out.ascii(
      hook.store === IN_SETTINGS
        ? "the leader's grant, by leader-settings-changed"
        : "the leader's grant, by relation-changed",
    );
  } else if (waitsAlone(hook)) {
    out.ascii("update-status on this unit");
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
