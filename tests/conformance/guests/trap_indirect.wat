;; Calls an empty slot of its table.
(module
  (memory (export "memory") 1 256)
  (func (export "coordinator_abi") (result i32) i32.const 1)
  (func (export "coordinator_alloc") (param i32) (result i32) i32.const 1024)
  (table 1 funcref)
  (type $nothing (func))
  (func (export "coordinator_call") (param i32 i32) (result i64)
    (call_indirect (type $nothing) (i32.const 0))
    i64.const 0))
