/** The functions of the contract (host/abi.md), for a policy's own file to export. One instance serves one call; nothing is freed in it. */
import { addressOf, alloc, lengthOf, sliceOf } from "../json/slice";
import { MAX_TEXT } from "./module/decision";
import { call } from "./module/module";

export function coordinator_abi(): i32 {
  return 1;
}

export function coordinator_alloc(length: i32): i32 {
  return length < 0 || length > MAX_TEXT ? 0 : <i32>alloc(length);
}

export function coordinator_call(address: i32, length: i32): i64 {
  const answer = call(sliceOf(<usize>(<u32>address), length));
  return <i64>(((<u64>addressOf(answer)) << 32) | <u64>lengthOf(answer));
}
