;; NaN is no integer. (Engines disagree on the code for a number that is too large; the guest keeps out of that.)
(module
  (memory (export "memory") 1 256)
  (func (export "coordinator_abi") (result i32) i32.const 1)
  (func (export "coordinator_alloc") (param i32) (result i32) i32.const 1024)
  (func (export "coordinator_call") (param i32 i32) (result i64)
    (i64.trunc_f64_s (f64.const nan))))
