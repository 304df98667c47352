;; Takes all the memory it can get, then more. The declared maximum must stop it.
(module
  (memory (export "memory") 1 256)
  (func (export "coordinator_abi") (result i32) i32.const 1)
  (func (export "coordinator_alloc") (param i32) (result i32) i32.const 1024)
  (func (export "coordinator_call") (param i32 i32) (result i64)
    (loop $again
      (br_if $again (i32.ne (memory.grow (i32.const 1)) (i32.const -1))))
    (if (i32.ne (memory.size) (i32.const 256)) (then (return (i64.const 0))))
    unreachable))
