/**
 * Sorts numbers, or objects as the numbers that their addresses are: merge sort, stable, N log N whatever the input. One function
 * for all that is sorted; the standard library's would stand in the module once for every type.
 */
export function sort(items: Array<i32>, compare: (a: i32, b: i32) => i32): void {
  const length = items.length;
  let from = new StaticArray<i32>(length);
  let to = new StaticArray<i32>(length);
  for (let i = 0; i < length; i++) from[i] = items[i];
  for (let width = 1; width < length; width *= 2) {
    for (let start = 0; start < length; start += 2 * width) {
      const middle = min(start + width, length);
      const stop = min(start + 2 * width, length);
      let left = start;
      let right = middle;
      for (let i = start; i < stop; i++) {
        const takesLeft = left < middle && (right >= stop || compare(from[left], from[right]) <= 0);
        to[i] = takesLeft ? from[left++] : from[right++];
      }
    }
    const sorted = to;
    to = from;
    from = sorted;
  }
  for (let i = 0; i < length; i++) items[i] = from[i];
}
