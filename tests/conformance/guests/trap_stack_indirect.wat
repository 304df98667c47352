;; Two functions call each other without end, through a table.
(module
  (memory (export "memory") 1 256)
  (table 2 2 funcref)
  (elem (i32.const 0) func $ping $pong)
  (type $step (func (param i32) (result i32)))
  (func $ping (type $step) (call_indirect (type $step) (local.get 0) (i32.const 1)))
  (func $pong (type $step) (call_indirect (type $step) (local.get 0) (i32.const 0)))
  (func (export "coordinator_abi") (result i32) i32.const 1)
  (func (export "coordinator_alloc") (param i32) (result i32) i32.const 1024)
  (func (export "coordinator_call") (param i32 i32) (result i64)
    (i64.extend_i32_u (call $ping (i32.const 0)))))
