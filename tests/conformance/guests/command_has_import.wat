;; A command that wants to close a connection.
(module
  (import "wasi_snapshot_preview1" "sock_shutdown" (func (param i32 i32) (result i32)))
  (memory (export "memory") 1)
  (func (export "_start")))
