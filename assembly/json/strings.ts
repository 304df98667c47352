/** Lists of strings, as a document holds them. */
import { ARRAY, firstOf, kindOf, Node, nextOf, STRING, textOf } from "./document";
import { equal, Slice } from "./slice";

/** Whether a value is a list, and every item of it a string. */
export function areStrings(node: Node): bool {
  if (kindOf(node) !== ARRAY) return false;
  const stop = nextOf(node);
  for (let item = firstOf(node); item < stop; item = inline.always(nextOf(item))) {
    if (inline.always(kindOf(item)) !== STRING) return false;
  }
  return true;
}

/** Whether a text is in a list of strings; in none, where the list is NONE. */
export function contains(list: Node, text: Slice): bool {
  const stop = nextOf(list);
  for (let item = firstOf(list); item < stop; item = inline.always(nextOf(item))) {
    if (inline.always(equal(inline.always(textOf(item)), text))) return true;
  }
  return false;
}
