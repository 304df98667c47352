/**
 * The runtime under the core: an arena that only grows, since one instance serves one hook; only room for a moment is given back. The build puts it
 * in the place of AssemblyScript's own stub (scripts/asc.mjs), whose blocks carry 20 bytes that nobody here reads.
 */

/** AssemblyScript's own code reads an object's class and size from right before it. */
const HEADER: usize = 8;

/** The next free byte, a multiple of 8. What lies behind it is zero: it was never written, or has been cleared before it was given back. */
let free: usize = (__heap_base + 7) & ~7;

/** Where the memory ends. */
let limit: usize = (<usize>memory.size()) << 16;

export function __alloc(size: usize): usize {
  const address = free;
  const next = (address + size + 7) & ~7;
  // A size near 4 GiB would wrap around.
  if (next > limit || next < address) extend(next);
  free = next;
  return address;
}

/** Takes back a block that has been cleared, and all that was given out after it. */
export function __free(address: usize): void {
  free = address;
}

function extend(end: usize): void {
  const missing = <i32>((end - limit + 0xffff) >> 16);
  // More than is needed, since a growth may cost the engine a copy, and room that is not used costs nearly nothing.
  const plenty = missing + memory.size() / 2;
  if (end < limit || (memory.grow(plenty) < 0 && memory.grow(missing) < 0)) unreachable();
  limit = (<usize>memory.size()) << 16;
}

export function __new(size: usize, id: u32): usize {
  const address = inline.always(__alloc(HEADER + size));
  store<u32>(address, id);
  store<u32>(address, <u32>size, 4);
  return address + HEADER;
}

/** A larger copy of an object. */
export function __renew(old: usize, size: usize): usize {
  const address = __new(size, load<u32>(old - HEADER));
  memory.copy(address, old, <usize>load<u32>(old - 4));
  return address;
}

export function __link(parent: usize, child: usize, expectMultiple: bool): void {}
