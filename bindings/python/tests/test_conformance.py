"""The Python binding walks the conformance kit; its README.md says how."""

from __future__ import annotations

import json
import math
import pathlib
from typing import Any

import pytest
import wasmtime

from charm_coordinator import contract, core, errors, module

KIT = pathlib.Path(__file__).parents[3] / 'tests' / 'conformance'


def _read(name: str) -> Any:
    return json.loads((KIT / name).read_text())


def _pad(wasm: bytes, size: int) -> bytes:
    """The module with a custom section of so many bytes, which changes nothing but its size."""
    length = bytes((size >> shift) & 0x7F | 0x80 for shift in (0, 7, 14))
    return wasm + b'\0' + length + bytes([size >> 21]) + bytes(size)


def _module_of(guest: dict[str, Any]) -> bytes:
    if 'hex' in guest:
        return bytes.fromhex(guest['hex'])
    wasm = bytes(wasmtime.wat2wasm((KIT / 'guests' / f'{guest["guest"]}.wat').read_text()))
    return _pad(wasm, guest['padding']) if 'padding' in guest else wasm


def _outcome(guest: dict[str, Any]) -> dict[str, Any]:
    """Runs a guest as a policy and says what became of it, and where."""
    at = 'load'
    try:
        # Only who never ends is cut short early: on a loaded machine others may need their time.
        time = 0.1 if guest.get('error') == 'timeout' else None
        loaded = module.load_module(_module_of(guest), 'policy', time=time)
        at = 'call'
        answer = loaded.instantiate().call(guest.get('input', '{"op":"describe"}').encode())
        contract.parse_answer(answer)
        return {'at': at, 'answer': answer.decode()}
    except errors.ModuleError as error:
        trap = {} if error.trap is None else {'trap': error.trap}
        return {'at': at, 'error': error.code, **trap}


@pytest.mark.parametrize('guest', _read('guests.json'), ids=lambda guest: guest['guest'])
def test_guest(guest: dict[str, Any]):
    expected = {key: guest[key] for key in ('at', 'answer', 'error', 'trap') if key in guest}
    assert _outcome(guest) == expected


def _input_of(step: dict[str, Any]) -> bytes:
    if 'in_hex' in step:
        return bytes.fromhex(step['in_hex'])
    if 'in_text' in step:
        return step['in_text'].encode()
    return json.dumps(step['in'], ensure_ascii=False, separators=(',', ':')).encode()


@pytest.mark.parametrize('file', sorted(path.name for path in (KIT / 'vectors').glob('*.json')))
def test_vectors(file: str):
    for vector in _read(f'vectors/{file}'):
        instance = core.fresh_core()
        for number, step in enumerate(vector['steps'], 1):
            answer = instance.call(_input_of(step))
            assert answer == step['out'].encode(), f'{vector["name"]}, step {number}'
