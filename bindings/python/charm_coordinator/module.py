"""Loads a WebAssembly file and checks that it keeps the contract of ``host/abi.md``.

That happens before anything depends on it.
"""

from __future__ import annotations

import math
from collections.abc import Container, Sequence
from typing import TYPE_CHECKING, Literal

from charm_coordinator import binary, engine, errors

if TYPE_CHECKING:
    from charm_coordinator import meter

ModuleKind = Literal['core', 'policy']

ABI = 1
"""The version of the contract that this binding speaks."""

_MIB = 1 << 20
_PAGE = 1 << 16
_MOST_BYTES = _MIB
_MOST_PAGES = {'core': 1024, 'policy': 256}
_LIMITS = {
    'core': engine.Limits(memory=1024 * _PAGE, text=64 * _MIB, time=None, fuel=None),
    'policy': engine.Limits(memory=256 * _PAGE, text=_MIB, time=2.0, fuel=100_000_000),
}

PREPARED = f'{_MOST_PAGES["policy"]} pages, {_LIMITS["policy"].fuel} fuel'
"""What is put into a policy."""

_REQUIRED = {
    'coordinator_abi': '() -> i32',
    'coordinator_alloc': '(i32) -> i32',
    'coordinator_call': '(i32, i32) -> i64',
}
_OPTIONAL = {'_initialize': '() -> ()'}
_BEGIN = ('coordinator_start', '_initialize')


class Module:
    """A module that keeps the contract. Compiled once; each use takes a fresh instance."""

    def __init__(self, program: engine.Program, limits: engine.Limits, *, begin: Sequence[str]):
        """For :func:`load_module`, which checks what it is given."""
        self._program = program
        self._limits = limits
        self._begin = begin

    def instantiate(self) -> engine.Instance:
        """Makes a fresh instance.

        Raises:
            ModuleError: ``trap`` or ``timeout``, from code that runs at the start.
        """
        return engine.Instance(self._program, self._limits, begin=self._begin)


def limits_of(kind: ModuleKind, time: float | None = None) -> engine.Limits:
    """The limits of a kind of module, with another time if one is given; ``math.inf`` is none."""
    limits = _LIMITS[kind]
    if time is None:
        return limits
    return limits._replace(time=None if time == math.inf else time)


def load_module(
    wasm: bytes,
    kind: ModuleKind,
    *,
    time: float | None = None,
    compile_module: engine.Compile | None = None,
) -> Module:
    """Checks a file and compiles it.

    What runs at the module's start runs here once, within the limits.

    Args:
        wasm: the content of a ``.wasm`` file.
        kind: what the module is to be used as; the core may use more.
        time: seconds one instance may run, if its fuel lasts. Default: 2 for a policy, no limit
            for the core.
        compile_module: the engine's adapter. Default: that of the engine that is here.

    Raises:
        ModuleError: with the code of the first check that fails, in the order of ``host/abi.md``.
        InstallationError: if there is no engine.
    """
    if len(wasm) > _MOST_BYTES:
        raise errors.ModuleError(
            'too_big', f'the file has {len(wasm)} bytes; expected at most {_MOST_BYTES}'
        )
    limits = limits_of(kind, time)
    compile_module = compile_module or engine.pick()
    if kind == 'policy':
        wasm = prepare(wasm, 'policy', compile_module)
    program = compile_program(wasm, limits, compile_module)
    if kind == 'core':
        exports = _check_binary(wasm)
        _check_memory(exports.get('memory'))
        _check_functions(exports)
    module = Module(program, limits, begin=begin_of(program.exports))
    check_abi(module)
    return module


def begin_of(exports: Container[str]) -> Sequence[str]:
    """What is called in an instance before anything else, in this order."""
    return [name for name in _BEGIN if name in exports]


def check_abi(module: Module) -> None:
    """Asks a module for its version of the contract.

    Raises:
        ModuleError: ``wrong_abi``, and what the call raises.
    """
    abi = module.instantiate().abi()
    if abi != ABI:
        raise errors.ModuleError(
            'wrong_abi',
            f'it keeps version {abi} of the contract; this host knows version {ABI}',
        )


def prepare(wasm: bytes, contract: meter.Contract, compile_module: engine.Compile) -> bytes:
    """A policy with its fuel in it.

    Raises:
        ModuleError: what is wrong with it.
    """
    # A hook with the core alone does not pay for this import.
    from charm_coordinator import meter

    pages, fuel = _MOST_PAGES['policy'], _LIMITS['policy'].fuel
    assert fuel is not None
    return meter.prepare(wasm, contract, pages=pages, fuel=fuel, compile_module=compile_module)


def compile_program(
    wasm: bytes, limits: engine.Limits, compile_module: engine.Compile
) -> engine.Program:
    """A program of a file's bytes.

    Raises:
        ModuleError: ``not_wasm``.
    """
    try:
        return compile_module(wasm, limits)
    except engine.InvalidError as error:
        raise errors.ModuleError(
            'not_wasm', f'it is no valid WebAssembly module: {error}'
        ) from None


def _check_binary(wasm: bytes) -> dict[str, binary.Export]:
    try:
        found = binary.read_first_import(wasm)
        if found is not None:
            raise errors.ModuleError('has_import', f'it imports {found}; a module imports nothing')
        return binary.read_exports(wasm)
    except binary.BinaryError as error:
        raise errors.ModuleError(
            'not_wasm',
            f'it uses more than WebAssembly 1 with bulk memory and sign extension: {error}',
        ) from None


def _check_memory(memory: binary.Export | None) -> None:
    most = _MOST_PAGES['core']
    if memory is None or memory.kind != 'memory':
        found = 'nothing' if memory is None else f'a {memory.kind}'
        raise errors.ModuleError(
            'no_memory', f'it exports {found} as "memory"; expected its memory'
        )
    if memory.max is None or memory.max > most:
        found = 'no maximum' if memory.max is None else f'a maximum of {memory.max} pages'
        raise errors.ModuleError(
            'no_max', f'its memory declares {found}; expected at most {most} pages'
        )


def _check_functions(exports: dict[str, binary.Export]) -> None:
    for name, expected in _REQUIRED.items():
        if name not in exports:
            raise errors.ModuleError('missing_export', f'it does not export {name}: {expected}')
    for name, expected in (_REQUIRED | _OPTIONAL).items():
        found = exports.get(name)
        if found is None:
            continue
        type_ = found.type if found.kind == 'function' else f'a {found.kind}'
        if type_ != expected:
            raise errors.ModuleError('wrong_type', f'{name} is {type_}; expected {expected}')
