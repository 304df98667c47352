/** Lists of strings, as a document holds them. */
import { ARRAY, firstOf, isString, kindOf, Node, nextOf, nextString, textOf } from "./document";
import { equal, Slice } from "./slice";

/** Whether a value is a list, and every item of it a string. */
export function areStrings(node: Node): bool {
  if (kindOf(node) !== ARRAY) return false;
  const stop = nextOf(node);
  let item = firstOf(node);
  while (item < stop && inline.always(isString(item))) item = nextString(item);
  return item === stop;
}

/** Whether a text is in a list of strings; in none, where the list is NONE. */
export function contains(list: Node, text: Slice): bool {
  const stop = nextOf(list);
  let item = firstOf(list);
  while (item < stop && !equal(inline.always(textOf(item)), text)) item = nextString(item);
  return item < stop;
}
