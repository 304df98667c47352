;; Would show the host a global of its own in place of the fuel.
(module
  (memory (export "memory") 1 256)
  (global (export "coordinator_fuel") i64 (i64.const 1))
  (func (export "coordinator_abi") (result i32) i32.const 1)
  (func (export "coordinator_alloc") (param i32) (result i32) i32.const 1024)
  (func (export "coordinator_call") (param i32 i32) (result i64) (i64.const 0)))
