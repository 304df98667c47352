"""Runs a module: one instance, bytes in, bytes out; every way in which that can fail has a code.

What really runs the code is one of two engines behind the same small adapter:
``engine_wasmtime`` where wasmtime is installed and works, else ``engine_wasm3``.
"""

from __future__ import annotations

import time
from collections import abc
from typing import NamedTuple, Protocol, TypeVar

from charm_coordinator import errors

_T = TypeVar('_T')


class Limits(NamedTuple):
    """What a module may use. Those of a policy and of the core are in ``module``."""

    memory: int
    """Bytes."""
    text: int
    """Bytes of one input or answer."""
    time: float | None
    """Seconds of wall clock for everything one instance does; None for no limit."""
    fuel: int | None
    """What ``meter`` has put into the module for all that one instance does; None if nothing."""


class InvalidError(Exception):
    """The engine refuses the file: it is no valid module."""


class TrapError(Exception):
    """The module trapped; ``code`` is that of ``host/abi.md``."""

    def __init__(self, code: str, message: str):
        super().__init__(message)
        self.code = code


class TimeOutError(Exception):
    """The time that was given is over."""


class Running(Protocol):
    """One instance, as an engine shows it. Addresses and lengths are unsigned."""

    def call(self, name: str, args: tuple[int, ...], seconds: float | None) -> int:
        """Calls an export; its result, 0 if it has none.

        Raises:
            TrapError, TimeOutError
        """
        ...

    def value(self, name: str) -> int:
        """The value of an exported global, signed."""
        ...

    def size(self) -> int:
        """Bytes that the memory has now."""
        ...

    def read(self, address: int, length: int) -> bytes:
        """A copy of a part of the memory."""
        ...

    def write(self, address: int, data: bytes) -> None:
        """Copies into the memory."""
        ...


class Import(NamedTuple):
    """A function that a host gives to a module."""

    module: str
    name: str
    type: str
    """Its result and parameters, as letters: ``i(iIi)``, with i an i32, I an i64, v nothing."""
    run: abc.Callable[..., int | None]
    """Takes the parameters as signed integers. What it raises ends the call as it is."""


class Program(Protocol):
    """A compiled module, as an engine shows it."""

    @property
    def imports(self) -> bool:
        """Whether it imports anything."""
        ...

    @property
    def exports(self) -> abc.Container[str]:
        """The names that it exports."""
        ...

    def instantiate(self, seconds: float | None, given: abc.Sequence[Import] = ()) -> Running:
        """Makes an instance, and runs the module's start function.

        Args:
            seconds: it may take; None for no limit.
            given: what it may import.

        Raises:
            TrapError, TimeOutError
        """
        ...


class Callable(Protocol):
    """Takes JSON, answers JSON; both UTF-8."""

    def call(self, text: bytes) -> bytes:
        """Gives one input and takes the answer.

        Raises:
            ModuleError
        """
        ...


class Guarded:
    """One instance within its limits. It does nothing after its first ModuleError.

    Raises:
        ModuleError: ``trap`` or ``timeout`` from the start function or ``_initialize``.
    """

    def __init__(
        self,
        program: Program,
        limits: Limits,
        *,
        begin: abc.Sequence[str],
        given: abc.Sequence[Import] = (),
    ):
        self._limits = limits
        self._time_left = limits.time
        self._failure: errors.ModuleError | None = None
        self._running = self._guard(lambda seconds: program.instantiate(seconds, given))
        for name in begin:
            self._run(name)

    @property
    def fuel_used(self) -> int | None:
        """The fuel it has used so far, the same everywhere; None if it was given none."""
        fuel = self._limits.fuel
        return None if fuel is None else fuel - self._running.value('coordinator_fuel')

    def _check_input(self, text: bytes) -> None:
        length, most = len(text), self._limits.text
        if length > most:
            raise self._fail('too_long', f'the input has {length} bytes; the limit is {most}')

    def _check_utf8(self, answer: bytes) -> None:
        try:
            answer.decode('utf-8')
        except UnicodeDecodeError as error:
            message = f'the answer of {len(answer)} bytes is not UTF-8: {error.reason}'
            raise self._fail('not_utf8', message) from None

    def _run(self, name: str, *args: int) -> int:
        return self._guard(lambda seconds: self._running.call(name, args, seconds))

    def _guard(self, run: abc.Callable[[float | None], _T]) -> _T:
        """Runs the module's code within what is left of its time, and gives traps their code."""
        if self._failure is not None:
            raise self._failure
        if self._time_left is None:
            return self._translate(run, None)
        started = time.monotonic()
        try:
            return self._translate(run, max(self._time_left, 0.001))
        finally:
            self._time_left -= time.monotonic() - started

    def _translate(self, run: abc.Callable[[float | None], _T], seconds: float | None) -> _T:
        try:
            return run(seconds)
        except TimeOutError:
            raise self._fail('timeout', f'it ran longer than {self._limits.time} s') from None
        except TrapError as trap:
            raise self._explain(trap) from None

    def _explain(self, trap: TrapError) -> errors.ModuleError:
        """What is added to a module traps as the module might: only what it leaves behind tells."""
        fuel = self._limits.fuel
        if fuel is not None and hasattr(self, '_running'):
            if self._running.value('coordinator_fuel') < 0:
                return self._fail('timeout', f'it used more than {fuel} fuel')
            if self._running.value('coordinator_stack') < 0:
                return self._fail('trap', 'it trapped: stack_overflow', 'stack_overflow')
        return self._fail('trap', f'it trapped: {trap}', trap.code)

    def _fail(self, code: str, message: str, trap: str | None = None) -> errors.ModuleError:
        self._failure = errors.ModuleError(code, message, trap)
        return self._failure


class Instance(Guarded):
    """One instance of a module that has been checked by ``load_module``.

    It serves one hook (the core) or one operation (a policy).
    """

    def abi(self) -> int:
        """The version of the contract that the module keeps."""
        return _signed(self._run('coordinator_abi'))

    def call(self, text: bytes) -> bytes:
        """Gives the module one input and takes its answer.

        Raises:
            ModuleError: by the codes of ``host/abi.md``.
        """
        self._check_input(text)
        length, most = len(text), self._limits.text
        address = self._run('coordinator_alloc', length) & 0xFFFF_FFFF
        if address == 0:
            raise self._fail('no_alloc', f'coordinator_alloc({length}) refused')
        self._check_range(address, length, 'coordinator_alloc')
        self._running.write(address, text)

        packed = self._run('coordinator_call', address, length) & 0xFFFF_FFFF_FFFF_FFFF
        address, length = packed >> 32, packed & 0xFFFF_FFFF
        self._check_range(address, length, 'coordinator_call')
        if length > most:
            raise self._fail('too_long', f'the answer has {length} bytes; the limit is {most}')
        answer = self._running.read(address, length)
        self._check_utf8(answer)
        return answer

    def _check_range(self, address: int, length: int, who: str) -> None:
        # The memory may have grown in the call before, so its size is looked up each time.
        size = self._running.size()
        if address + length > size:
            message = f'{who} answered {length} bytes at {address}; the memory has {size}'
            raise self._fail('out_of_range', message)


def _signed(value: int) -> int:
    value &= 0xFFFF_FFFF
    return value - (1 << 32) if value >> 31 else value


class Compile(Protocol):
    """What an adapter offers."""

    def __call__(self, wasm: bytes, limits: Limits) -> Program:
        """Compiles a file.

        Raises:
            InvalidError
        """
        ...


def pick() -> Compile:
    """The adapter of the engine that is here: wasmtime, else wasm3.

    Raises:
        InstallationError: ``no_engine``; the message names the machine and the choice.
    """
    # wasmtime can be installed and yet refuse to load: its wheel for any machine has no library.
    try:
        from charm_coordinator import engine_wasmtime

        return engine_wasmtime.compile_module
    except (ImportError, RuntimeError, OSError) as error:
        refusal = str(error)
    try:
        from charm_coordinator import engine_wasm3

        return engine_wasm3.compile_module
    except ImportError:
        pass
    # Only for the message: a hook that has an engine does not pay for this import.
    import platform

    machine = platform.machine() or 'an unknown machine'
    raise errors.InstallationError(
        'no_engine',
        f'no engine for WebAssembly on {machine} ({refusal}): install wasmtime, which is there for '
        'x86_64 and aarch64, or pywasm3, which is compiled for any machine',
    )
