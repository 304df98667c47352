/**
 * The core's face to a host: the four functions of the contract (host/abi.md). One instance serves one hook; nothing is freed in it.
 */
import { addressOf, alloc, lengthOf, sliceOf } from "../json/slice";
import { Coordinator } from "./coordinator";

/** What must be left of the memory for the work on an input, beyond the input itself: twice its size and a bit. */
const WORK: i32 = 3;
const MAX_MEMORY: i32 = 64 << 20;

const coordinator: Coordinator = new Coordinator();

export function coordinator_abi(): i32 {
  return 1;
}

export function coordinator_alloc(length: i32): i32 {
  if (length < 0 || length > (MAX_MEMORY - <i32>heap.alloc(0)) / WORK) return 0;
  return <i32>alloc(length);
}

export function coordinator_call(address: i32, length: i32): i64 {
  const answer = coordinator.call(sliceOf(<usize>(<u32>address), length));
  return <i64>(((<u64>addressOf(answer)) << 32) | <u64>lengthOf(answer));
}
