/** Writing the core's answers (host/abi.md): what it is, the view after an operation, and the effects at the end. */
import { EMPTY } from "../json/slice";
import { Text } from "../json/text";
import { bytesOf, t, Word } from "../json/word";
import { Writer } from "../json/writer";
import { RULES } from "../policy/policy";
import * as asks from "./asks";
import { writeExtra, writeRequests, writeSaved } from "./databag";
import { Decision } from "./decision";
import { Hook, IN_SETTINGS } from "./hook";
import { byLock, Entry } from "./unit";

export const VERSION: Word = t("0.1.0");

const OPS: Word = t(
  '"describe", "check", "start", "acquire", "withdraw", "status", "end", "answer"',
);

export function writeDescription(answer: Writer): void {
  const out = answer.object().key(t("ok")).object().key(t("kind")).word(t("core"));
  out
    .key(t("name"))
    .word(t("charm-coordinator"))
    .key(t("version"))
    .word(VERSION)
    .key(t("abi"))
    .whole(1);
  out.key(t("ops")).list().raw(bytesOf(OPS)).endList();
  out.key(t("rules")).list().raw(bytesOf(RULES)).endList();
  out.key(t("asks")).list();
  for (let what = asks.SAVED; what <= asks.LEADER; what++) out.word(asks.askName(what));
  out.endList().endObject().endObject();
}

export function writeView(hook: Hook, answer: Writer): void {
  wantFlags(hook);
  const out = answer.object().key(t("ok")).object();
  writeLocks(hook, true, out.key(t("granted")));
  writeLocks(hook, false, out.key(t("requested")));
  out.key(t("leading")).bool(hook.isLeading).key(t("flags")).object();
  hook.flags.writeChanges(out);
  out.endObject();
  closeOk(hook, out);
}

export function writeEffects(
  hook: Hook,
  decision: Decision,
  released: Array<Entry>,
  answer: Writer,
): void {
  const out = answer.object().key(t("ok")).object().key(t("effects")).list();
  wantFlags(hook);
  if (hook.flags.hasChanges) {
    hook.flags.writeChanges(effect(out, t("flags")));
    out.endObject();
  }
  if (hook.isChanged) writeOwn(hook, out);
  const writes = hook.isDirty && hook.canDecide;
  if (writes) {
    const isInSettings = hook.store === IN_SETTINGS;
    const queue = decision.waiting();
    effect(out, isInSettings ? t("settings") : t("application")).key(t("values"));
    if (isInSettings) hook.grants.writeSettings(hook.policy, queue, out);
    else hook.grants.writeApplication(hook.policy, queue, out);
    out.endObject();
  }
  out.endList().key(t("released")).list();
  for (let i = 0; i < released.length; i++) out.string(hook.ledger.lockNames.at(released[i].lock));
  out.endList().key(t("grants")).list();
  writeMade(hook, decision.published, out);
  if (writes) writeMade(hook, decision.made, out);
  out.endList();
  closeOk(hook, out);
}

function effect(out: Writer, what: Word): Writer {
  return out.object().key(t("do")).word(what);
}

/** This unit's own data: to its databag, or to the saved state while there is no peer relation. */
function writeOwn(hook: Hook, out: Writer): void {
  const locks = hook.ledger.lockNames;
  if (hook.hasRelation) {
    const databag = effect(out, t("databag")).key(t("values")).object();
    databag.name(hook.keys.plain).string(writeRequests(hook.self, locks));
    databag.name(hook.keys.extra).string(writeExtra(hook.self, locks)).endObject().endObject();
    if (hook.hasSaved) effect(out, t("saved")).key(t("value")).string(EMPTY).endObject();
  } else {
    effect(out, t("saved")).key(t("value")).string(writeSaved(hook.self, locks)).endObject();
  }
}

/** Tells of grants to other units. */
function writeMade(hook: Hook, made: Array<Entry>, out: Writer): void {
  for (let i = 0; i < made.length; i++) {
    const grant = made[i];
    if (grant.unit === hook.self) continue;
    const lock = hook.ledger.lockNames.at(grant.lock);
    out.object().key(t("unit")).string(grant.unit.name).key(t("lock")).string(lock).endObject();
    hook.report.line(
      t("INFO"),
      new Text().ascii(t("grants ")).bytes(lock).ascii(t(" to ")).bytes(grant.unit.name),
    );
  }
}

/** What every answer but `status` ends with: problems and log. */
function closeOk(hook: Hook, out: Writer): void {
  hook.report.writeProblems(out);
  hook.report.writeLog(out);
  out.endObject().endObject();
}

function writeLocks(hook: Hook, held: bool, out: Writer): void {
  const requests = byLock(hook.self.requests, hook.ledger.lockNames);
  out.list();
  for (let i = 0; i < requests.length; i++) {
    if (hook.isHeld(requests[i].lock) === held)
      out.string(hook.ledger.lockNames.at(requests[i].lock));
  }
  out.endList();
}

function wantFlags(hook: Hook): void {
  hook.flags.reset();
  let request = hook.self.requests;
  while (request !== null) {
    const held = hook.isHeld(request.lock);
    if (!held || hook.isHook) hook.flags.want(hook.ledger.lockNames.at(request.lock), held);
    request = request.next;
  }
}
