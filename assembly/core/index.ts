export function coordinator_abi(): i32 {
  return 1;
}
