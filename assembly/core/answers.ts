/** Writing the core's answers (host/abi.md): what it is, the view after an operation, and the effects at the end. */
import { EMPTY, Slice } from "../json/slice";
import { fill } from "../json/text";
import { bytesOf, t, Word } from "../json/word";
import { Writer } from "../json/writer";
import { RULES } from "../policy/rule";
import { VERSION } from "../version";
import { ASKS } from "./asks";
import { writeExtra, writeRequests, writeSaved } from "./databag";
import { Decision } from "./decision";
import { Hook, IN_SETTINGS } from "./hook";
import { byLock, Entry } from "./unit";

/** The names of the operations, each in the place of its number. */
export const OPS: Word = t("describe check start acquire withdraw status end answer");

export function writeDescription(answer: Writer): void {
  const out = answer
    .object()
    .key(t("ok"))
    .object()
    .field(t("kind"), bytesOf(t("core")));
  out.field(t("name"), bytesOf(t("charm-coordinator"))).field(t("version"), bytesOf(VERSION));
  out.key(t("abi")).whole(1).key(t("ops")).words(OPS);
  out.key(t("rules")).words(RULES).key(t("asks")).words(ASKS);
  out.endObject().endObject();
}

export function writeError(code: Word, message: Slice, path: Word, answer: Writer): void {
  writeErrorAt(code, message, bytesOf(path), answer);
}

export function writeErrorAt(code: Word, message: Slice, path: Slice, answer: Writer): void {
  const out = answer.object().key(t("error")).object().field(t("code"), bytesOf(code));
  out.field(t("message"), message).field(t("path"), path).endObject().endObject();
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
  if (hook.isDirty) {
    const isInSettings = hook.store === IN_SETTINGS;
    const queue = decision.waiting();
    effect(out, isInSettings ? t("settings") : t("application")).key(t("values"));
    if (isInSettings) hook.grants.writeSettings(hook.policy, queue, out);
    else hook.grants.writeApplication(hook.policy, queue, out);
    out.endObject();
  }
  out.endList().key(t("released")).list();
  for (let i = 0; i < released.length; i++) out.string(hook.lockName(released[i]));
  out.endList().key(t("grants")).list();
  writeMade(hook, decision.published, out);
  if (hook.isDirty) writeMade(hook, decision.made, out);
  out.endList();
  closeOk(hook, out);
}

function effect(out: Writer, what: Word): Writer {
  return out.object().field(t("do"), bytesOf(what));
}

/** This unit's own data: to its databag, or to the saved state while there is no peer relation. */
function writeOwn(hook: Hook, out: Writer): void {
  const locks = hook.ledger.lockNames;
  const self = hook.self;
  if (hook.hasRelation) {
    const databag = effect(out, t("databag")).key(t("values")).object();
    writeRequests(self, locks, databag.name(hook.keys.plain).beginText()).endText();
    writeExtra(self, locks, databag.name(hook.keys.extra).beginText()).endText();
    databag.endObject().endObject();
    if (hook.hasSaved) effect(out, t("saved")).field(t("value"), EMPTY).endObject();
  } else {
    const value = effect(out, t("saved")).key(t("value")).beginText();
    writeSaved(self, locks, value).endText().endObject();
  }
}

/** Tells of grants to other units. */
function writeMade(hook: Hook, made: Array<Entry>, out: Writer): void {
  for (let i = 0; i < made.length; i++) {
    const grant = made[i];
    if (grant.unit === hook.self) continue;
    const lock = hook.lockName(grant);
    out.object().field(t("unit"), grant.unit.name).field(t("lock"), lock).endObject();
    hook.report.line(t("INFO"), fill(t("grants {} to {}"), lock, grant.unit.name));
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
    if (hook.isHeld(requests[i].lock) === held) out.string(hook.lockName(requests[i]));
  }
  out.endList();
}

function wantFlags(hook: Hook): void {
  hook.flags.reset();
  let request = hook.self.requests;
  while (request !== null) {
    const held = hook.isHeld(request.lock);
    if (!held || hook.isHook) hook.flags.want(hook.lockName(request), held);
    request = request.next;
  }
}
