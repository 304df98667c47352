;; The contract between a host and a module, version 1, as WebAssembly text: what abi.md says in words. This module loads as a
;; policy and answers an error, whatever it is asked. The core has the same exports, more memory, and no _initialize.

(module
  ;; Nothing is imported: no clock, no random numbers, no files. What a module knows it was given as JSON.

  ;; The module's memory. It must declare a maximum: at most 256 pages (16 MiB) for a policy, 1,024 (64 MiB) for the core. The host
  ;; copies bytes into it and out of it, and never reads or writes a number there.
  (memory (export "memory") 2 256)

  ;; An answer lies anywhere in the memory; this one is all that this module ever says.
  (data (i32.const 8) "{\22error\22:{\22code\22:\22bad_input\22,\22message\22:\22not written yet\22,\22path\22:\22op\22}}")

  ;; Called once, before anything else, if it is there: what TinyGo and C++ need. AssemblyScript, Rust and C leave it out.
  (func (export "_initialize"))

  ;; The version of this contract. A function, since a constant that Rust or C exports is an address.
  (func (export "coordinator_abi") (result i32)
    (i32.const 1))

  ;; Given the length of the next input in bytes, answers the address at which the host may put it, or 0 to refuse. The address is
  ;; unsigned. Nothing is ever freed: an instance serves one hook or one decision. (This module has one place, of one page.)
  (func (export "coordinator_alloc") (param $length i32) (result i32)
    (select
      (i32.const 65536)
      (i32.const 0)
      (i32.le_u (local.get $length) (i32.const 65536))))

  ;; Given the address and the length of an input, UTF-8 JSON, answers where the answer lies, UTF-8 JSON too: its address in the
  ;; upper 32 bits and its length in the lower, both unsigned. The host copies it before it calls again.
  (func (export "coordinator_call") (param $address i32) (param $length i32) (result i64)
    (i64.or
      (i64.shl (i64.const 8) (i64.const 32))
      (i64.const 70))))
