"""The adapter to wasm3 (pywasm3), an interpreter in C for machines without wasmtime.

It looks at no clock: a policy is stopped by its fuel alone.
"""

from __future__ import annotations

from collections.abc import Container, Sequence
from typing import Any

import wasm3

from charm_coordinator import binary, engine

# wasm3 has no codes for traps, only words; what is not found here is `unknown`.
_TRAPS = {
    '[trap] unreachable': 'unreachable',
    '[trap] out of bounds memory': 'out_of_bounds',
    '[trap] integer divide by zero': 'divide_by_zero',
    '[trap] integer overflow': 'integer_overflow',
    '[trap] invalid conversion': 'bad_conversion',
    '[trap] indirect call type mismatch': 'bad_indirect_call',
    '[trap] undefined element': 'bad_indirect_call',
    '[trap] uninitialized element': 'bad_indirect_call',
    '[trap] null': 'bad_indirect_call',
    '[trap] stack overflow': 'stack_overflow',
}

_STACK = 1 << 20


def compile_module(wasm: bytes, limits: engine.Limits) -> Wasm3Program:
    """Checks a file; it is compiled with each instance.

    Raises:
        engine.InvalidError
    """
    make: Any = wasm3
    environment = make.Environment()
    try:
        environment.parse_module(wasm)
    except RuntimeError as error:
        raise engine.InvalidError(str(error)) from None
    return Wasm3Program(environment, wasm)


class Wasm3Program:
    """A module as wasm3 has read it."""

    def __init__(self, environment: Any, wasm: bytes):
        self._environment = environment
        self._wasm = wasm

    @property
    def imports(self) -> bool:
        """Whether it imports anything."""
        return binary.read_first_import(self._wasm) is not None

    @property
    def exports(self) -> Container[str]:
        """The names that it exports."""
        return binary.read_exports(self._wasm)

    def instantiate(
        self, seconds: float | None, given: Sequence[engine.Import] = ()
    ) -> Wasm3Running:
        """Makes an instance, and runs the module's start function."""
        return Wasm3Running(self._environment, self._wasm, given)


class Wasm3Running:
    """One instance in a runtime of its own."""

    def __init__(self, environment: Any, wasm: bytes, given: Sequence[engine.Import]):
        self._runtime = environment.new_runtime(_STACK)
        # A module belongs to the one runtime that loads it.
        self._module = environment.parse_module(wasm)
        _translate(self._runtime.load, self._module)
        # What the module does not import, wasm3 passes over.
        for one in given:
            _translate(self._module.link_function, one.module, one.name, one.type, one.run)

    def call(self, name: str, args: tuple[int, ...], seconds: float | None) -> int:
        """Calls an export; its result, 0 if it has none."""
        function = _translate(self._runtime.find_function, name)
        return _translate(function, *args) or 0

    def value(self, name: str) -> int:
        """The value of an exported global, signed."""
        return self._module.get_global(name)

    def size(self) -> int:
        """Bytes that the memory has now."""
        return len(self._runtime.get_memory(0))

    def read(self, address: int, length: int) -> bytes:
        """A copy of a part of the memory."""
        return bytes(self._runtime.get_memory(0)[address : address + length])

    def write(self, address: int, data: bytes) -> None:
        """Copies into the memory."""
        self._runtime.get_memory(0)[address : address + len(data)] = data


def _translate(run: Any, *args: Any) -> Any:
    try:
        return run(*args)
    except RuntimeError as error:
        message = str(error)
        found = (code for words, code in _TRAPS.items() if message.startswith(words))
        raise engine.TrapError(next(found, 'unknown'), message) from None
