/**
 * The runtime under the core: an arena that only grows, since one instance serves one hook and nothing is freed in it. The build puts it
 * in the place of AssemblyScript's own stub (scripts/asc.mjs), whose blocks carry 20 bytes that nobody here reads.
 */

/** AssemblyScript's own code reads an object's class and size from right before it. */
const HEADER: usize = 8;

/** The next free byte, a multiple of 8. What lies behind it was never written, so all that is given out is zero. */
let free: usize = (__heap_base + 7) & ~7;

export function __alloc(size: usize): usize {
  const address = free;
  // A size near 4 GiB must not wrap around to a small one.
  if (size > <usize>i32.MAX_VALUE) unreachable();
  free = (address + size + 7) & ~7;
  const missing = <i32>((free + 0xffff) >> 16) - memory.size();
  // At least as much again: each growth may cost the engine a copy.
  if (missing > 0 && memory.grow(max(missing, memory.size())) < 0 && memory.grow(missing) < 0)
    unreachable();
  return address;
}

export function __new(size: usize, id: u32): usize {
  const address = __alloc(HEADER + size);
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
