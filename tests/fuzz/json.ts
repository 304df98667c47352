/**
 * The core's JSON reader beside V8's: it must take what V8 takes, but for what it refuses on purpose (a key twice, half a surrogate
 * pair, a depth of more than 64), and nothing else.
 *
 * @module
 */

import { isUtf8 } from "node:buffer";
import fc from "fast-check";
import { damage, damaged, deep } from "./grammar.js";
import { Guest } from "./guest.js";

/** Inputs for one instance: nothing in it is ever freed. */
const inputsOfInstance = 64;
const mostDepth = 64;

/** Whether the core should take this text as JSON. */
export function isStrictJson(bytes: Uint8Array): boolean {
  if (!isUtf8(bytes)) return false;
  const text = Buffer.from(bytes).toString();
  try {
    JSON.parse(text);
  } catch {
    return false;
  }
  return isStrict(text);
}

const token = /"(?:[^"\\]|\\.)*"|[[\]{}:,]/g;

/** Of a text that is JSON: no key twice in one object, no half of a surrogate pair, not too deep. */
function isStrict(text: string): boolean {
  const open: (Set<string> | null)[] = [];
  let last = "";
  for (const [found] of text.matchAll(token)) {
    if (found === "[" || found === "{") open.push(found === "{" ? new Set() : null);
    else if (found === "]" || found === "}") open.pop();
    else if (found.startsWith('"')) {
      last = JSON.parse(found);
      if (/\p{Cs}/u.test(last)) return false;
    } else if (found === ":") {
      const keys = open.at(-1)!;
      if (keys!.has(last)) return false;
      keys!.add(last);
    }
    if (open.length > mostDepth) return false;
  }
  return true;
}

/** JSON, or nearly, alone or in an operation that takes it. */
export const inputs = fc
  .tuple(deep, damage, fc.boolean())
  .map(([text, what, isWhole]) =>
    isWhole ? damaged(text, what) : damaged(`{"op":"describe","x":${text}}`, what),
  );

/** @throws Error where the two readers differ. */
export function checkJson(guest: Guest, bytes: Uint8Array): void {
  const answer = guest.call(bytes);
  const isRefused = "error" in answer && answer.error.code === "bad_json";
  if (isRefused === isStrictJson(bytes)) {
    throw new Error(`${isRefused ? "refused" : "taken"}: ${JSON.stringify(answer)}`);
  }
}

/** A property of one input; instances are shared by some. */
export function jsonProperty(): fc.IProperty<[Buffer]> {
  let guest = new Guest();
  let left = inputsOfInstance;
  return fc.property(inputs, (bytes) => {
    if (left-- === 0) {
      guest = new Guest();
      left = inputsOfInstance;
    }
    checkJson(guest, bytes);
  });
}
