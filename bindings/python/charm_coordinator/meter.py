"""Prepares a module that is not trusted.

The rewriter, ``meter.wasm``, checks it and gives it fuel, so that it stops at the same instruction
in every language.
"""

from __future__ import annotations

import json
import os
from typing import Literal

from charm_coordinator import artifact, engine, errors

Contract = Literal['policy', 'command', 'either']
"""``either``: the rewriter finds out which of the two it is."""

_CONTRACTS: dict[Contract, int] = {'policy': 1, 'command': 2, 'either': 3}
_FILE = os.path.join(os.path.dirname(__file__), 'meter.wasm')
_LIMITS = engine.Limits(memory=64 << 20, text=1 << 20, time=None, fuel=None)

_programs: dict[engine.Compile, engine.Program] = {}


def prepare(
    wasm: bytes, contract: Contract, *, pages: int, fuel: int, compile_module: engine.Compile
) -> bytes:
    """The module with fuel in it, to be compiled and run in its place.

    Args:
        wasm: the content of a ``.wasm`` file, at most 4 MiB.
        contract: what it is prepared as.
        pages: the most that its memory may have, in pages of 64 KiB.
        fuel: what one instance has for everything it does; an instruction costs 1.
        compile_module: the adapter of the engine that runs the rewriter.

    Raises:
        ModuleError: what is wrong with it; the message names the place, as a byte of the file.
        InstallationError: ``no_core`` if the rewriter is not there.
    """
    running = _load(compile_module).instantiate(None)
    address = running.call('meter_alloc', (len(wasm),), None) & 0xFFFF_FFFF
    if address == 0:
        raise errors.ModuleError('too_big', f'the file has {len(wasm)} bytes')
    running.write(address, wasm)
    args = (address, len(wasm), _CONTRACTS[contract], pages, fuel)
    packed = running.call('meter_prepare', args, None) & 0xFFFF_FFFF_FFFF_FFFF
    answer = running.read(packed >> 32, packed & 0xFFFF_FFFF)
    # No module begins with this, and JSON does.
    if not answer.startswith(b'{'):
        return answer
    error = json.loads(answer)['error']
    raise errors.ModuleError(error['code'], _message_of(**error))


def read_meter() -> bytes:
    """The rewriter's bytes: the same in every binding.

    Raises:
        InstallationError: ``no_core``.
    """
    return artifact.read_file(_FILE)


def _message_of(code: str, message: str, at: int, reason: str) -> str:
    return f'{message} ({reason}, byte {at})' if code == 'not_wasm' else message


def _load(compile_module: engine.Compile) -> engine.Program:
    if compile_module not in _programs:
        wasm = read_meter()
        _programs[compile_module] = artifact.load_program(
            wasm, _LIMITS, compile_module, lambda: compile_module(wasm, _LIMITS)
        )
    return _programs[compile_module]
