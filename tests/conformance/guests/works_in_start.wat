;; A good one that is only ready to answer when its start function, and then _initialize, have run.
(module
  (memory (export "memory") 1 256)
  (global $ready (mut i32) (i32.const 0))
  (func $start
    (local $i i32)
    (loop $again
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br_if $again (i32.lt_u (local.get $i) (i32.const 1000))))
    (global.set $ready (local.get $i)))
  (start $start)
  (func (export "_initialize")
    (if (i32.ne (global.get $ready) (i32.const 1000)) (then unreachable))
    (global.set $ready (i32.const 1)))
  (func (export "coordinator_abi") (result i32) i32.const 1)
  (func (export "coordinator_alloc") (param i32) (result i32) i32.const 1024)
  (func (export "coordinator_call") (param $address i32) (param $length i32) (result i64)
    (if (i32.ne (global.get $ready) (i32.const 1)) (then unreachable))
    (i64.or
      (i64.shl (i64.extend_i32_u (local.get $address)) (i64.const 32))
      (i64.extend_i32_u (local.get $length)))))
