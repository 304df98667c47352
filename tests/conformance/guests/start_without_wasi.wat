;; A program that can neither read nor answer: it is taken for a module.
(module
  (memory (export "memory") 1 256)
  (func (export "_start")))
