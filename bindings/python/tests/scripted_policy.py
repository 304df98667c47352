"""Policy modules that give prepared answers, for tests of what the binding does with them."""

from __future__ import annotations

import json
from typing import Any

import wasmtime

LOOP = '(loop (br 0)) (unreachable)'
TRAP = '(unreachable)'

_DEFAULTS: dict[str, Any] = {
    'describe': {'ok': {'kind': 'policy', 'name': 'scripted', 'version': '1'}},
    'check': {'ok': {}},
    'decide': {'ok': {'grant': []}},
}

# {"op":"describe"}, {"op":"check", {"op":"decide": the letters at 7 and 9 tell them apart.
_MODULE = """(module
  (memory (export "memory") 32 256)
  (func (export "coordinator_abi") (result i32) i32.const 1)
  (func (export "coordinator_alloc") (param i32) (result i32) i32.const 65536)
  (func (export "coordinator_call") (param i32 i32) (result i64)
    (if (i32.eq (i32.load8_u offset=7 (local.get 0)) (i32.const 99)) (then (return {check})))
    (if (i32.eq (i32.load8_u offset=9 (local.get 0)) (i32.const 115)) (then (return {describe})))
    {decide})
  {data})"""


def scripted_policy(**script: Any) -> bytes:
    """The file of such a module.

    Args:
        script: what it answers to ``describe``, ``check`` and ``decide``: a text as it is
            WebAssembly to run, all else as JSON.
    """
    address = 4096
    data: list[str] = []
    code: dict[str, str] = {}
    for op, reply in {**_DEFAULTS, **script}.items():
        if isinstance(reply, str):
            code[op] = reply
            continue
        answer = json.dumps(reply).encode()
        text = ''.join(f'\\{byte:02x}' for byte in answer)
        data.append(f'(data (i32.const {address}) "{text}")')
        code[op] = f'(i64.const {address << 32 | len(answer)})'
        address += len(answer)
    return bytes(wasmtime.wat2wasm(_MODULE.format(**code, data='\n'.join(data))))
