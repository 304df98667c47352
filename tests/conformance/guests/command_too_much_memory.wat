;; A command that begins with more memory than it may have.
(module
  (import "wasi_snapshot_preview1" "fd_write" (func (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 257)
  (func (export "_start")))
