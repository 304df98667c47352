"""The Python binding walks the conformance kit; its README.md says how."""

from __future__ import annotations

import importlib
import json
import math
import os
import pathlib
import re
from collections.abc import Callable
from typing import Any

import application
import pytest
import wasmtime

from charm_coordinator import core, engine, errors, exchange, module, policy

KIT = pathlib.Path(__file__).parents[3] / 'tests' / 'conformance'


def _read(name: str) -> Any:
    return json.loads((KIT / name).read_text())


GUESTS: list[dict[str, Any]] = _read('guests.json')
DECIDE: Any = {key: value for key, value in _read('decide.json').items() if key != 'op'}
VECTORS = sorted(path.name for path in (KIT / 'vectors').glob('*.json'))


def _pad(wasm: bytes, size: int) -> bytes:
    """The module with a custom section of so many bytes, which changes nothing but its size."""
    length = bytes((size >> shift) & 0x7F | 0x80 for shift in (0, 7, 14))
    return wasm + b'\0' + length + bytes([size >> 21]) + bytes(size)


def _module_of(guest: dict[str, Any]) -> bytes:
    if 'hex' in guest:
        return bytes.fromhex(guest['hex'])
    wasm = bytes(wasmtime.wat2wasm((KIT / 'guests' / f'{guest["guest"]}.wat').read_text()))
    return _pad(wasm, guest['padding']) if 'padding' in guest else wasm


def _outcome(guest: dict[str, Any], compile_module: engine.Compile | None = None) -> dict[str, Any]:
    """Runs a guest as a policy and says what became of it, and where."""
    instance: engine.Instance | None = None

    def found(**outcome: str) -> dict[str, Any]:
        return outcome if instance is None else {**outcome, 'fuel': instance.fuel_used}

    at = 'load'
    try:
        wasm = _module_of(guest)
        # No clock: on a loaded machine any may be too early, and the fuel ends whoever does not.
        loaded = module.load_module(wasm, 'policy', time=math.inf, compile_module=compile_module)
        at = 'call'
        instance = loaded.instantiate()
        answer = instance.call(guest.get('input', '{"op":"describe"}').encode())
        exchange.parse_answer(answer)
        return found(at=at, answer=answer.decode())
    except errors.ModuleError as error:
        trap = {} if error.trap is None else {'trap': error.trap}
        return found(at=at, error=error.code, **trap)


def _outcome_as_policy(
    guest: dict[str, Any], compile_module: engine.Compile | None = None
) -> dict[str, Any]:
    """Runs a guest as a whole policy and says what became of it, and where."""
    ops = ['load']
    call = policy.Runner.call

    def noting(runner: policy.Runner, given: Any, log: Any = None) -> Any:
        # The first one loads it, which is no part of the operation.
        assert runner.kind
        ops.append(given['op'])
        return call(runner, given, log)

    log: list[str] = []
    told: dict[str, Any] = {}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(policy.Runner, 'call', noting)
        try:
            wasm, config = _module_of(guest), guest.get('config')
            loaded = policy.load_policy(
                wasm, config=config, time=math.inf, compile_module=compile_module
            )
            told['needs'] = loaded.needs
            try:
                told['decision'] = loaded.decide(DECIDE, log.append)
            finally:
                told |= {'log': log, 'fuel': loaded.fuel_used}
        except errors.ModuleError as error:
            says = guest.get('says', '')
            told |= {'error': error.code, 'says': says if says in str(error) else str(error)}
            told |= {} if error.trap is None else {'trap': error.trap}
    return {'at': ops[-1], **{key: told[key] for key in told if key in guest or key == 'error'}}


def _check_guest(guest: dict[str, Any], compile_module: engine.Compile | None = None) -> None:
    is_policy = guest.get('as') == 'policy'
    outcome = _outcome_as_policy if is_policy else _outcome
    members = ('at', 'answer', 'decision', 'needs', 'error', 'trap', 'says', 'log', 'fuel')
    expected = {key: guest[key] for key in members if key in guest}
    assert outcome(guest, compile_module) == expected


@pytest.mark.parametrize('guest', GUESTS, ids=lambda guest: guest['guest'])
def test_guest(guest: dict[str, Any]):
    _check_guest(guest)


def _input_of(step: dict[str, Any]) -> bytes:
    if 'in_hex' in step:
        return bytes.fromhex(step['in_hex'])
    if 'in_text' in step:
        return step['in_text'].encode()
    return json.dumps(step['in'], ensure_ascii=False, separators=(',', ':')).encode()


@pytest.mark.parametrize('file', VECTORS)
def test_vectors(file: str):
    _walk(file, core.fresh_core)


def _walk(file: str, make_core: Callable[[], engine.Instance]) -> None:
    for vector in _read(f'vectors/{file}'):
        instance = make_core()
        for number, step in enumerate(vector['steps'], 1):
            answer = instance.call(_input_of(step))
            assert answer == step['out'].encode(), f'{vector["name"]}, step {number}'


def _run(told: application.Application, line: str) -> list[str]:
    """One line of a script: a command, its arguments and options, which may stand in quotes."""
    command, *rest = re.findall(r"(?:[^\s']|'[^']*')+", line)
    options: dict[str, str] = {}
    args: list[str] = []
    for word in rest:
        if found := re.fullmatch(r'([\w-]+)=(.*)', word, re.DOTALL):
            options[found[1]] = re.sub(r"^'(.*)'$", r'\1', found[2], flags=re.DOTALL)
        else:
            args.append(word)
    return told.run(command, args, options)


def _play(script: str) -> str:
    told = application.Application()
    blocks: list[str] = []
    for block in re.split(r'\n\n+', script.rstrip()):
        commands = block.split('\n----')[0]
        lines = [line for line in commands.split('\n') if not line.startswith('#')]
        output = [line for command in lines for line in _run(told, command)]
        blocks.append('\n'.join([commands, '----', *output]) if lines else commands)
    return '\n\n'.join(blocks) + '\n'


@pytest.mark.parametrize('file', sorted(path.name for path in (KIT / 'scripts').glob('*.txt')))
def test_script(file: str):
    script = (KIT / 'scripts' / file).read_text()
    assert _play(script) == script


# wasm3 takes the place of wasmtime where that has no library.
@pytest.fixture
def compile_in_wasm3() -> engine.Compile:
    """Its adapter; it has to be compiled, and may be missing, but never in CI."""
    name = 'charm_coordinator.engine_wasm3'
    if os.environ.get('CI') == 'true':
        return importlib.import_module(name).compile_module
    return pytest.importorskip(name, exc_type=ImportError).compile_module


@pytest.mark.parametrize('guest', GUESTS, ids=lambda guest: guest['guest'])
def test_guest_in_wasm3(guest: dict[str, Any], compile_in_wasm3: engine.Compile):
    _check_guest(guest, compile_in_wasm3)


@pytest.mark.parametrize('file', VECTORS)
def test_vectors_in_wasm3(file: str, compile_in_wasm3: engine.Compile):
    loaded = module.load_module(core.read_core(), 'core', compile_module=compile_in_wasm3)
    _walk(file, loaded.instantiate)
