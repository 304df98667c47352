/** Between the bytes of JSON and AssemblyScript's own strings, which are UTF-16: authors of policies write with the latter. */
import { addressOf, alloc, EMPTY, lengthOf, Slice, sliceOf } from "../../json/slice";

/** What a unit of UTF-16 takes in UTF-8, at the most. */
const MOST_BYTES: i32 = 3;

export function stringOf(slice: Slice): string {
  return String.UTF8.decodeUnsafe(addressOf(slice), <usize>lengthOf(slice));
}

/** The UTF-8 bytes of a string, EMPTY for none; half a surrogate pair, which is no text, becomes U+FFFD. */
export function sliceOfString(text: string): Slice {
  if (text.length === 0) return EMPTY;
  const to = alloc(text.length * MOST_BYTES);
  const length = String.UTF8.encodeUnsafe(
    changetype<usize>(text),
    text.length,
    to,
    false,
    String.UTF8.ErrorMode.REPLACE,
  );
  return sliceOf(to, <i32>length);
}
