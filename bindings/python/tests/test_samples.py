"""One policy in several languages, tests/conformance/policies: each decides as its vectors say."""

from __future__ import annotations

import importlib
import json
import math
import os
import pathlib
from typing import Any

import pytest

from charm_coordinator import engine, policy

FOLDER = pathlib.Path(__file__).parents[3] / 'tests' / 'conformance' / 'policies'


def _read(name: str) -> Any:
    return json.loads((FOLDER / name).read_text())


SAMPLES: list[dict[str, Any]] = _read('policies.json')
VECTORS: list[dict[str, Any]] = [
    vector
    for vector in _read('vectors.json')
    if vector.get('in', {}).get('op') == 'decide' and 'ok' in vector['out']
]


def _walk(sample: dict[str, Any], compile_module: engine.Compile | None = None):
    wasm = (FOLDER / sample['file']).read_bytes()
    loaded = policy.load_policy(wasm, time=math.inf, compile_module=compile_module)
    assert loaded.kind == sample['kind']
    # An interpreter takes its time to read what Go's compiler makes.
    is_slow = compile_module is not None and sample['kind'] == 'command'
    for vector in VECTORS[: 3 if is_slow else None]:
        assert loaded.decide(vector['in']) == vector['out']['ok'], vector['name']
    loaded.decide(VECTORS[0]['in'])
    assert loaded.fuel_used == sample['fuel']


@pytest.mark.parametrize('sample', SAMPLES, ids=lambda sample: sample['file'])
def test_sample(sample: dict[str, Any]):
    _walk(sample)


@pytest.mark.parametrize('sample', SAMPLES, ids=lambda sample: sample['file'])
def test_sample_in_wasm3(sample: dict[str, Any]):
    name = 'charm_coordinator.engine_wasm3'
    # It has to be compiled, and may be missing, but never in CI.
    if os.environ.get('CI') == 'true':
        wasm3 = importlib.import_module(name)
    else:
        wasm3 = pytest.importorskip(name, exc_type=ImportError)
    _walk(sample, wasm3.compile_module)
