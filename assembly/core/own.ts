/**
 * This unit's own side: what it asks for, holds and has done, and what has to be mended in it. Its databag is the one thing it may
 * always write, and the one thing it never reads as an old copy.
 */
import { EMPTY, lengthOf, Slice, tail } from "../json/slice";
import { fill } from "../json/text";
import { NO_TIME, Time, timeAfter } from "../json/time";
import { bytesOf, isText, placeOf, t, Word } from "../json/word";
import { readSaved, roomOf, sizeOf } from "./databag";
import { Hook } from "./hook";
import { Entry, entryOf, idOf } from "./unit";

const UNKNOWN: i32 = i32.MAX_VALUE;

/** Saved requests are looked for in the hooks that can be the first to see the peer relation, while nothing was ever written to it. */
export function mayHaveSaved(hook: Hook): bool {
  if (hook.self.hasV1 || !hook.isHook) return false;
  const isFirst = placeOf(hook.name, t("start config-changed upgrade-charm leader-elected")) >= 0;
  return isFirst || endsWith(hook.name, t("-relation-created"));
}

export function takeSaved(hook: Hook, text: Slice): void {
  if (lengthOf(text) === 0) return;
  hook.hasSaved = true;
  const fault = readSaved(hook.self, text, hook.ledger.lockNames);
  hook.self.read = true;
  hook.self.hasV1 = true;
  if (hook.self.isNewer) {
    const newer = bytesOf(t("the saved requests were written by a newer version"));
    hook.report.problem(t("unknown_version"), hook.self.name, hook.keys.plain, newer);
  } else if (fault !== EMPTY) {
    hook.report.problem(t("bad_saved"), hook.self.name, hook.keys.plain, fault);
  } else if (hook.hasRelation) {
    moveSaved(hook);
  }
}

/** Saved requests go to the databag with this hook; until then no other unit can see them. */
function moveSaved(hook: Hook): void {
  hook.isChanged = true;
  let request = hook.self.requests;
  while (request !== null) {
    request.committed = false;
    request = request.next;
  }
}

/** Brings this unit's own data in line with the grants that name it. */
export function settleOwn(hook: Hook): void {
  const self = hook.self;
  if (self.isNewer) return;
  const isLost = self.requestsFault !== EMPTY;
  const isDoneLost = self.extraFault !== EMPTY;
  const wasOld = !self.hasV1;
  const mayOperate = isLost && !wasOld && self.anew === 0;
  const isReleased = !isLost && (wasOld || isDoneLost);
  if (self.isQuarantined) {
    self.requestsFault = EMPTY;
    self.extraFault = EMPTY;
    // Juju 4 compares contents: the same bytes as before the damage would be no event, and leave the leader with its copy of that.
    self.anew = hook.now;
    hook.isChanged = true;
    hook.report.line(
      t("WARNING"),
      bytesOf(
        t(
          "this unit's unreadable data is written anew; what it had asked for may have to be asked again",
        ),
      ),
    );
  }
  self.hasV1 = self.hasV1 || hook.isChanged;
  self.read = true;
  let room = UNKNOWN;
  let grant = self.grants;
  while (grant !== null) {
    if (entryOf(self.requests, grant.lock) === null && idOf(self.done, grant.lock) < grant.id) {
      // A databag with thousands of locks may have been damaged; what does not fit into it stays granted to nobody's harm.
      if (room === UNKNOWN) room = roomOf(self, hook.ledger.lockNames);
      room -= sizeOf(hook.lockName(grant));
      if (room >= 0) settleGrant(hook, grant, mayOperate, isReleased, isDoneLost);
    }
    grant = grant.next;
  }
}

/**
 * A grant to this unit that it has no request for, and that its `done` does not call finished. One's own data is never an old copy,
 * so the request is lost. With a hook that failed (then the grant is marked, rule 8), or with data that is found broken now: it is
 * adopted, since an operation may have been cut short; but not where `done` is lost too and could say that it was finished, nor
 * where the data was broken before. Then this unit may have asked again meanwhile, with a greater id, and a leader that has seen that id
 * takes the grant away. Else, where `done` never was (after an upgrade from the old library) or cannot be read, the missing
 * request says that the lock was released: that becomes `done`. In all other cases the lock is asked for anew, which is always safe;
 * nobody else could ever drop the grant.
 */
function settleGrant(
  hook: Hook,
  grant: Entry,
  mayOperate: bool,
  isReleased: bool,
  isDoneLost: bool,
): void {
  const self = hook.self;
  if ((grant.marked || mayOperate) && !isDoneLost) {
    self.addRequest(grant.lock, grant.id);
    hook.isChanged = true;
    self.hasV1 = true;
    hook.report.line(
      t("INFO"),
      fill(t("takes up {} again, the request for which was lost"), hook.lockName(grant)),
    );
  } else if (isReleased && !grant.marked) {
    self.addDone(grant.lock, grant.id);
    // At once: a leader may have nothing else to tell it by, and all wait for this lock.
    self.hasV1 = true;
    hook.isChanged = true;
  } else {
    const id = nextId(hook, grant.lock);
    if (id !== NO_TIME) self.addRequest(grant.lock, id);
    self.anew = hook.now;
    hook.isChanged = true;
  }
}

/** Ids of one unit and lock strictly increase (rule 1), whatever the clock does. */
export function nextId(hook: Hook, lock: i32): Time {
  const self = hook.self;
  const least = max(max(idOf(self.done, lock), idOf(self.requests, lock)), idOf(self.grants, lock));
  return hook.now > least ? hook.now : timeAfter(least);
}

/** Request gone, `done` written: both in the same relation-set (rule 3). */
export function finish(hook: Hook, request: Entry): void {
  hook.self.removeRequest(request.lock);
  hook.self.addDone(request.lock, request.id);
  hook.self.hasV1 = true;
  hook.isChanged = true;
  hook.letGo(request);
}

export function waitsItself(hook: Hook): bool {
  if (!hook.canDecide) return false;
  let request = hook.self.requests;
  while (request !== null) {
    if (entryOf(hook.self.grants, request.lock) === null) return true;
    if (idOf(hook.self.grants, request.lock) !== request.id) return true;
    request = request.next;
  }
  return false;
}

function endsWith(text: Slice, end: Word): bool {
  const extra = lengthOf(text) - lengthOf(bytesOf(end));
  return extra >= 0 && isText(tail(text, extra), end);
}
