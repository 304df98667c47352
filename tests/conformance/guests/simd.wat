;; Uses what not every engine has.
(module
  (memory (export "memory") 1 256)
  (func (export "coordinator_abi") (result i32) i32.const 1)
  (func (export "coordinator_alloc") (param i32) (result i32) i32.const 1024)
  (func (export "coordinator_call") (param i32 i32) (result i64)
    (i64x2.extract_lane 0 (v128.const i64x2 0 0))))
