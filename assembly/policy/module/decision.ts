/**
 * One decision: line the queue up, ask about each request, and write down who is granted and why others wait. What does not fit into
 * an answer is left out: a grant waits for the next decision, a reason is not told.
 */
import { EMPTY, lengthOf, Slice } from "../../json/slice";
import { bytesOf, t } from "../../json/word";
import { Writer } from "../../json/writer";
import { Decider } from "./decider";
import { Request } from "./request";
import { State } from "./state";

/** The most bytes of an answer. */
export const MAX_TEXT: i32 = 1 << 20;
/** So many requests that wait are given a reason: more no person reads, and each costs. */
const MAX_REASONS: i32 = 1000;
/** What an answer has besides its entries, and an entry besides its texts. */
const FRAME: i32 = 256;
/** What a byte may become where it is escaped. */
const ESCAPED: i32 = 6;

export function decide(decider: Decider, state: State, out: Writer): void {
  decider.prepare(state);
  decider.lineUp(state);
  const waiting = new Array<Request>();
  out.object().key(t("grant")).list();
  for (let i = 0; i < state.queue.length; i++) {
    const request = state.queue[i];
    const isFull = !fits(request, EMPTY, out);
    if (!isFull && decider.permits(request, state)) {
      state.grant(request);
      writeNames(request, out).endObject();
    } else if (waiting.length < MAX_REASONS) {
      request.reason = isFull
        ? bytesOf(t("no more grants fit into one answer"))
        : decider.reasonBytes(request, state);
      waiting.push(request);
    }
  }
  out.endList().key(t("wait")).list();
  for (let i = 0; i < waiting.length; i++) {
    const request = waiting[i];
    if (request.reason !== EMPTY && fits(request, request.reason, out))
      writeNames(request, out).field(t("reason"), request.reason).endObject();
  }
  out.endList();
  if (state.retrySeconds > 0) out.key(t("retry_after")).whole(state.retrySeconds);
  out.endObject();
}

/** Whether an entry fits, however many of its bytes are escaped. */
function fits(request: Request, reason: Slice, out: Writer): bool {
  const room = MAX_TEXT - out.length - FRAME;
  const texts = lengthOf(request.unitBytes) + lengthOf(request.lockItself.bytes) + lengthOf(reason);
  return texts <= room / ESCAPED;
}

function writeNames(request: Request, out: Writer): Writer {
  return out
    .object()
    .field(t("unit"), request.unitBytes)
    .field(t("lock"), request.lockItself.bytes);
}
