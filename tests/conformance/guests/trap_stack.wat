;; Calls itself without end.
(module
  (memory (export "memory") 1 256)
  (func (export "coordinator_abi") (result i32) i32.const 1)
  (func (export "coordinator_alloc") (param i32) (result i32) i32.const 1024)
  (func $deeper (export "coordinator_call") (param i32 i32) (result i64)
    (i64.add (i64.const 1) (call $deeper (local.get 0) (local.get 1)))))
