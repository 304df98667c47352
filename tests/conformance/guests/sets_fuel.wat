;; Would fill up the fuel: it has no global 0, but the first one that is added to it has this number.
(module
  (memory (export "memory") 1 256)
  (func (export "coordinator_abi") (result i32) i32.const 1)
  (func (export "coordinator_alloc") (param i32) (result i32) i32.const 1024)
  (func (export "coordinator_call") (param i32 i32) (result i64)
    (loop $again (global.set 0 (i64.const 1000000)) (br $again))
    unreachable))
