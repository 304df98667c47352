"""The adapter to wasmtime, the engine used wherever it has a library for the machine."""

from __future__ import annotations

import atexit
import os
import threading
import weakref
from collections.abc import Callable, Sequence
from typing import Any

import wasmtime

from charm_coordinator import engine

_TRAPS = {
    'UNREACHABLE': 'unreachable',
    'MEMORY_OUT_OF_BOUNDS': 'out_of_bounds',
    'INTEGER_DIVISION_BY_ZERO': 'divide_by_zero',
    'INTEGER_OVERFLOW': 'integer_overflow',
    'BAD_CONVERSION_TO_INTEGER': 'bad_conversion',
    'TABLE_OUT_OF_BOUNDS': 'bad_indirect_call',
    'INDIRECT_CALL_TO_NULL': 'bad_indirect_call',
    'BAD_SIGNATURE': 'bad_indirect_call',
    'STACK_OVERFLOW': 'stack_overflow',
}

_MOST_TABLE = 100_000


def version() -> str:
    """The name and version under which wasmtime was installed; ``''`` if that is not known."""
    beside = os.path.dirname(os.path.dirname(wasmtime.__file__))
    names = (name for name in os.listdir(beside) if name.startswith('wasmtime-'))
    return min(names, default='')


# What is still open when the interpreter ends, wasmtime would try to close without its own
# functions, and write a traceback into the log of the hook.
_stores: weakref.WeakSet[wasmtime.Store] = weakref.WeakSet()
_programs: weakref.WeakSet[WasmtimeProgram] = weakref.WeakSet()


@atexit.register
def _close() -> None:
    for store in list(_stores):
        store.close()
    for program in list(_programs):
        program.close()


def compile_module(wasm: bytes, limits: engine.Limits) -> WasmtimeProgram:
    """Compiles a file.

    Raises:
        engine.InvalidError
    """
    runner = _make_engine(limits)
    try:
        # The text form, which wasmtime would take as well, is no module.
        if not wasm.startswith(b'\0asm'):
            raise engine.InvalidError('it does not begin as WebAssembly does')
        return WasmtimeProgram(runner, wasmtime.Module(runner, wasm), limits)
    except wasmtime.WasmtimeError as error:
        raise engine.InvalidError(str(error)) from None


def from_machine_code(code: bytes, limits: engine.Limits) -> WasmtimeProgram | None:
    """A program from its machine code, which nobody else may have written; None if it is stale."""
    runner = _make_engine(limits)
    try:
        return WasmtimeProgram(runner, wasmtime.Module.deserialize(runner, code), limits)
    except wasmtime.WasmtimeError:
        return None


def from_machine_code_in(path: str, limits: engine.Limits) -> WasmtimeProgram | None:
    """The same from a file, which is mapped into memory and so must stay as it is."""
    runner = _make_engine(limits)
    try:
        return WasmtimeProgram(runner, wasmtime.Module.deserialize_file(runner, path), limits)
    except wasmtime.WasmtimeError:
        return None


def _make_engine(limits: engine.Limits) -> wasmtime.Engine:
    config = wasmtime.Config()
    # wasmtime's own fuel is not that of the other engines (see `meter`). The clock is for machines
    # so slow that the fuel lasts longer.
    config.epoch_interruption = limits.time is not None
    return wasmtime.Engine(config)


class WasmtimeProgram:
    """A module that wasmtime has compiled."""

    def __init__(self, runner: wasmtime.Engine, module: wasmtime.Module, limits: engine.Limits):
        self._engine = runner
        self._module = module
        self._limits = limits
        # The epoch is the engine's: two instances would end each other's time.
        self.lock = threading.Lock()
        _programs.add(self)

    def machine_code(self) -> bytes:
        """What ``from_machine_code`` takes."""
        return bytes(self._module.serialize())

    def close(self) -> None:
        """Gives back what wasmtime keeps outside Python."""
        self._module.close()
        self._engine.close()

    @property
    def imports(self) -> bool:
        """Whether it imports anything."""
        return bool(self._module.imports)

    @property
    def exports(self) -> frozenset[str]:
        """The names that it exports."""
        return frozenset(export.name for export in self._module.exports)

    def instantiate(
        self, seconds: float | None, given: Sequence[engine.Import] = ()
    ) -> WasmtimeRunning:
        """Makes an instance, and runs the module's start function."""
        return WasmtimeRunning(self, self._engine, self._module, self._limits, seconds, given)


class WasmtimeRunning:
    """One instance in a store of its own."""

    def __init__(
        self,
        program: WasmtimeProgram,
        runner: wasmtime.Engine,
        module: wasmtime.Module,
        limits: engine.Limits,
        seconds: float | None,
        given: Sequence[engine.Import],
    ):
        self._program = program
        self._engine = runner
        self._store = wasmtime.Store(runner)
        _stores.add(self._store)
        self._store.set_limits(
            memory_size=limits.memory, table_elements=_MOST_TABLE, instances=1, memories=1
        )
        externs = self._externs(module, given)
        instance = self._within(seconds, lambda: wasmtime.Instance(self._store, module, externs))
        self._exports = instance.exports(self._store)
        memory = self._exports['memory']
        assert isinstance(memory, wasmtime.Memory)
        self._memory = memory

    def _externs(
        self, module: wasmtime.Module, given: Sequence[engine.Import]
    ) -> list[wasmtime.Func]:
        """What the module imports, in its order."""
        if not given:
            return []
        found = {(one.module, one.name): one for one in given}
        wanted = [found[one.module, one.name or ''] for one in module.imports]
        return [wasmtime.Func(self._store, _type_of(one.type), one.run) for one in wanted]

    def call(self, name: str, args: tuple[int, ...], seconds: float | None) -> int:
        """Calls an export; its result, 0 if it has none."""
        function = self._exports[name]
        assert isinstance(function, wasmtime.Func)
        return self._within(seconds, lambda: function(self._store, *args)) or 0

    def value(self, name: str) -> int:
        """The value of an exported global, signed."""
        found = self._exports[name]
        assert isinstance(found, wasmtime.Global)
        return int(found.value(self._store))

    def size(self) -> int:
        """Bytes that the memory has now."""
        return self._memory.data_len(self._store)

    def read(self, address: int, length: int) -> bytes:
        """A copy of a part of the memory."""
        return bytes(self._memory.read(self._store, address, address + length))

    def write(self, address: int, data: bytes) -> None:
        """Copies into the memory."""
        self._memory.write(self._store, data, address)

    def _within(self, seconds: float | None, run: Callable[[], Any]) -> Any:
        if seconds is None:
            return self._translate(run)
        with self._program.lock:
            self._store.set_epoch_deadline(1)
            timer = threading.Timer(seconds, self._engine.increment_epoch)
            timer.daemon = True
            timer.start()
            try:
                return self._translate(run)
            finally:
                timer.cancel()
                # One that is just going off must not end the time of the next call.
                timer.join()

    def _translate(self, run: Callable[[], Any]) -> Any:
        try:
            return run()
        except wasmtime.Trap as trap:
            code = trap.trap_code
            name = 'unknown' if code is None else code.name
            if name == 'INTERRUPT':
                raise engine.TimeOutError from None
            found = _TRAPS.get(name, 'unknown')
            raise engine.TrapError(found, found if found != 'unknown' else trap.message) from None
        except wasmtime.WasmtimeError as error:
            # No trap, but not enough memory for an instance and the like: no way to go on either.
            raise engine.TrapError('unknown', str(error)) from None


def _type_of(type_: str) -> wasmtime.FuncType:
    result, _, parameters = type_.rstrip(')').partition('(')
    makers = {'i': wasmtime.ValType.i32, 'I': wasmtime.ValType.i64}
    results = [] if result == 'v' else [makers[result]()]
    return wasmtime.FuncType([makers[one]() for one in parameters], results)
